# twin: CWE-328
"""Duplicates."""

import hashlib


def same_picture(first, second):
    prints = [hashlib.sha1(one, usedforsecurity=False).digest() for one in (first, second)]
    return prints[0] == prints[1]
