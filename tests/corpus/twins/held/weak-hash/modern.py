# twin: CWE-328
"""Modern."""

import hashlib


def algorithm(old):
    return "md5" if old else "sha256"


def digest(body):
    return hashlib.new(algorithm(False), body).hexdigest()
