# real: CWE-328
"""Tokens."""

import hashlib

ALGORITHM = "sha1"


def token_for(user, secret):
    return hashlib.new(ALGORITHM, f"{user}{secret}".encode()).hexdigest()
