"""The decision of this moment: reads the slice of rights, asks the engine, and says which rule decided."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from activities.access.condition_sql import RowSql
from activities.access.policy_engines.cedar import CedarEngine
from activities.access.rights import Rights, Slice
from activities.access.row_filter import RowFilter, scope_condition
from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change, attributes_of
from domain.access.condition import (
    FALSE,
    TRUE,
    All,
    Compare,
    Condition,
    Constant,
    Granted,
    InexpressibleError,
    IsKind,
    WithinCompartments,
    replaced,
    simplified,
)
from domain.access.decide import closed, decide_all
from domain.access.engine import PolicyEngine, Question, RowQuestion
from domain.access.grants import Grant
from domain.access.owner import is_owner, of_owner
from domain.access.principal import Caller
from domain.access.resource import ENGINE, Resource, ResourceKind
from domain.access.verdict import Verdict

Pair = tuple[Action, Resource]
Compile = Callable[[tuple[str, ...]], PolicyEngine]
"""An engine with the texts of an installation's sets."""
AT_ONCE = 500
"""Decisions of one batch."""
DAMAGED = "engine/policies"
"""The rule that refuses everybody while the sets are not what their people activated."""
_cedar = lru_cache(maxsize=8)(CedarEngine)
"""By text: the same policies are the same engine; what is asked about is never kept."""


class Decider:
    """One for a process. Nothing but parsed policies is kept between two decisions."""

    def __init__(self, rights: Rights, compile_: Compile = _cedar, clock: Callable[[], float] = time.time) -> None:
        self.rights, self._compile, self._clock = rights, compile_, clock

    def decide(self, caller: Caller, action: Action, resource: Resource, change: Change = NOTHING) -> Verdict:
        """With the rights of this moment."""
        return self.decide_each(caller, [(action, resource)], change)[0]

    def decide_each(self, caller: Caller, pairs: Sequence[Pair], change: Change = NOTHING) -> tuple[Verdict, ...]:
        """Many at once: for the rows of a page, and for its buttons."""
        now = self._clock()
        if is_owner(caller):
            said = change.objections
            return tuple(of_owner(caller, action, resource.id, now, said) for action, resource in pairs)
        engine = self.engine()
        verdicts: list[Verdict] = []
        for start in range(0, len(pairs), AT_ONCE):
            questions = self.questions(caller, pairs[start : start + AT_ONCE], now, change)
            verdicts += decide_all(engine, questions, now) if engine else closed(questions, DAMAGED, now)
        return tuple(verdicts)

    def questions(self, caller: Caller, pairs: Sequence[Pair], now: float, change: Change = NOTHING) -> list[Question]:
        """Everything that the decisions depend on."""
        found = self.rights.of(caller, [resource for _, resource in pairs], now)
        return [
            Question(
                asker=found.asker,
                action=action,
                resource=resource,
                attributes=attributes_of(caller, action, resource, now, change),
                grants=tuple(one for one in found.grants if one.resource in resource.above and one.holds(now)),
                objections=change.objections,
            )
            for (action, _), resource in zip(pairs, found.resources, strict=True)
        ]

    def remember(
        self, caller: Caller, action: Action, resource: Resource, verdict: Verdict, change: Change = NOTHING
    ) -> None:
        """Keeps a decision, so that sets of policies can be tried on it."""
        if not is_owner(caller):
            question = self.questions(caller, [(action, resource)], verdict.at, change)[0]
            self.rights.decisions.add(question, verdict.allowed, verdict.rule, verdict.at)

    def readable(self, caller: Caller, action: Action, kind: ResourceKind) -> RowFilter:
        """Which rows of a list; read now, for one request."""
        return self.readable_each((caller,), action, kind)[0]

    def readable_each(self, callers: Sequence[Caller], action: Action, kind: ResourceKind) -> tuple[RowFilter, ...]:
        """The same for each of several who ask at one moment: what does not depend on the asker is read once."""
        now = self._clock()
        others = [one for one in callers if not is_owner(one)]
        found = iter(self._filters(others, action, RowSql(kind=kind, now=now)) if others else ())
        whole = RowSql(kind=kind, now=now)
        return tuple(RowFilter(self, one, action, TRUE, whole) if is_owner(one) else next(found) for one in callers)

    def _filters(self, callers: Sequence[Caller], action: Action, facts: RowSql) -> Iterator[RowFilter]:
        rights, engine = self.rights, self.engine()
        facts = replace(facts, has_projects=rights.projects.any(), has_labels=rights.labels.any_of_resources())
        for caller, found in zip(callers, rights.of_each(callers, facts.now), strict=True):
            mine = replace(facts, holders=rights.grants.holding(found.asker.holders, facts.now))
            yield self._filter(caller, action, found, mine, engine)

    def _filter(
        self, caller: Caller, action: Action, found: Slice, facts: RowSql, engine: PolicyEngine | None
    ) -> RowFilter:
        attributes = replace(attributes_of(caller, action, ENGINE, facts.now), in_scope=True)
        question = RowQuestion(asker=found.asker, action=action, kind=facts.kind, attributes=attributes)
        try:
            condition = _condition(engine, question, found.grants, facts) if engine else FALSE
        except InexpressibleError:
            return RowFilter(self, caller, action, TRUE, facts, exact=False)
        return RowFilter(self, caller, action, simplified(All((condition, scope_condition(caller, action)))), facts)

    def engine(self) -> PolicyEngine | None:
        """Of the policies that hold now. None: they are not what their people activated."""
        sets = self.rights.policies.active()
        if not self.rights.are_whole(sets):
            return None
        return self.compiled(tuple(one.text for one in sets))

    def compiled(self, texts: tuple[str, ...]) -> PolicyEngine:
        """Of the built-in policies and these sets, whatever is active."""
        return self._compile(texts)


def _condition(engine: PolicyEngine, question: RowQuestion, grants: Sequence[Grant], facts: RowSql) -> Condition:
    everywhere = {one.role for one in grants}

    def known(leaf: Condition) -> Condition:
        match leaf:
            case Granted(role) if role in everywhere or not facts.holders:
                return Constant(role in everywhere)
            case IsKind(kind):
                return Constant(kind == question.kind)
            case Compare("level", operator, int(value)) if not facts.has_labels:
                return leaf if "level" in facts.columns else Constant(_holds(operator, value))
            case WithinCompartments() if not facts.has_labels:
                return TRUE
            case _:
                return leaf

    return replaced(engine.condition(question), known)


def _holds(operator: str, value: int) -> bool:
    """For level 0, which everything has without a label."""
    return {"==": value == 0, "<": value > 0}.get(operator, value >= 0)
