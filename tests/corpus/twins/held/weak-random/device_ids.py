# twin: CWE-330
"""Device ids."""

import secrets


def device_token(serial):
    token = secrets.randbits(64)
    return f"{serial}:{token:x}"
