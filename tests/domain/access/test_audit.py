"""Entries of the audit as canonical bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access.audit import MAX_TEXT, AuditEntry, AuditEvent, AuditKind, AuditOutcome, entry_of, leaf_of

TEXT = st.text(st.characters(), max_size=30)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=30,
)
EVENTS = st.builds(
    AuditEvent,
    kind=st.sampled_from(AuditKind),
    outcome=st.sampled_from(AuditOutcome),
    **dict.fromkeys(("actor", "on_behalf_of", "action", "resource", "rule", "session", "address"), TEXT),
    details=st.dictionaries(TEXT, JSON, max_size=5),
)
ENTRIES = st.builds(AuditEntry, st.integers(0, 2**50), st.integers(0, 2**50), EVENTS)


@given(ENTRIES)
def test_whatever_an_event_holds_it_has_bytes_that_read_back(entry: AuditEntry) -> None:
    leaf = leaf_of(entry)
    assert leaf_of(entry_of(leaf)) == leaf
    assert (entry_of(leaf).seq, entry_of(leaf).at_ms) == (entry.seq, entry.at_ms)


@given(ENTRIES)
def test_bytes_that_are_not_canonical_are_no_entry(entry: AuditEntry) -> None:
    for changed in (leaf_of(entry) + b" ", leaf_of(entry)[:-1], leaf_of(entry).replace(b'"v":1', b'"v":2')):
        with pytest.raises(ValueError, match=r"."):
            entry_of(changed)


def test_a_strangers_text_is_cut_and_never_refused() -> None:
    event = AuditEvent(
        kind=AuditKind.LOGIN, outcome=AuditOutcome.DENIED, actor="x" * 10**6, details={"a": ["y" * 10**6] * 10**4}
    )
    leaf = leaf_of(AuditEntry(0, 0, event))
    assert len(leaf) < 400_000
    assert len(entry_of(leaf).event.actor) == MAX_TEXT


def test_bytes_that_are_nested_without_end_are_no_entry() -> None:
    with pytest.raises(ValueError, match="nested"):
        entry_of(b"[" * 100_000)
