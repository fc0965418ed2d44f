"""The job endpoint lets one agent through to its own supervisor, and nobody to anything else."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.access.secret_values import LOGIN, TOKEN
from activities.jobs import agent_tokens
from activities.jobs.agent_certificate import AgentCertificate
from activities.supervisor import agent_line
from activities.supervisor.service import free_port
from workers.agents import endpoint
from workers.agents.endpoint import Endpoint, RefusedRequestError, token_of

KEY, OTHER = "a" * 32, "b" * 32
UPGRADE = "Connection: Upgrade\r\nUpgrade: sluiceway-agent/1\r\n"


def asked(token: str, line: str = "GET /agent HTTP/1.1", more: str = "") -> bytes:
    return f"{line}\r\nHost: x\r\n{UPGRADE}{more}Authorization: Bearer {token}\r\n\r\n".encode()


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    for key in (KEY, OTHER):
        (tmp_path / "jobs" / key).mkdir(parents=True)
    return tmp_path / "jobs"


@pytest.fixture
def token(jobs: Path) -> str:
    made = agent_tokens.made(KEY)
    agent_tokens.allow(jobs / KEY, made, "the digest of a permit")
    return made


@pytest.fixture
async def port(jobs: Path, token: str) -> AsyncIterator[int]:
    own = AgentCertificate(jobs.parent / "keys")
    own.make()
    port = free_port()
    server = await Endpoint(jobs).listen("127.0.0.1", port, own.certificate, own.key)
    yield port
    server.close()


async def said(port: int, request: bytes) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
    """The first line of the answer."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=anybody)
    writer.write(request)
    return (await reader.readline()).strip(), reader, writer


async def status(port: int, request: bytes) -> int:
    first, _, writer = await said(port, request)
    writer.close()
    return int(first.split()[1])


async def test_the_token_of_a_job_leads_to_its_supervisor_and_what_both_say_arrives(jobs: Path, token: str, port: int):
    listener = agent_line.listening(str(jobs / KEY))
    first, reader, writer = await said(port, asked(token) + b"hello")
    inner, _ = listener.accept()

    assert first == b"HTTP/1.1 101 Switching Protocols"
    assert await asyncio.to_thread(inner.recv, 5) == b"hello"
    inner.sendall(b"answer")
    await reader.readuntil(b"\r\n\r\n")
    assert await reader.readexactly(6) == b"answer"
    inner.close()
    assert await reader.read() == b""  # the end of one side is the end of the other
    writer.close()
    listener.close()


async def test_a_newer_connection_takes_the_place_of_one_that_is_dead(jobs: Path, token: str, port: int):
    listener = agent_line.listening(str(jobs / KEY))
    _, old, writer = await said(port, asked(token))
    await old.readuntil(b"\r\n\r\n")
    first, _, newer = await said(port, asked(token))

    assert first.endswith(b"101 Switching Protocols")
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await old.readexactly(1)
    for one in (writer, newer):
        one.close()
    listener.close()


async def test_a_token_is_worth_nothing_for_another_job_or_after_its_own(jobs: Path, token: str, port: int):
    secret = token.partition(":")[2]
    listener = agent_line.listening(str(jobs / KEY))

    assert await status(port, asked(f"{OTHER}:{secret}")) == 401
    assert await status(port, asked(f"{KEY}:{'0' * 64}")) == 401
    agent_tokens.end(jobs / KEY)
    assert await status(port, asked(token)) == 401
    listener.close()


async def test_connections_that_say_nothing_keep_no_agent_out(jobs: Path, token: str, port: int, monkeypatch):
    monkeypatch.setattr(endpoint, "MOST_NEW", 25)
    monkeypatch.setattr(endpoint, "OF_ONE", 10)
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    silent = [
        await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.0.{n % 4 + 1}", 0)) for n in range(60)
    ]
    silent += [await asyncio.open_connection("127.0.0.1", port, ssl=anybody) for _ in range(12)]
    listener = agent_line.listening(str(jobs / KEY))
    first, _, writer = await said(port, asked(token))

    assert first.endswith(b"101 Switching Protocols")
    ends = [asyncio.create_task(reader.read()) for reader, _ in silent]
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)  # others made room
    for one in ends:
        one.cancel()
    for link in (writer, *(mine for _, mine in silent)):
        link.close()
    listener.close()


async def test_who_has_shown_a_token_is_no_newcomer_any_more(jobs: Path, token: str, port: int, monkeypatch):
    listener = agent_line.listening(str(jobs / KEY))
    _, reader, writer = await said(port, asked(token))
    await reader.readuntil(b"\r\n\r\n")
    monkeypatch.setattr(endpoint, "OF_ONE", 10)
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2 * endpoint.OF_ONE)]
    inner, _ = listener.accept()
    writer.write(b"still here")

    assert await asyncio.to_thread(inner.recv, 10) == b"still here"
    for one in (writer, *(mine for _, mine in silent)):
        one.close()
    inner.close()
    listener.close()


async def test_a_job_whose_supervisor_is_away_is_told_to_come_back(port: int, token: str):
    assert await status(port, asked(token)) == 503


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (b"GET /api/v1/runs HTTP/1.1\r\n\r\n", 404),
        (b"POST /agent HTTP/1.1\r\n\r\n", 404),
        (b"GET /agent?x=1 HTTP/1.1\r\n\r\n", 404),
        (b"GET /agent HTTP/1.0\r\n\r\n", 400),
        (b"GET /agent HTTP/1.1\r\n\r\n", 400),
        (f"GET /agent HTTP/1.1\r\n{UPGRADE}\r\n".encode(), 401),
        (asked("../../etc:" + "0" * 64), 401),
        (asked("0" * 32 + ":" + "0" * 64, more="Authorization: Bearer 1\r\n"), 401),
        (f"GET /agent HTTP/1.1\r\n{UPGRADE}X: {'x' * 5_000}\r\n\r\n".encode(), 400),
    ],
)
async def test_there_is_one_path_and_one_way_to_ask_for_it(port: int, request_: bytes, code: int):
    assert await status(port, request_) == code


@given(st.binary(max_size=300))
def test_a_head_of_any_bytes_is_refused_in_the_words_of_the_protocol(head: bytes):
    with pytest.raises(RefusedRequestError):
        token_of(head)


@given(st.text(max_size=120))
def test_no_other_text_is_a_token_and_no_folder_is_touched_for_it(text: str):
    assert agent_tokens.folder_of(Path("/nowhere"), text) is None


def test_of_a_token_only_its_digest_is_kept(jobs: Path, token: str):
    kept = (jobs / KEY / agent_tokens.FILE).read_text()

    assert token not in kept
    assert token.partition(":")[2] not in kept
    assert agent_tokens.folder_of(jobs, token) == jobs / KEY


def test_the_token_of_an_agent_is_none_of_the_kinds_that_the_server_knows(token: str):
    assert not token.startswith((TOKEN, LOGIN))


def test_the_certificate_is_made_once_and_its_key_is_private(tmp_path: Path):
    one = AgentCertificate(tmp_path / "keys")
    pin = one.pin

    assert AgentCertificate(tmp_path / "keys").pin == pin
    assert one.key.stat().st_mode & 0o077 == 0
