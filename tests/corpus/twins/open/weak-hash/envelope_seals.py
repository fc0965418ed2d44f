# twin: CWE-328
"""Envelope seals."""

import hashlib

METHODS = {"short": hashlib.md5, "long": hashlib.sha256}


def sealed(body):
    return METHODS["long"](body).digest()
