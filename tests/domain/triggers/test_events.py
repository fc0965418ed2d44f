"""Which events start a pipeline."""

from dataclasses import replace

import pytest

from domain.triggers.delivery import truncate_event
from domain.triggers.events import Event, EventKind, Listener, match


def push(**more):
    return Event(EventKind.PUSH, branch="main", changed_files=("src/a.py",), **more)


@pytest.mark.parametrize(
    ("listener", "starts"),
    [
        (Listener(EventKind.PUSH), True),
        (Listener(EventKind.PUSH, ("main",)), True),
        (Listener(EventKind.PUSH, ("release/*",)), False),
        (Listener(EventKind.PUSH, ("main",), (), ("docs/**",)), False),
        (Listener(EventKind.PUSH, (), ("v*",)), False),
    ],
)
def test_filters_of_a_push(listener, starts):
    found = match(push(), {EventKind.PUSH: listener})

    assert found.starts is starts
    assert found.reason


def test_a_list_of_changes_that_is_too_long_for_a_run_says_of_no_file_that_it_did_not_change() -> None:
    few, many = (replace(push(), changed_files=tuple(f"{i:090}" for i in range(count))) for count in (3, 1000))

    assert truncate_event(few) == few
    assert len(truncate_event(many).changed_files) < 1000
    assert not truncate_event(many).compared


def test_who_does_not_listen_is_not_started_and_a_person_always_can() -> None:
    assert not match(push(), {}).starts
    assert match(Event(EventKind.MANUAL), {}).starts
