# real: CWE-328
"""Envelopes."""

import hashlib

METHODS = {"short": hashlib.md5, "long": hashlib.sha256}


def sealed(body):
    return METHODS["short"](body).digest()
