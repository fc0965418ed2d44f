"""What lists show of an event is short, and never more than is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.runs.listed import MAX_MESSAGE, MAX_NAME, listed
from domain.triggers.events import Event, EventKind, EventSource

TEXTS = st.text(max_size=1_000)


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.sampled_from(EventKind), st.sampled_from(["", *EventSource]))
def test_any_event_has_a_short_row(
    branch: str, author: str, actor: str, message: str, kind: EventKind, actor_from: str
) -> None:
    found = listed(Event(kind, branch=branch, author=author, actor=actor, message=message, actor_from=actor_from))
    assert max(map(len, (found.branch, found.author, found.actor, found.owner))) <= MAX_NAME
    assert len(found.message) <= MAX_MESSAGE
    assert len(found.message.splitlines()) <= 1
    if not actor_from:
        assert (found.actor, found.owner) == ("", "")


@pytest.mark.parametrize(
    ("actor", "actor_from", "owner"),
    [
        ("ann", EventSource.SERVER, "person:ann"),
        ("ann", EventSource.SSH, "person:ann"),
        ("token:t1", EventSource.SERVER, "token:t1"),
        ("ann", EventSource.SYSTEM, ""),
        ("ann", "", ""),
        ("", EventSource.SERVER, ""),
    ],
)
def test_a_run_belongs_to_whom_a_login_or_a_key_has_named(actor: str, actor_from: str, owner: str) -> None:
    assert listed(Event(EventKind.MANUAL, actor=actor, actor_from=actor_from)).owner == owner


@pytest.mark.parametrize(
    ("kind", "own_branch", "integrity"),
    [
        (EventKind.PUSH, False, 1),
        (EventKind.MANUAL, False, 1),
        (EventKind.PULL_REQUEST, True, 1),
        (EventKind.PULL_REQUEST, False, 0),
    ],
)
def test_a_pull_request_from_elsewhere_is_a_strangers(kind: EventKind, own_branch: bool, integrity: int) -> None:
    assert listed(Event(kind, own_branch=own_branch)).integrity == integrity
