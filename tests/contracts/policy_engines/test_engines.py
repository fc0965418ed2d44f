"""Cedar and the engine of our own keep the same promises, and agree."""

from __future__ import annotations

from random import Random

import pytest

from activities.access.policy_engines import cedar
from activities.access.policy_engines.cedar import CedarEngine
from domain.access.actions import WRITES, Action
from domain.access.condition import InexpressibleError, meets
from domain.access.engine import Asker, PolicyEngine, Question, RowQuestion
from domain.access.grants import Grant, GrantKind
from domain.access.labels import Label
from domain.access.resource import Resource, ResourceKind
from domain.access.role import Role
from tests.support import access
from tests.support.memory_policy_engine import MemoryEngine

CEDAR, MEMORY = CedarEngine(), MemoryEngine()


@pytest.fixture(params=[CEDAR, MEMORY], ids=["cedar", "memory"])
def engine(request: pytest.FixtureRequest) -> PolicyEngine:
    found: PolicyEngine = request.param
    return found


def test_both_engines_agree_on_thousands_of_questions():
    random = Random(1)
    questions = [access.question(random) for _ in range(3_000)]
    allowed = 0
    for one, first, second in zip(questions, CEDAR.ask(questions), MEMORY.ask(questions), strict=True):
        assert first.allowed == second.allowed, one
        assert first.forbids == second.forbids, one
        assert first.permits == second.permits, one
        assert not first.errors
        allowed += first.allowed
    assert 100 < allowed < 2_900  # the questions are neither all closed nor all open


def test_forbid_wins_whatever_is_granted(engine: PolicyEngine):
    random = Random(2)
    everything = tuple(
        Grant(id=number, kind=GrantKind.ROLE, principal="person:ann", role=role, resource="engine:engine")
        for number, role in enumerate(Role)
    )
    for _ in range(300):
        one = access.question(random)
        more = Question(**{**vars(one), "grants": (*one.grants, *everything)})
        before, after = engine.ask([one, more])
        assert after.forbids == before.forbids
        assert not (after.forbids and after.allowed)


def test_no_grant_passes_a_label(engine: PolicyEngine):
    random = Random(3)
    for _ in range(300):
        one = access.question(random)
        label = Label(level=one.resource.level, compartments=frozenset(one.resource.compartments))
        if not one.asker.known.clearance.clears(label):
            assert "mac/no-read-up" in engine.ask([one])[0].forbids


def test_no_set_of_policies_passes_a_label():
    open_ = CedarEngine(('@id("pbac/all") permit (principal, action, resource);',))
    random = Random(8)
    for _ in range(300):
        one = access.question(random)
        before, after = CEDAR.ask([one])[0], open_.ask([one])[0]
        assert after.forbids == before.forbids
        assert after.allowed == (not before.forbids)


def test_a_question_that_cannot_be_asked_is_refused():
    random = Random(4)
    one = access.question(random)
    wrong = Question(**{**vars(one), "attributes": type(one.attributes)(address="no address")})
    (answer,) = CEDAR.ask([wrong])
    assert answer.errors
    assert not answer.allowed


def test_a_condition_is_one_decision_for_each_resource():
    random = Random(5)
    pairs = kept = 0
    listed = [one for one in Action if one not in WRITES]  # what is written somewhere is asked for each place alone
    for _ in range(60):
        kind = random.choice((ResourceKind.RUN, ResourceKind.RELEASE, ResourceKind.PIPELINE, ResourceKind.ENVIRONMENT))
        asked = access.row_question(random, kind, random.choice((Action.RUNS_READ, Action.RELEASES_READ, *listed)))
        condition, given = CEDAR.condition(asked), access.grants(random, 4)
        for _ in range(20):
            resource = access.resource(random, kind)
            wanted = CEDAR.ask([_with(asked, resource, given)])[0].allowed
            assert meets(condition, resource, _roles(asked.asker, given)) == wanted, (condition, resource)
            pairs, kept = pairs + 1, kept + wanted
    assert pairs // 20 < kept < pairs


def test_what_a_condition_cannot_say_is_refused_as_one():
    odd = CedarEngine(('@id("pbac/odd") forbid (principal, action, resource) when { resource.name like "x*" };',))
    asked = access.row_question(Random(6), ResourceKind.RUN, Action.RUNS_READ)
    for engine in (odd, MEMORY):
        with pytest.raises(InexpressibleError):
            engine.condition(asked)


def test_the_built_in_policies_are_valid_under_the_schema():
    import cedarpy

    from activities.access.policy_engines import schema

    found = cedarpy.validate_policies(cedar.builtin(), schema.text())
    assert found.validation_passed, [str(one) for one in found.errors]


def test_an_engine_of_other_policies_has_another_digest():
    other = CedarEngine(('@id("pbac/a") permit (principal, action, resource);',))
    assert len({CEDAR.digest, other.digest, MEMORY.digest}) == 3
    assert CedarEngine().digest == CEDAR.digest


def _with(asked: RowQuestion, resource: Resource, given: tuple[Grant, ...]) -> Question:
    return Question(
        asker=asked.asker, action=asked.action, resource=resource, attributes=asked.attributes, grants=given
    )


def _roles(asker: Asker, given: tuple[Grant, ...]):
    def has(role: str, resource: Resource) -> bool:
        return any(
            one.role == role and one.principal in asker.holders and one.resource in resource.above for one in given
        )

    return has


def test_the_second_opinion_knows_every_rule_of_the_policies():
    import re

    told = set(re.findall(r'@id\("([a-z/-]+)"\)', cedar.builtin())) - {f"role/{role}" for role in Role}
    random, seen = Random(7), set[str]()
    for answer in MEMORY.ask([access.question(random) for _ in range(4_000)]):
        seen |= {*answer.permits, *answer.forbids}
    assert {one for one in seen if not one.startswith(("grant/", "share/"))} == told
