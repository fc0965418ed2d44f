"""What an agent says is a stranger's: the supervisor takes a step's output once, in order, or not at all."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.supervisor import agent_line as wire
from activities.supervisor.agent_line import Line, WireError
from activities.supervisor.away import Away, Step


def frame(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(4, "big") + body


def piece(stream: int, offset: int, data: bytes) -> bytes:
    return frame(wire.OUTPUT, bytes([stream]) + offset.to_bytes(8, "big") + data)


def ended(code: object, sizes: object, step: object = 1) -> bytes:
    return frame(wire.ENDED, json.dumps({"step": step, "code": code, "sizes": sizes}).encode())


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One whose outputs are kept, instead of written."""
    (tmp_path / "workspace").mkdir()
    spec = {"cwd": str(tmp_path / "workspace"), "output_bytes": 1_000}
    place = Away(spec, {"files": "", "root": "/sluiceway", "look": []})  # type: ignore[arg-type]
    made = Step(place, 1, ["/bin/sh", "-e", "-c", "true"])
    wrote = {1: b"", 2: b""}

    def write(stream: int, data: bytes) -> int:
        wrote[stream] += data[:3]
        return len(data[:3])

    monkeypatch.setattr("activities.supervisor.away.os.write", write)
    yield made, wrote
    place._listener.close()


def followed(step: Step, said: bytes) -> int:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(said)
        there.shutdown(socket.SHUT_WR)
        return step._followed(Line(here))


def test_output_that_comes_again_after_a_break_is_written_once(step):
    made, wrote = step
    with pytest.raises(WireError, match="ended"):
        followed(made, piece(1, 0, b"one\ntw") + piece(2, 0, b"error"))
    code = followed(made, piece(1, 2, b"e\ntwo\n") + ended(3, [8, 5]))

    assert (code, wrote) == (3, {1: b"one\ntwo\n", 2: b"error"})


@pytest.mark.parametrize(
    "said",
    [
        piece(1, 5, b"from nowhere"),
        piece(3, 0, b"of no stream"),
        piece(1, 1 << 63, b"x"),
        frame(wire.OUTPUT, b"\1"),
        frame(wire.HELLO, b"{}"),
        frame(wire.BLOB, b"files"),
        frame(wire.ENDED, b"no JSON"),
        frame(wire.ENDED, b"[" * 60_000),
        ended(0, [0, 0], step=2),
        ended(0, [1, 0]),
        ended(256, [0, 0]),
        ended("0", [0, 0]),
        ended(True, [0, 0]),
        bytes([wire.OUTPUT]) + (1 << 31).to_bytes(4, "big"),
        b"",
    ],
)
def test_what_is_no_protocol_ends_the_connection_and_is_no_result(step, said: bytes):
    made, wrote = step
    with pytest.raises(WireError):
        followed(made, said)

    assert wrote == {1: b"", 2: b""}


@given(st.binary(max_size=200))
def test_no_bytes_make_a_frame_larger_than_the_protocol_allows(data: bytes):
    here, there = socket.socketpair()
    with here, there:
        there.sendall(data)
        there.shutdown(socket.SHUT_WR)
        try:
            _, body = Line(here).read()
        except WireError:
            return
        assert len(body) <= wire.MAX_FRAME


def test_the_files_that_come_home_are_those_that_the_agent_has_read(tmp_path: Path):
    from activities.supervisor import away

    here, there = socket.socketpair()
    with here, there:
        end = json.dumps({"code": 0, "digest": "0" * 64}).encode()
        there.sendall(frame(wire.BLOB, b"changed") + frame(wire.BLOB, b"") + frame(wire.ENDED, end))
        with pytest.raises(WireError, match="not what the agent has read"):
            away._received(Line(here), str(tmp_path / "fetched.tar"))


@pytest.mark.parametrize(
    ("said", "limit_s", "why"),
    [(frame(wire.BLOB, b"") * 3, 60.0, "nobody asked for"), (frame(wire.BLOB, b"x") * 3, -1.0, "take more than")],
)
def test_an_archive_without_an_end_is_none(tmp_path: Path, monkeypatch, said: bytes, limit_s: float, why: str):
    from activities.supervisor import away

    monkeypatch.setattr(away, "FETCH_S", limit_s)
    here, there = socket.socketpair()
    with here, there:
        there.sendall(said)
        with pytest.raises(OSError, match=why):
            away._received(Line(here), str(tmp_path / "fetched.tar"))


def test_the_socket_of_a_job_is_private_and_works_at_any_depth(tmp_path: Path):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    before = os.umask(0o077)
    try:
        for _ in range(2):  # what is left of an earlier one does not matter
            wire.listening(str(deep)).close()
    finally:
        os.umask(before)

    assert (deep / wire.SOCKET).stat().st_mode & 0o077 == 0
