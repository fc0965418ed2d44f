"""Which events start a pipeline."""

import pytest

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


def test_who_does_not_listen_is_not_started_and_a_person_always_can() -> None:
    assert not match(push(), {}).starts
    assert match(Event(EventKind.MANUAL), {}).starts
