"""Passwords, as argon2id keeps them (RFC 9106, the second recommended choice: 64 MiB, three passes)."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

AT_ONCE = threading.BoundedSemaphore(2)
"""Each takes 64 MiB and a core: strangers start as many as they like, and wait."""
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$" + "A" * 22 + "$" + "A" * 43
"""What is compared with where there is none: whoever guesses names waits as long."""


def kept(password: str) -> str:
    """The hash, with its salt and parameters."""
    with AT_ONCE:
        return _HASHER.hash(password)


def fits(hash_: str, password: str) -> bool:
    """Whether it is the password of a hash; an empty one fits nothing, and takes as long."""
    with AT_ONCE:
        try:
            return _HASHER.verify(hash_ or _NOBODYS, password) and bool(hash_)
        except (VerificationError, InvalidHashError):
            return False
