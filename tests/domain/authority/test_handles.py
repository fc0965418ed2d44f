"""A handle of given work is made here alone, and fits the cluster that it was given to."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.authority.handles import Given, given_of, handle_of

OLD, NEW, OTHER = b"o" * 32, b"n" * 32, b"x" * 32
WORK = Given(
    cluster="far",
    token="dG9rZW4=",
    type="watch-inventory",
    workflow_id="inventory/far",
    run_id="run",
    activity_id="1",
)


@given(st.text(), st.text())
def test_what_was_given_is_read_again_also_after_the_keys_were_rotated(workflow_id, activity_id):
    work = replace(WORK, workflow_id=workflow_id, activity_id=activity_id)
    assert given_of([OLD, NEW], "far", handle_of(OLD, work)) == work


def test_a_handle_of_another_cluster_or_of_another_installation_is_none():
    assert given_of([NEW], "near", handle_of(NEW, WORK)) is None
    assert given_of([NEW], "far", handle_of(OTHER, WORK)) is None
    assert given_of([], "far", handle_of(NEW, WORK)) is None


@given(st.data())
def test_a_handle_of_which_any_character_changed_is_none(data):
    handle = handle_of(NEW, WORK)
    at = data.draw(st.integers(0, len(handle) - 1))
    other = data.draw(st.characters().filter(lambda one: one != handle[at]))
    assert given_of([NEW], "far", handle[:at] + other + handle[at + 1 :]) is None


@given(st.text())
def test_whatever_a_stranger_sends_is_no_handle(text):
    assert given_of([NEW], "far", text) is None
