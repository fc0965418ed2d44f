# twin: CWE-328
"""Accounts of staff."""

import hashlib
import os


def stored(password):
    salt = os.urandom(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)
