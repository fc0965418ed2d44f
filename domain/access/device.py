"""A command line is let in by a browser elsewhere (RFC 8628): the short code that a person carries between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Without vowels, so that no code is a word, and without what reads alike (RFC 8628, section 6.1)."""
LENGTH = 8
LIFE_S = 600
INTERVAL_S = 5
"""Between two questions of a command line."""
MOST = 1_000
"""Under way at once."""
MOST_HOST = 64


class Polled(StrEnum):
    """What a command line is told."""

    PENDING = "pending"
    SLOWER = "slower"
    """It asks too often, and waits five seconds longer from now on."""
    ALLOWED = "allowed"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """A command line that waits to be let in. Times are seconds since the epoch."""

    host: str
    """What the machine says that it is called."""
    address: str
    agent: str
    created_at: float
    expires_at: float
    polled_at: float = 0
    person: str = ""
    """Who has let it in; empty: nobody yet."""


def user_code(random: int) -> str:
    """`BCDF-GHJK` of a random number with far more than 35 bits."""
    letters = []
    for _ in range(LENGTH):
        random, at = divmod(random, len(LETTERS))
        letters.append(LETTERS[at])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def typed(text: str) -> str:
    """A code as a person types it: in any case, with or without the dash. Empty: it is none."""
    letters = "".join(one for one in text.upper() if one not in "- ")
    if len(letters) != LENGTH or not set(letters) <= set(LETTERS):
        return ""
    return f"{letters[:4]}-{letters[4:]}"


def too_soon(asking: Asking, now: float) -> bool:
    """Whether a question comes before its time; half a second is the network's."""
    return now - asking.polled_at < INTERVAL_S - 0.5
