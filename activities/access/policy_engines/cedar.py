"""Cedar (cedarpolicy.com), by cedarpy.

Policies are parsed once. A question brings the grants of its asker: each links the template of its role. Names never
become text of a policy: entities are handed in as values.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import cedarpy

from activities.access.policy_engines import cedar_conditions, cedar_entities, schema
from domain.access.condition import Condition, InexpressibleError
from domain.access.engine import Answer, Asker, Question, RowQuestion
from domain.access.grants import Grant
from domain.access.resource import Resource
from domain.access.role import ROLES

POLICIES = Path(__file__).parent / "policies"


def builtin() -> str:
    """The text of what holds for every installation."""
    parts = [path.read_text() for path in sorted(POLICIES.glob("*.cedar"))]
    return "\n".join([*parts, schema.role_templates()])


@cache
def _schema() -> cedarpy.Schema:
    return cedarpy.Schema.from_str(schema.text())


@dataclass(frozen=True)
class CedarEngine:
    """The built-in policies, and sets of an installation."""

    texts: tuple[str, ...] = ()
    """Each was checked by `problems`."""
    _all: cedarpy.PolicySet = field(init=False, repr=False)
    _permits: cedarpy.PolicySet = field(init=False, repr=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        text = "\n".join([builtin(), *self.texts])
        object.__setattr__(self, "_all", cedarpy.PolicySet.from_str(text))
        object.__setattr__(self, "_permits", _only_permits(text))
        object.__setattr__(self, "digest", hashlib.sha256(f"{schema.text()}\0{text}".encode()).hexdigest())

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Questions of one asker in a row share a policy set and the entities."""
        answers: list[Answer] = []
        for group in _groups(questions):
            answers += self._of_one(group[0].asker, group)
        return tuple(answers)

    def condition(self, question: RowQuestion) -> Condition:
        """By partial evaluation; a role on the unknown resource is left as `Granted`.

        Raises:
            InexpressibleError: what is left cannot be said as a condition.
        """
        asker = cedar_entities.asker_uid(question.asker)
        links = [
            _link(f"role/{role}", f"granted/{role}", asker, cedar_entities.uid("Granted", role))
            for role in ROLES
            if question.action in ROLES[role]
        ]
        request = {
            "principal": cedar_entities.literal(asker),
            "action": cedar_entities.literal(cedar_entities.uid("Action", question.action)),
            "resource": None,
            "context": cedar_entities.context(question.attributes),
        }
        entities = [cedar_entities.asker_entity(question.asker)]
        try:
            found = cedarpy.is_authorized_partial(request, self._all.with_linked_batch(links), entities, _schema())
        except ValueError as broken:
            raise InexpressibleError(str(broken)) from broken
        if found.diagnostics.errors:
            raise InexpressibleError("a policy that cannot be evaluated")
        return cedar_conditions.condition_of(found.residuals)

    def _of_one(self, asker: Asker, questions: list[Question]) -> list[Answer]:
        try:
            return self._evaluated(asker, questions)
        except (ValueError, OverflowError, KeyError) as broken:
            return [Answer(errors=(f"engine/{type(broken).__name__}",))] * len(questions)

    def _evaluated(self, asker: Asker, questions: list[Question]) -> list[Answer]:
        links = _links(grant for one in questions for grant in one.grants)
        things = {one.resource.id: one.resource for one in questions}
        known = [cedar_entities.asker_entity(asker), *map(cedar_entities.resource_entity, things.values())]
        known += [cedar_entities.action_entity(action) for action in {one.action for one in questions}]
        entities = cedarpy.Entities.from_json_str(json.dumps(known))
        requests = [_request(one) for one in questions]
        policies = self._all.with_linked_batch(links) if links else self._all
        found = cedarpy.is_authorized_batch(requests, policies, entities, _schema())
        denied = [place for place, one in enumerate(found) if not one.allowed]
        permits = self._permits.with_linked_batch(links) if links else self._permits
        alone = cedarpy.is_authorized_batch([requests[place] for place in denied], permits, entities, _schema())
        without = {place: _rules(one) for place, one in zip(denied, alone, strict=True) if one.allowed}
        return [_answer(one, without.get(place, ())) for place, one in enumerate(found)]


def _groups(questions: Sequence[Question]) -> Iterator[list[Question]]:
    """Of one asker, in which no id means two resources."""
    group: list[Question] = []
    seen: dict[str, Resource] = {}
    for one in questions:
        is_other = group and group[0].asker != one.asker
        if is_other or seen.setdefault(one.resource.id, one.resource) != one.resource:
            yield group
            group, seen = [], {one.resource.id: one.resource}
        group.append(one)
    if group:
        yield group


def _answer(found: cedarpy.AuthzResult, permits: tuple[str, ...]) -> Answer:
    errors = _broken(found.diagnostics)
    if found.decision == cedarpy.Decision.NoDecision:
        return Answer(errors=errors or ("engine/request",))
    if found.allowed:
        return Answer(permits=_rules(found), errors=errors)
    return Answer(permits=permits, forbids=_rules(found), errors=errors)


def _rules(found: cedarpy.AuthzResult) -> tuple[str, ...]:
    told = found.diagnostics.id_annotations_by_reason
    links = [one for one in found.diagnostics.reasons if one.partition("/")[0] in ("grant", "share")]
    others = [told.get(one, one) for one in found.diagnostics.reasons if one not in links]
    return tuple(sorted({*links, *others}))


def _broken(diagnostics: cedarpy.Diagnostics) -> tuple[str, ...]:
    """By the message: upstream names the policy's place in the text, and no annotation."""
    return ("engine/evaluation",) if diagnostics.errors else ()


def _request(question: Question) -> dict[str, Any]:
    return {
        "principal": cedar_entities.asker_uid(question.asker),
        "action": cedar_entities.uid("Action", question.action),
        "resource": cedar_entities.thing(question.resource.id),
        "context": cedar_entities.context(question.attributes),
    }


def _links(grants: Iterable[Grant]) -> list[dict[str, Any]]:
    once = {grant.rule: grant for grant in grants}
    return [
        _link(f"role/{one.role}", rule, cedar_entities.holder(one.principal), cedar_entities.thing(one.resource))
        for rule, one in sorted(once.items())
    ]


def _link(template: str, new_id: str, principal: object, resource: object) -> dict[str, Any]:
    values = {"?principal": principal, "?resource": resource}
    return {"template_id": template, "new_id": new_id, "values": values}


def _only_permits(text: str) -> cedarpy.PolicySet:
    parsed = json.loads(cedarpy.policies_to_json_str(text))
    parsed["staticPolicies"] = {id_: one for id_, one in parsed["staticPolicies"].items() if one["effect"] == "permit"}
    return cedarpy.PolicySet.from_json_str(json.dumps(parsed))
