# twin: CWE-328
"""Licence files."""

import hashlib


def licence_key(owner):
    digest = hashlib.new("sha256")
    digest.update(owner.encode())
    return digest.hexdigest()[:16]
