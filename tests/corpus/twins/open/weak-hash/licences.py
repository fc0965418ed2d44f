# real: CWE-328
"""Licences."""

import hashlib


def licence_key(owner):
    digest = hashlib.new("md5")
    digest.update(owner.encode())
    return digest.hexdigest()[:16]
