# twin: CWE-328
"""Buckets."""

import hashlib as hashing

FAST = {"usedforsecurity": False}


def bucket(name):
    return hashing.md5(name.encode(), **FAST).digest()[0] % 16
