"""Whether the worker in a cluster does what it is asked to: it believes the signer, and no messenger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from domain.authority.cluster_orders import APPLY_REQUEST, CHANGE_OBJECT, CREATE_POD, END_REQUEST, REMOVE_POD
from domain.authority.permit import Effect, Permit, digest_of

YOUNGEST_S = 120.0
"""A permit is used at once: an older one was kept by somebody."""
AHEAD_S = 60.0
"""How far the signer's clock may run ahead."""
ACTIONS = frozenset({CHANGE_OBJECT, APPLY_REQUEST, END_REQUEST, CREATE_POD, REMOVE_POD})


def permit_of(said: Mapping[str, Any]) -> Permit:
    """Raises:
    ValueError: it is none.
    """
    return msgspec.convert(dict(said), Permit)


@dataclass
class Permits:
    """Those that the worker in a cluster has used. `since`: when it began, in Unix seconds: what it may have used
    before, it does not remember, so it takes nothing from then.
    """

    cluster: str
    since: float
    _used: dict[int, float] = field(default_factory=dict)
    """By their line in the signer's log: until when each would count."""

    def refusal(self, permit: Permit, what: Mapping[str, Any], now: float) -> str:
        """Why a permit that the signer has signed is none for this here and now; empty: it is."""
        if permit.effect != Effect.CLUSTER or permit.action not in ACTIONS:
            return f"the permit is for another action: {permit.action[:60]}"
        if permit.subject != self.cluster:
            return f"the permit is for another cluster: {permit.subject[:60]}"
        if permit.digest != digest_of(dict(what)):
            return "the permit is for something else"
        if not permit.made_at - AHEAD_S <= now < min(permit.made_at + YOUNGEST_S, permit.expires_at):
            return "the permit has expired, or a clock is wrong"
        if permit.made_at < self.since:
            return "the permit is from before this worker began"
        if permit.entry in self._used:
            return "the permit was used already"
        return ""

    def use(self, permit: Permit, now: float) -> None:
        """From now on it counts no more."""
        for entry in [entry for entry, until in self._used.items() if until <= now]:
            del self._used[entry]
        self._used[permit.entry] = permit.made_at + YOUNGEST_S
