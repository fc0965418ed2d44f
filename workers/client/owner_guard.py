"""The guard of the owner of a home: nobody else is served in process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import time

from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change
from domain.access.audit import Recorder
from domain.access.decide import of_owner
from domain.access.principal import OWNER, Caller
from domain.access.resource import Resource, ResourceKind
from domain.access.verdict import Verdict
from workers.client.access_guard import AccessGuard


def owner_guard(recorder: Recorder) -> AccessGuard:
    """Of whoever runs commands in the home."""
    return AccessGuard(Caller(principal=OWNER, channel="cli"), OwnerDecider(), recorder)


@dataclass(frozen=True)
class OwnerDecider:
    """Needs no database: everything for the owner, nothing for everybody else."""

    def decide(self, caller: Caller, action: Action, resource: Resource, change: Change = NOTHING) -> Verdict:
        """By layer `owner`, or refused."""
        return of_owner(caller, action, resource.id, time())

    def decide_each(self, caller: Caller, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """Each alone."""
        return tuple(self.decide(caller, action, resource) for action, resource in pairs)

    def remember(self, caller: Caller, action: Action, resource: Resource, verdict: Verdict) -> None:
        """Nothing is decided by policies here."""

    def readable(self, caller: Caller, action: Action, kind: ResourceKind) -> AllOrNothing:
        """Every row, or none."""
        return AllOrNothing(self.decide(caller, action, Resource(kind=kind, name="")).allowed)


@dataclass(frozen=True)
class AllOrNothing:
    """Every row of a list, or none."""

    everything: bool
    exact = True

    def where(self, columns: Mapping[str, str]) -> tuple[str, Mapping[str, str | int | float]]:
        """A condition that is always true, or never."""
        return ("1 = 1" if self.everything else "1 = 0"), {}

    def keep(self, resources: Sequence[Resource]) -> tuple[bool, ...]:
        """The same for each."""
        return (self.everything,) * len(resources)
