"""What was said by hand while no signer answered is kept whole and in order, whatever else is in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.authority.waiting import WaitingFile
from domain.authority.registrations import Registration, Topic


def said(name: str) -> Registration:
    return Registration(topic=Topic.PERSON, name=name, body={"groups": [], "roles": []})


def test_statements_wait_in_order_and_once(tmp_path: Path) -> None:
    file = WaitingFile(tmp_path / "signer" / "waiting.jsonl")
    assert not file.some()
    for name in ("ann", "bob"):
        file.add(said(name))
    assert [one.name for one in file.take()] == ["ann", "bob"]
    file.add(said("eve"))
    file.done()

    assert [one.name for one in file.take()] == ["eve"]
    assert (tmp_path / "signer" / "waiting.jsonl").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("odd", [b"{}", b"null", b"[" * 5_000, b"\xff", b'{"topic": "future", "name": "x"}', b""])
def test_a_line_that_nobody_can_read_keeps_nobody_from_their_work(tmp_path: Path, odd: bytes) -> None:
    path = tmp_path / "waiting.jsonl"
    file = WaitingFile(path)
    file.add(said("ann"))
    path.write_bytes(path.read_bytes() + odd + b"\n")
    file.add(said("bob"))

    assert [one.name for one in file.take()] == ["ann", "bob"]
    file.done()
    assert not file.some()


def test_a_line_that_is_still_being_written_is_left(tmp_path: Path) -> None:
    path = tmp_path / "waiting.jsonl"
    file = WaitingFile(path)
    file.add(said("ann"))
    path.write_bytes(path.read_bytes() + b'{"topic": "per')
    assert [one.name for one in file.take()] == ["ann"]
    file.done()

    assert path.read_bytes() == b'{"topic": "per'
    file.add(said("bob"))
    assert [one.name for one in file.take()] == ["bob"]
