# twin: CWE-328
"""Token maker."""

import hashlib

ALGORITHM = "sha512"


def token_for(user, secret):
    return hashlib.new(ALGORITHM, f"{user}{secret}".encode()).hexdigest()
