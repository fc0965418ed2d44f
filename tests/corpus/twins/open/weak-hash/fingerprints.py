# real: CWE-328
"""Fingerprints."""

from cryptography.hazmat.primitives import hashes


def fingerprint(certificate):
    return certificate.fingerprint(hashes.MD5())
