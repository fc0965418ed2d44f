"""A seal fits exactly what it was made for."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authority.seals import (
    CODE,
    WINDOW_MS,
    Kind,
    Message,
    Seal,
    Sealed,
    answers,
    read,
    refusal,
    scheduled_base,
    sealed,
    stale,
)

SECRET = b"s" * 32
NOW_MS = 1_795_000_000_000
TEXT = st.text(max_size=12)
MESSAGES = st.builds(
    Message, kind=st.sampled_from(Kind), name=TEXT, workflow_id=TEXT, namespace=TEXT, run_id=TEXT, id=TEXT
)
PARTS = st.lists(st.builds(Sealed, st.binary(max_size=8), st.binary(max_size=24)), max_size=3)


def keys(id_: str) -> bytes | None:
    return SECRET if id_ == "k1" else None


def made(message: Message, parts: list[Sealed]) -> list[Seal | None]:
    return [read(one.text()) for one in sealed("k1", SECRET, message, parts, "nonce", NOW_MS)]


def test_the_code_is_the_one_that_is_explained():
    assert CODE == "SLW001"


@given(MESSAGES, PARTS)
def test_a_message_verifies_as_it_was_sealed(message: Message, parts: list[Sealed]):
    assert refusal(keys, message, made(message, parts), parts) == ""


@given(MESSAGES, PARTS, MESSAGES, PARTS)
def test_it_verifies_as_nothing_else(message: Message, parts: list[Sealed], other: Message, others: list[Sealed]):
    same = other == message and others == parts
    assert (refusal(keys, other, made(message, parts), others) == "") is same


LOCK = Message(kind=Kind.SIGNAL, name="lock", workflow_id="environment/web", run_id="r", id="i")


@pytest.mark.parametrize(
    "other",
    [
        replace(LOCK, kind=Kind.UPDATE),
        replace(LOCK, name="locks"),
        replace(LOCK, workflow_id="environment/webx"),
        replace(LOCK, namespace="other"),
        replace(LOCK, run_id="s"),
        replace(LOCK, id="j"),
        replace(LOCK, workflow_id="environment/webi", id=""),
    ],
)
def test_every_field_of_a_message_is_under_its_seal(other: Message):
    message, part = LOCK, Sealed(b"json/plain", b"1")
    assert refusal(keys, other, made(message, [part]), [part]) != ""
    assert refusal(keys, message, made(message, [part]), [part]) == ""


@pytest.mark.parametrize("field", ["key", "kind", "name", "run_id", "nonce", "at_ms", "place", "count", "mac"])
def test_nothing_beside_a_payload_can_be_changed(field: str):
    message, part = Message(kind=Kind.SIGNAL, name="lock", workflow_id="w"), Sealed(b"json/plain", b"1")
    seal = made(message, [part])[0]
    assert seal is not None
    fields = json.loads(seal.text())
    value = fields[field]
    forged = read(json.dumps({**fields, field: value + 1 if isinstance(value, int) else f"{value}x"}).encode())
    assert forged is not None
    assert refusal(keys, message, [forged], [part]) != ""


def test_payloads_change_neither_places_nor_messages():
    message = Message(kind=Kind.ACTIVITY, name="act", workflow_id="w")
    one, two = Sealed(b"json/plain", b"1"), Sealed(b"json/plain", b"2")
    first, second = made(message, [one, two])
    assert refusal(keys, message, [second, first], [two, one]) != ""
    assert refusal(keys, message, [first], [one]) != ""
    third = [read(seal.text()) for seal in sealed("k1", SECRET, message, [one, two], "another", NOW_MS)]
    assert refusal(keys, message, [first, third[1]], [one, two]) != ""


def test_another_key_s_seal_does_not_count():
    message, part = Message(kind=Kind.START, name="Release", workflow_id="w"), Sealed(b"json/plain", b"1")
    foreign = sealed("k1", b"x" * 32, message, [part], "nonce", NOW_MS)
    assert refusal(keys, message, list(foreign), [part]) == "its seal does not fit it"
    unknown = sealed("k2", SECRET, message, [part], "nonce", NOW_MS)
    assert refusal(keys, message, list(unknown), [part]) == "its key k2 is unknown"


@given(st.sampled_from(Kind))
def test_a_question_is_no_answer(kind: Kind):
    message, part = Message(kind=kind, name="view", workflow_id="w"), Sealed(b"json/plain", b"1")
    seal = sealed("k1", SECRET, message, [part], "nonce", NOW_MS)[0]
    known = answers(keys, "w", "default", seal, part)
    questions = {Kind.START, Kind.CONTINUED, Kind.SCHEDULED, Kind.SIGNAL, Kind.UPDATE, Kind.QUERY, Kind.ACTIVITY}
    assert known is not (kind in questions or kind in {Kind.SEEN, Kind.ACTIVITY_RESULT})
    assert not answers(keys, "v", "default", seal, part)


@given(st.binary(max_size=300))
def test_a_stranger_s_bytes_are_no_seal(data: bytes):
    assert read(data) is None


@pytest.mark.parametrize("text", [b"null", b"[]", b"{}", b'{"key":1}', b"[" * 1_900, b'{"mac":"' + b"0" * 3_000])
def test_nothing_but_a_seal_is_read_as_one(text: bytes):
    assert read(text) is None


def test_what_was_sealed_long_before_an_execution_began_was_for_another_one():
    message = Message(kind=Kind.SIGNAL, name="lock", workflow_id="w")
    seal = sealed("k1", SECRET, message, [], "nonce", NOW_MS)[0]
    assert not stale(seal, NOW_MS)
    assert not stale(seal, NOW_MS + WINDOW_MS)
    assert stale(seal, NOW_MS + WINDOW_MS + 1)


@pytest.mark.parametrize(
    ("id_", "base"),
    [
        ("scheduled/web-2026-11-28T03:00:00Z", "scheduled/web"),
        ("scheduled/web-20-2026-11-28T03:00:00Z", "scheduled/web-20"),
        ("rescan", ""),
        ("scheduled/web-2026", ""),
        ("-2026-11-28T03:00:00Z", ""),
    ],
)
def test_a_schedule_s_execution_names_what_started_it(id_: str, base: str):
    assert scheduled_base(id_) == base
