"""What somebody asks a token to be limited to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.access.actions import Action
from domain.access.scope import MOST, asked, complaints

texts = st.lists(st.sampled_from([*Action, "runs:*", "effect:*", "*", "runs:fly"]) | st.text(max_size=20), max_size=5)


@given(texts, texts)
def test_a_scope_holds_actions_that_exist_and_asking_for_more_never_gives_less(
    one: list[str], other: list[str]
) -> None:
    assert asked(one, ()).actions <= asked([*one, *other], ()).actions <= frozenset(Action)


def test_all_of_a_kind_are_those_that_exist_now() -> None:
    assert asked(["temporal:*"], ["project:default"]).actions == {"temporal:read"}
    assert asked(["*"], ["*"]).actions == frozenset(Action)
    assert asked(["*"], ["*"]).resources == {"engine:engine"}


@given(texts.map(tuple), texts.map(tuple))
def test_a_scope_without_a_complaint_gives_something_on_something(
    actions: tuple[str, ...], resources: tuple[str, ...]
) -> None:
    if not complaints(actions, resources):
        scope = asked(actions, resources)
        assert scope.actions
        assert scope.resources


def test_a_scope_says_what_is_wrong_with_it() -> None:
    assert complaints(("runs:read", "runs:*", "*"), ("project:default", "*")) == ()
    assert len(complaints(("runs:fly",), ("nothing",))) == 2
    assert complaints((), ())
    assert complaints(("*",) * (MOST + 1), ("*",))
