"""Logins: how long one lives, and when it asks for the second factor again (OWASP ASVS 5.0, chapter 7)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.access.attributes import FRESH_S

IDLE_S = 30 * 60
MOST_S = 12 * 60 * 60
TOUCH_S = 60
"""`seen_at` is written at most this often: reading a page must not cost a write."""


class Way(StrEnum):
    """How somebody logged in."""

    LINK = "link"
    PASSKEY = "passkey"
    KEY = "key"
    """An Ed25519, ECDSA or RSA key, also by `ssh-keygen -Y sign`."""
    PASSWORD = "password"
    OIDC = "oidc"
    DEVICE = "device"
    """A command line that a browser elsewhere has let in: without a second factor."""


SECOND_FACTORS = frozenset({Way.PASSKEY, Way.KEY})
"""Prove a key that cannot be read off a page or guessed. A provider proves one only when it is asked for it."""


@dataclass(frozen=True, kw_only=True)
class Session:
    """A login, as the server keeps it. Times are seconds since the epoch. The secret is in the cookie alone."""

    id: str
    """Public."""
    person: str
    way: Way
    browser: bool = True
    """False: of the command line, which has no idle limit but its end."""
    began_at: float
    seen_at: float
    authenticated_at: float
    second_factor_at: float = 0
    """0: never."""
    address: str = ""
    agent: str = ""
    provider: str = ""
    """Issuer of an OIDC login; empty: a local one."""
    provider_session: str = ""
    """Its `sid`, for a logout that the provider sends."""
    provider_subject: str = ""


def alive(session: Session, now: float) -> bool:
    """Whether it still counts. A session of the future does not: the clock, or a database, lies."""
    idle = IDLE_S if session.browser else MOST_S
    return 0 <= now - session.began_at < MOST_S and now - session.seen_at < idle


def is_fresh(second_factor_at: float, now: float) -> bool:
    """Whether the second factor is of the last minutes."""
    return second_factor_at > 0 and 0 <= now - second_factor_at <= FRESH_S


def needs_touch(session: Session, now: float) -> bool:
    """Whether the time of the last request is to be written."""
    return now - session.seen_at >= TOUCH_S
