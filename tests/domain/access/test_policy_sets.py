"""Sets of policies: no way around the second person, and no text that changes on the way."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.access.policy_sets import (
    MAX_TEXT,
    PolicySet,
    PolicyState,
    Step,
    digest_of,
    is_whole,
    step_problem,
    text_problem,
)
from domain.access.principal import OWNER

people = st.sampled_from(["person:kim", "person:lee", OWNER.id])
states = st.sampled_from(PolicyState)


def drafted(text: str = "t", state: PolicyState = PolicyState.DRAFT) -> PolicySet:
    return PolicySet(name="freeze", version=1, state=state, text=text, digest=digest_of("freeze", 1, text))


def step(found: PolicySet, state: PolicyState, person: str) -> Step:
    return Step(state=state, person=person, digest=found.digest, at=1)


@given(people, st.lists(st.tuples(states, people), max_size=8))
def test_nothing_is_active_that_was_not_simulated_watched_and_activated_by_another(first, tries):
    found, steps = drafted(), [step(drafted(), PolicyState.DRAFT, first)]
    for state, person in tries:
        if not step_problem(found, steps, state, person):
            steps.append(step(found, state, person))
            found = replace(found, state=state)
    if found.state == PolicyState.ACTIVE:
        assert {PolicyState.SIMULATED, PolicyState.SHADOW} <= {one.state for one in steps}
        assert steps[-1].person != first or first == OWNER.id
    assert is_whole(found, steps)


@given(st.text(max_size=30), st.text(max_size=30))
def test_another_text_is_not_the_set_that_people_activated(text: str, other: str):
    found = drafted(text, PolicyState.ACTIVE)
    steps = [step(found, PolicyState.DRAFT, "person:kim"), step(found, PolicyState.ACTIVE, "person:lee")]
    assert is_whole(found, steps)
    if text != other:
        assert not is_whole(replace(found, text=other), steps)
        assert not is_whole(drafted(other, PolicyState.ACTIVE), steps)


def test_a_set_that_was_made_active_in_the_database_is_not_whole():
    found = drafted(state=PolicyState.ACTIVE)
    kim = step(found, PolicyState.DRAFT, "person:kim")
    assert not is_whole(found, [])
    assert not is_whole(found, [kim])
    assert not is_whole(found, [kim, step(found, PolicyState.ACTIVE, "person:kim")])


@given(st.text(max_size=70), st.text(max_size=50))
def test_a_set_has_a_name_and_a_bounded_text(name: str, text: str):
    if not text_problem(name, text):
        assert name.isascii()
        assert 0 < len(text.encode()) <= MAX_TEXT


def test_a_text_beyond_its_bound_is_refused():
    assert text_problem("a", "x" * (MAX_TEXT + 1))
    assert not text_problem("a", "x" * MAX_TEXT)
