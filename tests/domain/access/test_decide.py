"""The verdict: forbid wins, its rule is the one that decided, and conditions keep their meaning."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.access.attributes import NEVER_S, attributes_of, in_scope, known
from domain.access.condition import (
    All,
    Any,
    Below,
    Compare,
    Condition,
    Constant,
    Granted,
    IsKind,
    Not,
    OneOf,
    meets,
    replaced,
    simplified,
)
from domain.access.decide import closed, decide, layer_of, verdict_of
from domain.access.engine import Answer, Question
from domain.access.owner import is_owner, of_owner
from domain.access.principal import OWNER, Caller, Principal, PrincipalKind
from domain.access.resource import ENGINE, ResourceKind
from domain.access.verdict import STEP_UP, Layer
from tests.support import access
from tests.support.memory_policy_engine import MemoryEngine

NOW = access.NOW
ENGINE_OF_OURS = MemoryEngine()
seeds = st.integers(0, 2**32).map(Random)
rules = st.lists(
    st.sampled_from(["grant/1", "share/2", "dac/owner", "pbac/x", "abac/y", "mac/no-read-up", STEP_UP, "rbac/scope"]),
    max_size=4,
    unique=True,
)
leaves: st.SearchStrategy[Condition] = st.one_of(
    st.booleans().map(Constant),
    st.sampled_from([Compare("level", "<=", 1), Compare("owner", "==", "person:ann"), Compare("level", "<", 1)]),
    st.sampled_from([OneOf("pipeline", ("web", "api")), Below("project:shop"), IsKind(ResourceKind.RUN), Granted("x")]),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, max_size=3).map(lambda parts: All(tuple(parts))),
        st.lists(inner, max_size=3).map(lambda parts: Any(tuple(parts))),
    ),
    max_leaves=12,
)


@given(seeds, rules, rules, st.lists(st.just("engine/evaluation"), max_size=1))
def test_forbid_wins_always_and_what_cannot_be_evaluated_forbids(random, permits, forbids, errors):
    answer = Answer(tuple(permits), tuple(forbids), tuple(errors))
    verdict = verdict_of(access.question(random), answer, "d", NOW)
    assert verdict.allowed == (bool(permits) and not forbids and not errors)
    assert verdict.rule in (*permits, *forbids, *errors, "default/deny")
    assert verdict.allowed == (verdict.rule in permits and verdict.rule not in forbids and not errors)
    assert bool(verdict.missing) != verdict.allowed
    assert verdict.reason


@given(seeds, rules, rules)
def test_a_second_factor_is_asked_for_when_nothing_else_is_in_the_way(random, permits, forbids):
    verdict = verdict_of(access.question(random), Answer(tuple(permits), tuple(forbids)), "", NOW)
    assert (verdict.rule == STEP_UP and not verdict.allowed) == (bool(permits) and forbids == [STEP_UP])


@given(seeds, rules)
def test_labels_are_named_before_everything_else_that_forbids(random, forbids):
    verdict = verdict_of(access.question(random), Answer((), ("mac/no-read-up", *forbids)), "", NOW)
    assert verdict.layer == Layer.MAC


@given(seeds)
def test_without_the_grant_that_decided_the_verdict_is_another(random: Random):
    question = access.question(random)
    verdict = decide(ENGINE_OF_OURS, question, NOW)
    if verdict.rule.startswith(("grant/", "share/")):
        fewer = tuple(one for one in question.grants if one.rule != verdict.rule)
        assert decide(ENGINE_OF_OURS, replace(question, grants=fewer), NOW).rule != verdict.rule


@given(seeds)
def test_another_grant_never_takes_a_right_away(random: Random):
    question = access.question(random)
    more: Question = replace(question, grants=(*question.grants, *access.grants(random, 3)))
    assert decide(ENGINE_OF_OURS, more, NOW).allowed >= decide(ENGINE_OF_OURS, question, NOW).allowed


@given(seeds)
def test_what_is_closed_is_closed_for_every_question(random: Random):
    (verdict,) = closed([access.question(random)], "engine/policies", NOW)
    assert (verdict.allowed, verdict.rule) == (False, "engine/policies")


@given(st.sampled_from(PrincipalKind), st.sampled_from(["cli", "api", "console", "effect"]))
def test_the_owner_is_the_owner_in_the_home_alone(kind: PrincipalKind, channel: str):
    caller = Caller(principal=Principal(kind=kind, name="owner"), channel=channel)
    expected = kind == OWNER.kind and channel in ("cli", "effect")
    assert is_owner(caller) == expected == of_owner(caller, "x", "y", NOW).allowed


@given(seeds, conditions)
def test_a_simplified_condition_means_the_same(random: Random, condition: Condition):
    about = access.resource(random)

    def has(role: str, _: object) -> bool:
        return len(about.name) % 2 == 0

    assert meets(simplified(condition), about, has) == meets(condition, about, has)
    assert replaced(condition, lambda leaf: leaf) == condition


@given(seeds, st.floats(0, 4e9), st.floats(0, 4e9))
def test_a_factor_of_the_future_is_not_fresh(random: Random, at: float, now: float):
    caller = replace(access.caller(random), second_factor_at=at)
    age = attributes_of(caller, "x", ENGINE, now).second_factor_age
    assert 0 <= age <= NEVER_S
    if at > now or at == 0:
        assert age == NEVER_S


@given(st.floats(0, 4e9))
def test_hours_and_days_are_those_of_the_calendar(now: float):
    from datetime import UTC, datetime

    found = attributes_of(Caller(principal=OWNER), "x", ENGINE, now)
    then = datetime.fromtimestamp(now, UTC)
    assert (found.hour, found.weekday) == (then.hour, then.weekday())


@given(seeds)
def test_a_scope_narrows_and_never_widens(random: Random):
    caller, about = access.caller(random), access.resource(random)
    for action in ("runs:read", "access:grant"):
        if in_scope(caller, action, about) and caller.scope:
            assert action in caller.scope.actions
            assert caller.scope.resources & set(about.above)


@given(
    st.dictionaries(
        st.sampled_from(["department", "tier", "on_call", "admin"]), st.one_of(st.text(), st.integers(), st.booleans())
    )
)
def test_attributes_of_a_provider_are_taken_by_name_and_type(attributes):
    for name, value in known(attributes).items():
        assert type(value) is {"department": str, "tier": int, "on_call": bool}[name]


def test_a_rule_belongs_to_the_model_that_its_id_begins_with():
    layers = {one: layer_of(f"{one}/x") for one in ("grant", "share", "mac", "rbac", "abac", "pbac", "dac", "else")}
    assert layers["grant"] == layers["rbac"] == Layer.RBAC
    assert layers["share"] == layers["dac"] == Layer.DAC
    assert layers["else"] == layers["pbac"] == Layer.PBAC
