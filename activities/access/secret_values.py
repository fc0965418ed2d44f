"""Secrets that clients hold: made here, kept as their hash alone.

They have 256 random bits, so one round of SHA-256 is enough: nobody can try them all.
"""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32
TOKEN = "slw_"
"""Begins a machine token, so that scanners find one that was committed."""
LOGIN = "sll_"
"""Begins the session of a command line."""
MOST_CHARACTERS = 200


def new(prefix: str = "") -> str:
    """A new secret, in the alphabet of URLs."""
    return prefix + secrets.token_urlsafe(BYTES)


def new_id() -> str:
    """A public id of 80 random bits: unique, and no secret."""
    return secrets.token_hex(10)


def hashed(secret: str) -> str:
    """What is kept of it: SHA-256 in hex. A text that is too long to be one has the hash of none."""
    return hashlib.sha256(secret[:MOST_CHARACTERS].encode("utf-8", "surrogatepass")).hexdigest()
