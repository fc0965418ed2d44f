"""The one decision forbids what registered policies refuse, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from domain.access.attributes import Objection
from domain.access.decide import answers, decide
from domain.access.owner import of_owner
from domain.access.principal import OWNER, Caller
from domain.policy import asked, refusals
from domain.policy.policy import Policy, PolicyFor, Push, Scope
from domain.triggers.events import EventKind
from tests.domain.policy.test_policy import RULES, WORDS
from tests.support import access
from tests.support.memory_policy_engine import MemoryEngine

ENGINE = MemoryEngine()
PUSHES = st.builds(
    Push,
    repository=WORDS,
    pipeline=WORDS,
    event=st.sampled_from(EventKind),
    branch=WORDS | st.just(""),
    tag=st.sampled_from(["", "v1"]),
    elsewhere=st.booleans(),
)
HELD = st.builds(
    lambda push, rules: PolicyFor(push, tuple(Policy(name=f"p{n}", digest="", rules=r) for n, r in enumerate(rules))),
    PUSHES,
    st.lists(RULES, max_size=4),
)
seeds = st.integers(0, 2**32).map(Random)
objections = st.lists(st.sampled_from([Objection("policy/a", "why a"), Objection("engine/fork", "forks")]), max_size=2)


@given(HELD, WORDS, WORDS, st.booleans())
def test_what_policies_forbid_one_by_one_is_what_their_joined_rules_refuse(held, word, environment, yes):
    assert bool(asked.to_start(held)) == any(refusals.of_push(held))
    assert bool(asked.to_execute(held, word)) == bool(refusals.of_executor(held, word))
    refused = held.secret(word, environment, approved=yes)
    assert bool(asked.to_read(held, word, environment, approved=yes)) == bool(refused)
    wants = held.rules.gate is not None and held.rules.gate.required
    assert bool(asked.to_deploy(held, gated=yes)) == (wants and not yes)


@given(HELD, WORDS)
def test_each_objection_names_a_policy_that_objects_alone(held, word):
    by_name = {f"policy/{one.name}": one for one in held.policies}
    for said in asked.to_execute(held, word):
        alone = PolicyFor(held.push, (by_name[said.rule],))
        assert said.why == refusals.of_executor(alone, word)


@given(seeds, objections)
def test_an_objection_forbids_as_a_set_of_policies_does_and_nothing_else_changes(random: Random, said):
    question = access.question(random)
    before, after = decide(ENGINE, question, 1.0), decide(ENGINE, replace(question, objections=tuple(said)), 1.0)
    assert after.allowed == (before.allowed and not said)
    if before.allowed and said:
        assert (after.rule, after.reason) == min((one.rule, one.why) for one in said)
    if not said:
        assert after == before


@given(seeds, objections)
def test_what_an_engine_answers_stands_beside_what_policies_say(random: Random, said):
    question = replace(access.question(random), objections=tuple(said))
    (alone,), (joined,) = ENGINE.ask([question]), answers(ENGINE, [question])
    assert set(joined.forbids) == {*alone.forbids, *(one.rule for one in said)}
    assert (joined.permits, joined.errors) == (alone.permits, alone.errors)


@given(objections)
def test_the_owner_of_a_home_may_everything_but_what_they_have_forbidden_themselves(said):
    verdict = of_owner(Caller(principal=OWNER, channel="effect"), "runs:start", "pipeline:web", 1.0, said)
    assert verdict.allowed == (not said)
    assert verdict.rule == (min(one.rule for one in said) if said else "owner/home")


def test_a_policy_of_another_scope_says_nothing():
    push = Push(repository="/r", pipeline="web", event=EventKind.PUSH, branch="main")
    other = Policy(name="other", digest="", scope=Scope(repositories=("/x",)))
    assert asked.to_start(PolicyFor(push, tuple(one for one in (other,) if one.scope.holds(push)))) == ()
