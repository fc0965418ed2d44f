"""The guard of the owner of a home: nobody else is served in process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import time

from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change
from domain.access.audit import AuditKind, AuditOutcome, Recorder, event_of
from domain.access.owner import of_owner
from domain.access.principal import OWNER, Caller
from domain.access.resource import Resource, ResourceKind
from domain.access.verdict import Verdict
from domain.core.values import Json
from workers.client.access_guard import AccessGuard, error_name


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

    def remember(
        self, caller: Caller, action: Action, resource: Resource, verdict: Verdict, change: Change = NOTHING
    ) -> None:
        """Nothing is decided by policies here."""

    def readable(self, caller: Caller, action: Action, kind: ResourceKind) -> AllOrNothing:
        """Every row, or none."""
        return AllOrNothing(self.decide(caller, action, Resource(kind=kind, name="")).allowed)

    def readable_each(self, callers: Sequence[Caller], action: Action, kind: ResourceKind) -> tuple[AllOrNothing, ...]:
        """Each alone."""
        return tuple(self.readable(one, action, kind) for one in callers)


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


@contextmanager
def owner_change(recorder: Recorder, action: Action, resource: Resource, details: Mapping[str, Json]) -> Iterator[None]:
    """Around a change that the owner makes by a command: the intent before it, the outcome after it.

    Raises:
        SluicewayError: SLW480, it cannot be recorded; nothing was done.
    """
    guard = owner_guard(recorder)
    verdict = guard.need(action, resource)

    def tell(kind: AuditKind, outcome: AuditOutcome, more: Mapping[str, Json]) -> int:
        told = {**details, **more}
        event = event_of(
            guard.caller, kind, outcome, action=action, resource=resource.id, rule=verdict.rule, details=told
        )
        return recorder.record(event)

    intent = tell(AuditKind.INTENT, AuditOutcome.ALLOWED, {})
    try:
        yield
    except BaseException as broken:
        left = 0 if getattr(broken, "exit_code", 1) == 0 else 1  # a command that ends by its exit code
        outcome = AuditOutcome.FAILED if left else AuditOutcome.DONE
        tell(AuditKind.OUTCOME, outcome, {"intent": intent, **({"error": error_name(broken)} if left else {})})
        raise
    tell(AuditKind.OUTCOME, AuditOutcome.DONE, {"intent": intent})
