# twin: CWE-330
"""Reset links."""

import secrets


def reset_token():
    return secrets.token_urlsafe(24)
