"""The guard before every verb: it decides, records, and says why not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change
from domain.access.principal import Caller
from domain.access.resource import Resource, ResourceKind
from domain.access.verdict import Verdict
from domain.core.values import Json


class Outcome(Protocol):
    """What a verb adds to its audit entry while it runs."""

    def tell(self, **details: Json) -> None:
        """Facts for the entry: the id of what was made."""
        ...


class Guard(Protocol):
    """Of one caller. What it reads is of this moment: nothing is kept beyond a request."""

    @property
    def caller(self) -> Caller:
        """Who asks."""
        ...

    def verdict(self, action: Action, resource: Resource) -> Verdict:
        """The decision, without an entry: for buttons that say why."""
        ...

    def verdicts(self, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """Many at once, in order: for all buttons of a page, or a column of a list."""
        ...

    def need(self, action: Action, resource: Resource, change: Change = NOTHING) -> Verdict:
        """Before a read. A refusal is recorded. `change`: what a change of rights adds to the question.

        Raises:
            RefusedError: SLW410, with the rule.
        """
        ...

    def use(
        self,
        action: Action,
        resource: Resource,
        details: Mapping[str, Json] | None = None,
        change: Change = NOTHING,
    ) -> AbstractAsyncContextManager[Outcome]:
        """Around a change: decides, records the intent, and then the outcome, also when it fails.

        Raises:
            RefusedError: SLW410, with the rule; SLW411, it needs a second factor of the last minutes.
        """
        ...

    def readable(self, action: Action, kind: ResourceKind) -> Readable:
        """Which rows of a list the caller may read."""
        ...

    def readable_each(self, callers: Sequence[Caller], action: Action, kind: ResourceKind) -> Sequence[Readable]:
        """The same for others who ask at the same moment; in order."""
        ...


class Readable(Protocol):
    """Which rows of a list a caller may read: a condition for its WHERE clause, equal to one decision a row."""

    @property
    def everything(self) -> bool:
        """No condition is needed."""
        ...

    @property
    def exact(self) -> bool:
        """Whether `where` is the whole decision. Else it lets too much through, and `keep` decides."""
        ...

    def where(self, columns: Mapping[str, str]) -> tuple[str, Mapping[str, str | int | float]]:
        """SQL with `:name` parameters, and these.

        `columns`: an attribute of `Resource` to its column, or to an expression of SQL: `name`, and `pipeline`,
        `environment`, `cluster` and `owner` where the rows have them. Project and labels are found by these.
        """
        ...

    def keep(self, resources: Sequence[Resource]) -> tuple[bool, ...]:
        """One decision for each row, in a batch: for lists that are not exact, and for those that are not in SQL."""
        ...


async def needed(guard: Guard, action: Action, resource: Resource) -> Verdict:
    """`Guard.need` in a thread: it reads the records, and the loop serves everybody."""
    return await asyncio.to_thread(guard.need, action, resource)


async def readable_by(guard: Guard, action: Action, kind: ResourceKind) -> Readable:
    """`Guard.readable` in a thread."""
    return await asyncio.to_thread(guard.readable, action, kind)
