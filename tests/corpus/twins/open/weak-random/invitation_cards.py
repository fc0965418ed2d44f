# twin: CWE-330
"""Invitation cards."""

import secrets
import string


def invite_token():
    letters = [secrets.choice(string.ascii_letters) for _ in range(16)]
    return "".join(letters)
