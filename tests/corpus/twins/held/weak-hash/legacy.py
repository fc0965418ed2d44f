# real: CWE-328
"""Legacy."""

import hashlib


def algorithm(old):
    return "md5" if old else "sha256"


def digest(password):
    return hashlib.new(algorithm(True), password).hexdigest()
