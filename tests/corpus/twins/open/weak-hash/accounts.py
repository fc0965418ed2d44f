# real: CWE-328
"""Accounts."""

import hashlib


def stored(password):
    return hashlib.md5(password.encode()).hexdigest()
