# real: CWE-328
"""Certificates."""

from cryptography.hazmat.primitives.hashes import SHA1


def signed(key, body, scheme):
    return key.sign(body, scheme, SHA1())
