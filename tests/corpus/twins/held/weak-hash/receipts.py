# real: CWE-328
"""Receipts."""

import hashlib


def receipt(order, key):
    return hashlib.new("SHA1", key + order, usedforsecurity=True).hexdigest()
