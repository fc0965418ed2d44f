"""Which rows of a list somebody may read: a WHERE clause, and one decision for each row where that cannot say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from activities.access.condition_sql import RowSql
from domain.access.actions import Action
from domain.access.condition import FALSE, TRUE, Any, Below, Condition
from domain.access.principal import Caller
from domain.access.resource import Resource
from domain.access.verdict import Verdict


class DecidesEach(Protocol):
    """Many decisions at once."""

    def decide_each(self, caller: Caller, pairs: Sequence[tuple[Action, Resource]]) -> tuple[Verdict, ...]:
        """In order."""
        ...


def scope_condition(caller: Caller, action: Action) -> Condition:
    """What a token was made for; without a scope: everything."""
    if caller.scope is None:
        return TRUE
    if action not in caller.scope.actions:
        return FALSE
    return Any(tuple(Below(id_) for id_ in sorted(caller.scope.resources)))


@dataclass(frozen=True)
class RowFilter:
    """Of one caller, action and kind of resource, at one moment."""

    decider: DecidesEach
    caller: Caller
    action: Action
    condition: Condition
    facts: RowSql
    exact: bool = True
    """Whether `where` is the whole decision."""

    @property
    def everything(self) -> bool:
        """No condition is needed."""
        return self.exact and self.condition == TRUE

    def where(self, columns: Mapping[str, str]) -> tuple[str, dict[str, str | int | float]]:
        """SQL with `:access_0` and further parameters, and these."""
        sql = replace(self.facts, columns=columns, parameters={})
        return sql.condition(self.condition), sql.parameters

    def keep(self, resources: Sequence[Resource]) -> tuple[bool, ...]:
        """One decision for each, in a batch."""
        verdicts = self.decider.decide_each(self.caller, [(self.action, one) for one in resources])
        return tuple(one.allowed for one in verdicts)
