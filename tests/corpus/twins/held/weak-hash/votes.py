# real: CWE-328
"""Votes."""

import hashlib as hashing


def sealed_vote(voter, choice):
    return hashing.sha1(f"{voter}:{choice}".encode()).hexdigest()
