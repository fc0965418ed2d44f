"""Tickets and sessions on each database: a ticket is used once, however many try; and bounds hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from activities.access.secret_values import hashed
from activities.pods.exec_store import KEPT_S, ExecSession
from domain.core.errors import RefusedError
from domain.pods.exec_session import LOST_S, MOST_OF_A_PERSON, TICKET_S, ExecTarget
from workers.core.records import Records

NOW = 1_000_000.0
TARGET = ExecTarget(cluster="edge", namespace="a", pod="web", container="main", command=("sh", "-c", "하 '"), tty=False)


def session(number: int, at: float = NOW, person: str = "person:ann") -> ExecSession:
    return ExecSession(id=f"s{number}", person=person, principal=person, login="l", target=TARGET, asked_at=at)


def test_a_ticket_is_redeemed_once_however_many_try(records: Records) -> None:
    store = records.exec_sessions
    store.ask(session(1), hashed("s3cr3t"))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: store.redeem(hashed("s3cr3t"), NOW + 1), range(8)))
    (mine,) = [one for one in found if one]
    assert mine == replace(session(1), begun_at=NOW + 1, seen_at=NOW + 1)
    assert store.redeem(hashed(""), NOW) is None
    assert "s3cr3t" not in str(records.database.rows("select * from exec_sessions"))


def test_an_old_ticket_opens_nothing_and_takes_no_room(records: Records) -> None:
    store = records.exec_sessions
    for number in range(MOST_OF_A_PERSON):
        store.ask(session(number), f"h{number}")
    with pytest.raises(RefusedError, match="SLW461"):
        store.ask(session(9), "h9")
    store.ask(session(8, person="person:bob"), "h8")
    assert store.redeem("h0", NOW + TICKET_S + 1) is None
    store.ask(session(9, NOW + TICKET_S + 1), "h9")


def test_a_session_is_seen_ended_by_somebody_and_closed_once(records: Records) -> None:
    store = records.exec_sessions
    store.ask(session(1), "h")
    assert store.get("s1") is None  # nobody has opened it
    assert not store.end("s1", "person:eve", "why")
    store.redeem("h", NOW)
    assert store.look("s1", NOW + 1, 5, 2**40) == ("", "")
    assert store.end("s1", "person:eve", "why")
    assert store.look("s1", NOW + 2, 5, 2**40) == ("person:eve", "why")
    assert store.close("s1", NOW + 3, "ended", exit_code=3, recording="d")
    assert not store.close("s1", NOW + 4, "again")
    assert not store.end("s1", "person:eve", "again")
    found = store.get("s1")
    assert found is not None
    assert (found.why, found.exit_code, found.bytes_out, found.target) == ("ended", 3, 2**40, TARGET)


def test_what_the_list_takes_for_ended_ends_though_its_process_lives(records: Records) -> None:
    store = records.exec_sessions
    store.ask(session(1), "h")
    store.redeem("h", NOW)
    assert store.look("s1", NOW + 1, 0, 0) == ("", "")
    store.close("s1", NOW + 2, "lost")
    assert store.look("s1", NOW + 3, 0, 0)[0]
    assert store.look("s9", NOW + 3, 0, 0)[0]


def test_lists_are_newest_first_page_by_page_and_forget_what_is_old(records: Records) -> None:
    store = records.exec_sessions
    for number in range(4):
        store.ask(session(number, NOW + number), f"h{number}")
        store.redeem(f"h{number}", NOW + number)
    store.close("s3", NOW + 9, "ended")
    first = store.page(None, 2)
    assert [one.id for one in first] == ["s3", "s2"]
    assert [one.id for one in store.page((first[-1].begun_at or 0, "s2"), 9)] == ["s1", "s0"]
    assert [one.id for one in store.page(None, 9, running=True)] == ["s2", "s1", "s0"]
    assert {one.id for one in store.lost(NOW + LOST_S + 2)} == {"s0", "s1"}
    store.ask(session(7, NOW + KEPT_S + 10), "h7")
    assert store.get("s3") is None
