"""Machine tokens: what they are limited to and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from domain.access.principal import Scope

LEAST_S = 60.0
MOST_S = 366 * 24 * 3600.0
WORKLOAD_S = 15 * 60.0
"""Of a token that a workload's JWT was exchanged for."""
MOST_OF_A_PERSON = 100


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token without its secret. Times are seconds since the epoch."""

    id: str
    label: str
    owner: str
    """Name of the person whose rights of the moment bound it."""
    scope: Scope
    workload: str = ""
    """`ISSUER#SUBJECT`, when a JWT was exchanged for it; empty: a person made it."""
    created_at: float
    expires_at: float
    last_used_at: float = 0


def alive(token: Token, now: float) -> bool:
    """Whether it still counts; one of the future does not."""
    return token.created_at <= now < token.expires_at


def lifetime_complaint(lifetime_s: float) -> str:
    """Why a token cannot live so long; empty: it can."""
    if LEAST_S <= lifetime_s <= MOST_S:
        return ""
    return f"a token lives {LEAST_S:.0f} seconds to 366 days"
