# real: CWE-328
"""Secrets of users."""

import hashlib


def derived(password, salt):
    return hashlib.pbkdf2_hmac("md5", password, salt, 100_000)
