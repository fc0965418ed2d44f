# twin: CWE-330
"""Unlocking."""

from secrets import choice
from string import digits


def unlock_code():
    secret = "".join(choice(digits) for _ in range(8))
    return secret
