# real: CWE-328
"""Pins."""

import hashlib


def check_pin(pin, stored):
    hashed = hashlib.md5()
    hashed.update(pin.encode())
    return hashed.hexdigest() == stored
