"""The five models in Python, written from what they promise and not from the policies: both engines must agree.

It knows no sets of an installation. Lists are always decided row by row, as where a condition cannot be said.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.access.actions import DANGEROUS, EFFECTS, WRITES, Action
from domain.access.attributes import FRESH_S
from domain.access.condition import Condition, InexpressibleError
from domain.access.engine import Answer, Question, RowQuestion
from domain.access.labels import Label
from domain.access.principal import PrincipalKind
from domain.access.resource import ResourceKind
from domain.access.role import OWNED, PUSHED, Role


@dataclass(frozen=True)
class MemoryEngine:
    """For tests, and as the second opinion."""

    digest: str = hashlib.sha256(b"memory").hexdigest()

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """In order."""
        return tuple(Answer(tuple(sorted(_permits(one))), tuple(sorted(_forbids(one)))) for one in questions)

    def condition(self, question: RowQuestion) -> Condition:
        """Never.

        Raises:
            InexpressibleError: always.
        """
        raise InexpressibleError("rows are decided one by one")


def _permits(question: Question) -> Iterator[str]:
    asker, action, resource = question.asker, question.action, question.resource
    yield from (one.rule for one in question.grants if one.permits(asker.holders, action, resource))
    if action in OWNED and resource.owner == asker.rights_id:
        yield "dac/owner"
    if action == Action.DEFINITIONS_READ and resource.kind == ResourceKind.ENGINE:
        yield "rbac/lint"
    is_pusher = asker.principal.kind == PrincipalKind.REPOSITORY
    if is_pusher and action in PUSHED and resource.project == asker.known.project:
        yield "rbac/repository"


def _forbids(question: Question) -> Iterator[str]:
    yield from _by_label(question)
    yield from _by_right(question)
    is_person = question.asker.principal.kind == PrincipalKind.PERSON
    if is_person and question.action in DANGEROUS and question.attributes.second_factor_age > FRESH_S:
        yield "abac/second-factor"


def _by_label(question: Question) -> Iterator[str]:
    action, about, known = question.action, question.attributes, question.asker.known
    label = _label(question)
    if not known.clearance.clears(label):
        yield "mac/no-read-up"
    if action in WRITES and not label.clears(about.source):
        yield "mac/no-write-down"
    if action == Action.EFFECT_SECRET and not about.source.clears(label):
        yield "mac/run-no-read-up"
    if action in EFFECTS and action != Action.EFFECT_EXECUTE and about.source.integrity < label.integrity:
        yield "mac/integrity"
    if action == Action.ACCESS_LABEL:
        if about.own:
            yield "mac/own-label"
        if Role.SECURITY_ADMIN not in known.roles:
            yield "mac/label-keeper"


def _by_right(question: Question) -> Iterator[str]:
    action, about = question.action, question.attributes
    if question.asker.principal.kind in (PrincipalKind.ANONYMOUS, PrincipalKind.OWNER):
        yield "rbac/anonymous"
    if not about.in_scope:
        yield "rbac/scope"
    if action == Action.ACCESS_GRANT:
        if about.own:
            yield "rbac/own-grant"
        if about.giving == Role.SECURITY_ADMIN and Role.SECURITY_ADMIN not in question.asker.known.roles:
            yield "rbac/keeper-grant"


def _label(question: Question) -> Label:
    resource = question.resource
    return Label(level=resource.level, compartments=frozenset(resource.compartments), integrity=resource.integrity)
