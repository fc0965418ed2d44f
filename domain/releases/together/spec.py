"""What the deploy job of one of several services says of all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

ONE_PLACE = "SLW709"
ONE_PLACE_FIX = "a deploy job for each service, or an environment with one cluster"


@dataclass(frozen=True, kw_only=True)
class Together:
    """Services that are released as one."""

    name: str
    """Of the release of all of them; none of them has it."""
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Service to those that it calls."""


def refused_in(environment: str, clusters: int) -> str:
    """Why services are not released as one there; empty: they may be. `clusters`: of those with waves, how many."""
    if clusters == 0:
        return ""
    return f"services are released as one to one place, and {environment} is registered with several clusters"
