"""What servers share: changes, rates, answers; on each database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from activities.access.answer_store import SILENT_S, TURN, AnswerStore, Kept, Turn, mark
from activities.access.rate_store import RateStore, TooManyError
from activities.releases.release_store import ReleaseStore
from activities.storage import changes
from activities.storage.changes import ChangeReader, Topic, note
from domain.access.rates import rate_of
from domain.core.errors import RefusedError
from workers.core.records import Records

ASKED = ("person:ann", "key-1", "POST", "/api/v1/runs", b"{}")


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def _note(records: Records, *keys: str) -> None:
    with records.database.write() as connection:
        note(connection, Topic.RUNS, keys)


def test_what_changes_is_noted_in_the_transaction_of_the_change(records: Records) -> None:
    def broken() -> None:
        with records.database.write() as connection:
            note(connection, Topic.RUNS, ["run/web/1"])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert ChangeReader(records.database).after(0, 10) == []
    ReleaseStore(records.database).start("release/web/production/1", "web", "production", 1, "run/web/1")
    noted = [(one.topic, one.key) for one in ChangeReader(records.database).after(0, 10)]
    assert noted == [("releases", "release/web/production/1"), ("queues", "environment/production")]


def test_who_reads_on_from_a_number_misses_nothing_that_is_written_at_the_same_time(records: Records) -> None:
    reader, seen, last = ChangeReader(records.database), set[str](), 0
    keys = [f"run/web/{number}" for number in range(60)]
    with ThreadPoolExecutor(6) as pool:
        writes = [pool.submit(_note, records, key) for key in keys]
        while len(seen) < len(keys):
            for one in reader.after(last, 7):
                seen.add(one.key)
                last = one.seq
            if all(write.done() for write in writes) and not reader.after(last, 1):
                break
    assert seen == set(keys)


def test_old_changes_make_room_and_numbers_are_never_given_again(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "KEPT", 10)
    monkeypatch.setattr(changes, "CLEANED_EACH", 5)
    for number in range(40):
        _note(records, f"run/web/{number}")
    assert ChangeReader(records.database).ends() == (30, 40)
    assert [one.seq for one in ChangeReader(records.database).after(0, 99)] == [*range(31, 41)]


def test_a_flood_of_changes_of_one_key_pushes_out_no_other(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "KEPT", 3)
    monkeypatch.setattr(changes, "CLEANED_EACH", 1)
    _note(records, "run/web/1")
    for _ in range(20):
        _note(records, "run/web/2", "run/web/3")
    reader = ChangeReader(records.database)
    assert [(one.seq, one.key) for one in reader.after(0, 9)] == [
        (1, "run/web/1"),
        (40, "run/web/2"),
        (41, "run/web/3"),
    ]
    assert reader.ends() == (0, 41)


def test_tries_beyond_the_rate_are_refused_with_the_time_to_wait(records: Records) -> None:
    clock = Clock()
    store, rate = RateStore(records.database, clock), rate_of("login", "person:ann")
    for _ in range(rate.burst):
        store.take("login", "person:ann")
    with pytest.raises(TooManyError) as refused:
        store.take("login", "person:ann")
    assert (refused.value.code, refused.value.retry_after_s) == ("SLW454", int(rate.every_s) + 1)
    store.take("login", "person:bob")
    clock.now += refused.value.retry_after_s
    store.take("login", "person:ann")


def test_servers_at_once_count_together(records: Records) -> None:
    clock = Clock()
    rate = rate_of("signature", "person:ann")

    def one(_: int) -> bool:
        try:
            RateStore(records.database, clock).take("signature", "person:ann")
        except TooManyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(rate.burst + 20))) == rate.burst


def test_the_addresses_of_one_network_are_one(records: Records) -> None:
    store, rate = RateStore(records.database, Clock()), rate_of("login", "address:")
    for low in range(rate.burst):
        store.take("login", f"address:2001:db8::{low:x}")
    with pytest.raises(TooManyError):
        store.take("login", "address:2001:db8::ffff")


def _turn(store: AnswerStore, *asked: Any) -> Turn:
    found = store.begin(*(asked or ASKED))
    assert isinstance(found, Turn)
    return found


def _refused(store: AnswerStore, *asked: Any) -> str:
    with pytest.raises(RefusedError) as refused:
        store.begin(*(asked or ASKED))
    return refused.value.code


def test_a_request_that_comes_twice_gets_the_first_answer(records: Records) -> None:
    store, answer = (
        AnswerStore(records.database),
        Kept(303, "text/html", b'"run/web/7"', (("location", "/runs/web/7"),)),
    )
    store.end(_turn(store), answer)
    assert store.begin(*ASKED) == answer
    _turn(store, "person:bob", *ASKED[1:])


def test_another_request_under_the_same_key_is_refused(records: Records) -> None:
    store = AnswerStore(records.database)
    _turn(store)
    for other in (("PUT", "/api/v1/runs", b"{}"), ("POST", "/x", b"{}"), ("POST", "/api/v1/runs", b"")):
        assert _refused(store, "person:ann", "key-1", *other) == "SLW456"


def test_of_requests_at_the_same_time_one_is_done(records: Records) -> None:
    def one(_: int) -> str:
        try:
            return "done" if isinstance(AnswerStore(records.database).begin(*ASKED), Turn) else "answered"
        except RefusedError as refused:
            return refused.code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(one, range(6))) == ["SLW457"] * 5 + ["done"]


def test_a_request_is_under_way_as_long_as_its_server_says_so(records: Records) -> None:
    clock = Clock()
    store, other = (AnswerStore(records.database, clock) for _ in range(2))
    turn = _turn(store)
    for _ in range(20):
        clock.now += SILENT_S - 1
        store.touch(turn)
        assert _refused(other) == "SLW457"


def test_a_key_whose_server_was_killed_can_be_used_again_by_one(records: Records) -> None:
    clock = Clock()
    store, other = (AnswerStore(records.database, clock) for _ in range(2))
    killed = _turn(store)
    clock.now += SILENT_S
    taken = _turn(other)
    assert _refused(store) == "SLW457"
    store.end(killed, Kept(500, "", b""))  # it was only slow: the turn is not its own any more
    store.end(killed, Kept(200, "text/plain", b"late"))
    assert _refused(store) == "SLW457"
    other.end(taken, Kept(200, "text/plain", b"in time"))
    assert store.begin(*ASKED) == Kept(200, "text/plain", b"in time")


def test_what_a_killed_server_has_changed_is_not_changed_again(records: Records) -> None:
    clock = Clock()
    store = AnswerStore(records.database, clock)
    before = TURN.set(_turn(store))
    with records.database.write() as connection:
        mark(connection)
        mark(connection)  # several changes of one request
    TURN.reset(before)
    assert _refused(store) == "SLW457"
    clock.now += SILENT_S
    assert _refused(store) == "SLW460"


def test_a_server_that_was_slow_changes_nothing_after_another_one_took_its_turn(records: Records) -> None:
    clock = Clock()
    store = AnswerStore(records.database, clock)
    before = TURN.set(_turn(store))
    clock.now += SILENT_S
    _turn(store)
    with pytest.raises(RefusedError, match="SLW457"), records.database.write() as connection:
        mark(connection)
    TURN.reset(before)


def test_what_may_go_better_next_time_is_not_kept(records: Records) -> None:
    store = AnswerStore(records.database)
    for status in (500, 503, 429, 403, 409, 422):
        store.end(_turn(store), Kept(status, "text/plain", b"later"))


def test_answers_are_kept_for_a_day(records: Records) -> None:
    clock = Clock()
    store = AnswerStore(records.database, clock)
    _turn(store)
    clock.now += 86_401
    _turn(store, "person:bob", "other", "POST", "/", b"")
    assert len(records.database.rows("select key from answers")) == 1


def test_a_secret_in_an_answer_is_not_in_the_database(records: Records) -> None:
    store = AnswerStore(records.database)
    store.end(_turn(store), Kept(201, "application/json", b'"slw_secret"'))
    assert all(b"slw_secret" not in bytes(row["body"]) for row in records.database.rows("select body from answers"))  # type: ignore[arg-type]
