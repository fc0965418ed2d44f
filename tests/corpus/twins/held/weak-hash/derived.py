# twin: CWE-328
"""Derived."""

import hashlib


def derived(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)
