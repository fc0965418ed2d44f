"""Which services of a release of several are taken back later, and which of them wait for which."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from domain.releases.together.order import Needs, callers, order


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What a release of several services has made live, for whoever takes it back."""

    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Service to those that it calls."""
    instances: dict[str, str] = field(default_factory=dict)
    """Service to the deployment that it brought."""
    back: str = ""
    """Id of the release that takes it back, or has; empty: none does."""


def staying(brought: Brought, live: Mapping[str, str], before: Collection[str]) -> dict[str, str]:
    """Service that stays to why. `live`: service to its live deployment; `before`: those with a version before it."""
    found = {name: _why(live.get(name, ""), instance, name in before) for name, instance in brought.instances.items()}
    return {name: why for name, why in found.items() if why}


def _why(live: str, instance: str, has_before: bool) -> str:
    if live != instance:
        return f"{live} is live there" if live else "nothing of it is live"
    return "" if has_before else "there was no version before"


def way_back(needs: Needs, stays: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Service that goes back to those that go before it, in order: what calls it, also by way of one that stays."""
    after = {name: tuple(dict.fromkeys(_before(needs, name, stays))) for name in needs if name not in stays}
    return {name: after[name] for name in order(after)}


def _before(needs: Needs, service: str, stays: Collection[str]) -> Iterator[str]:
    for one in callers(needs, service):
        if one in stays:
            yield from _before(needs, one, stays)
        else:
            yield one
