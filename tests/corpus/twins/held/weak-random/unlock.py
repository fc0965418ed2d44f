# real: CWE-330
"""Unlock."""

from random import choice
from string import digits


def unlock_code():
    secret = "".join(choice(digits) for _ in range(8))
    return secret
