# twin: CWE-328
"""Receipt numbers."""

import hashlib


def receipt(order, key):
    return hashlib.new("sha3_256", key + order).hexdigest()
