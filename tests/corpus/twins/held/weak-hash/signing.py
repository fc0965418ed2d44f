# twin: CWE-328
"""Signing."""

from cryptography.hazmat.primitives.hashes import SHA256


def signed(key, body, scheme):
    return key.sign(body, scheme, SHA256())
