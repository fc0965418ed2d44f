# twin: CWE-328
"""Prints."""

from cryptography.hazmat.primitives import hashes


def fingerprint(certificate):
    return certificate.fingerprint(hashes.SHA256())
