"""The guard of one caller: the one decision before every verb, and its entries in the audit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change
from domain.access.audit import AuditKind, AuditOutcome, Recorder, event_of
from domain.access.principal import Caller
from domain.access.resource import Resource, ResourceKind
from domain.access.verdict import STEP_UP, Verdict
from domain.core.errors import RefusedError, SluicewayError
from domain.core.values import Json
from workers.client.guard import Outcome, Readable


class Decides(Protocol):
    """The decision of this moment about one caller."""

    def decide(self, caller: Caller, action: Action, resource: Resource, change: Change = NOTHING) -> Verdict:
        """Reads what it is decided by, now."""
        ...

    def decide_each(self, caller: Caller, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """Many at once."""
        ...

    def remember(
        self, caller: Caller, action: Action, resource: Resource, verdict: Verdict, change: Change = NOTHING
    ) -> None:
        """Keeps a decision, so that sets of policies can be tried on it."""
        ...

    def readable(self, caller: Caller, action: Action, kind: ResourceKind) -> Readable:
        """The same decision about every row of a list."""
        ...

    def readable_each(self, callers: Sequence[Caller], action: Action, kind: ResourceKind) -> Sequence[Readable]:
        """The same for each of several who ask at one moment."""
        ...


def refused(verdict: Verdict) -> RefusedError:
    """What a person is told who may not."""
    code = "SLW411" if verdict.rule == STEP_UP else "SLW410"
    what = f"{verdict.principal} may not {verdict.action} on {verdict.resource}"
    return RefusedError(code, what, rule=verdict.rule, why=verdict.reason, fix=verdict.missing)


KINDS = {Action.TOKENS_CREATE: AuditKind.TOKEN}
"""Outcomes that are looked for by a kind of their own."""


@dataclass
class Told:
    """What a verb says of itself while it runs."""

    details: dict[str, Json] = field(default_factory=dict)

    def tell(self, **details: Json) -> None:
        """Facts for the entry of the outcome."""
        self.details |= details


@dataclass(frozen=True)
class AccessGuard:
    """Of one caller."""

    caller: Caller
    decider: Decides
    recorder: Recorder

    def verdict(self, action: Action, resource: Resource) -> Verdict:
        """The decision, without an entry."""
        return self.decider.decide(self.caller, action, resource)

    def verdicts(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """Many at once, in order, without an entry."""
        return self.decider.decide_each(self.caller, pairs)

    def need(self, action: Action, resource: Resource, change: Change = NOTHING) -> Verdict:
        """Before a read. A refusal is recorded.

        Raises:
            RefusedError: SLW410, with the rule; SLW411, it needs a fresh second factor.
        """
        verdict = self.decider.decide(self.caller, action, resource, change)
        if not verdict.allowed:
            self.decider.remember(self.caller, action, resource, verdict, change)
            self._record(AuditKind.DECISION, AuditOutcome.DENIED, verdict)
            raise refused(verdict)
        return verdict

    def use(
        self,
        action: Action,
        resource: Resource,
        details: Mapping[str, Json] | None = None,
        change: Change = NOTHING,
    ) -> AbstractAsyncContextManager[Outcome]:
        """Around a change. Raises like `need`, before anything happens."""
        return self._use(action, resource, details or {}, change)

    def readable(self, action: Action, kind: ResourceKind) -> Readable:
        """Which rows of a list the caller may read."""
        return self.decider.readable(self.caller, action, kind)

    def readable_each(self, callers: Sequence[Caller], action: Action, kind: ResourceKind) -> Sequence[Readable]:
        """The same for others who ask at the same moment; in order."""
        return self.decider.readable_each(callers, action, kind)

    @asynccontextmanager
    async def _use(
        self, action: Action, resource: Resource, details: Mapping[str, Json], change: Change
    ) -> AsyncIterator[Outcome]:
        verdict, intent = await asyncio.to_thread(self._begun, action, resource, details, change)
        told, kind = Told({**details, "intent": intent}), KINDS.get(action, AuditKind.OUTCOME)
        try:
            yield told
        except BaseException as broken:
            self._record(kind, AuditOutcome.FAILED, verdict, {**told.details, "error": error_name(broken)})
            raise
        await asyncio.shield(asyncio.to_thread(self._record, kind, AuditOutcome.DONE, verdict, told.details))

    def _begun(
        self, action: Action, resource: Resource, details: Mapping[str, Json], change: Change
    ) -> tuple[Verdict, int]:
        """The decision, and the number of its intent."""
        verdict = self.need(action, resource, change)
        self.decider.remember(self.caller, action, resource, verdict, change)
        return verdict, self._record(AuditKind.INTENT, AuditOutcome.ALLOWED, verdict, details)

    def _record(
        self, kind: AuditKind, outcome: AuditOutcome, verdict: Verdict, details: Mapping[str, Json] | None = None
    ) -> int:
        event = event_of(
            self.caller,
            kind,
            outcome,
            action=verdict.action,
            resource=verdict.resource,
            rule=verdict.rule,
            policy_digest=verdict.policy_digest,
            details=details,
        )
        return self.recorder.record(event)


def error_name(broken: BaseException) -> str:
    """As the audit has it: a code, or the kind of error."""
    return broken.code if isinstance(broken, SluicewayError) else type(broken).__name__
