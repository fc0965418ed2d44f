"""A login far away signs for one server and one purpose, with a key that never leaves."""

from __future__ import annotations

import base64
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization import PublicFormat as Public

from activities.access.device_store import DeviceStore
from activities.access.key_registry import enrolment
from activities.access.private_keys import public_half
from domain.access.keys import KeyKind, PersonKey
from domain.authority.registrations import key_body
from domain.core.errors import RefusedError, SluicewayError
from tests.support.far import ORIGIN
from tests.workers.api.logging_in import Server
from workers.remote.client import http_of
from workers.remote.connection import Connection
from workers.remote.logins import Device, ask_device, let_in, log_in, log_in_by_link, log_out, register, step_up
from workers.remote.signing import load_key, made_key

KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    made = Server(tmp_path, now=time.time())
    public = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, Public.Raw)).decode()
    made.person("ann", PersonKey(kind=KeyKind.ED25519, public=public, label="laptop"))
    return made


@pytest.fixture
async def connected(server: Server) -> AsyncIterator[Any]:
    clients: list[httpx2.AsyncClient] = []

    def to(token: str = "") -> Connection:
        clients.append(http_of(ORIGIN, token, transport=httpx2.ASGITransport(_with_state(server.app()))))
        return Connection(clients[-1])

    yield to
    for one in clients:
        await one.aclose()


def _with_state(app: Any) -> Any:
    """As a server with a lifespan gives it."""

    async def called(scope: Any, receive: Any, send: Any) -> None:
        scope.setdefault("state", {})
        await app(scope, receive, send)

    return called


async def _who(connection: Connection) -> str:
    answer = await connection._http.get("/who")
    return str(answer.json()["id"])


async def test_a_key_logs_in_confirms_and_out(connected: Any):
    given = await log_in(connected(), ORIGIN, "ann", KEY)
    assert given.person == "ann"
    assert await _who(connected(given.token)) == "person:ann"
    again = await step_up(connected(given.token), ORIGIN, "ann", KEY)
    assert await _who(connected(again.token)) == "person:ann"
    assert await _who(connected(given.token)) == "anonymous:anonymous"
    await log_out(connected(again.token))
    assert await _who(connected(again.token)) == "anonymous:anonymous"


async def test_another_key_is_refused(connected: Any):
    with pytest.raises(SluicewayError) as refused:
        await log_in(connected(), ORIGIN, "ann", Ed25519PrivateKey.generate())
    assert refused.value.code in ("SLW420", "SLW421", "SLW422")


def _asking(**changed: Any) -> Connection:
    """A server that asks for a signature which some other one could use."""
    told: dict[str, Any] = {
        "origin": ORIGIN,
        "purpose": "login",
        "nonce": "n",
        "session": "",
        "expires_at": int(time.time()) + 60,
    }

    def handler(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path.endswith("/question"), "nothing may be signed"
        return httpx2.Response(200, json={"state": "s", "challenge": told | changed})

    return Connection(http_of(ORIGIN, transport=httpx2.MockTransport(handler)))


@pytest.mark.parametrize(
    "changed",
    [
        {"origin": "https://bank.example"},
        {"origin": ORIGIN + "/"},
        {"purpose": "step-up"},
        {"purpose": "decision"},
        {"expires_at": 2**40},
        {"expires_at": "soon"},
        {"nonce": 7},
    ],
)
async def test_nothing_is_signed_that_another_server_could_use(changed: dict[str, Any]):
    with pytest.raises(SluicewayError) as refused:
        await log_in(_asking(**changed), ORIGIN, "ann", KEY)
    assert refused.value.code == "SLW478"


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.OpenSSH])
def test_a_key_is_read_as_pem_and_as_openssh(tmp_path: Path, form: PrivateFormat):
    file = tmp_path / "ann.key"
    file.write_bytes(KEY.private_bytes(Encoding.PEM, form, NoEncryption()))
    assert load_key(file).private_bytes_raw() == KEY.private_bytes_raw()


def test_a_key_with_a_passphrase_needs_it(tmp_path: Path):
    file = tmp_path / "ann.key"
    file.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word")))
    assert load_key(file, b"word").private_bytes_raw() == KEY.private_bytes_raw()
    for wrong in (None, b"other"):
        with pytest.raises(RefusedError) as refused:
            load_key(file, wrong)
        assert refused.value.code == "SLW024"


def test_a_missing_key_says_so(tmp_path: Path):
    with pytest.raises(RefusedError) as refused:
        load_key(tmp_path / "none")
    assert refused.value.code == "SLW871"


async def test_a_link_registers_a_key_that_logs_in(server: Server, connected: Any, tmp_path: Path):
    server.person("bob")
    code = server.link("bob")
    first = await log_in_by_link(connected(), code)
    key = made_key(tmp_path / "keys" / "bob.key")
    assert (tmp_path / "keys" / "bob.key").stat().st_mode & 0o777 == 0o600
    await register(connected(first.token), first.person, key, "laptop", code)
    again = await log_in(connected(), ORIGIN, "bob", key)
    assert await _who(connected(again.token)) == "person:bob"
    with pytest.raises(SluicewayError) as refused:
        await log_in_by_link(connected(), code)
    assert refused.value.code == "SLW420"


@pytest.mark.parametrize(
    "changed",
    [
        {"body": key_body(PersonKey(kind=KeyKind.ED25519, public=public_half(Ed25519PrivateKey.generate())))},
        {"name": "eve"},
        {"topic": "environment"},
        {"topic": "?"},
        {"expires_at": 2**40},
    ],
)
async def test_the_key_of_a_code_signs_for_no_key_of_the_server(changed: dict[str, Any]):
    said = enrolment("bob", PersonKey(kind=KeyKind.ED25519, public=public_half(KEY))).plain() | changed

    def handler(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path.endswith("/file"), "nothing may be signed"
        return httpx2.Response(200, json={"state": "s", "statement": said})

    hostile = Connection(http_of(ORIGIN, transport=httpx2.MockTransport(handler)))
    with pytest.raises(SluicewayError) as refused:
        await register(hostile, "bob", KEY, "laptop", secrets.token_urlsafe(32))
    assert refused.value.code == "SLW478"


async def test_a_code_is_not_sent(tmp_path: Path):
    sent: list[bytes] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        sent.append(request.read() + str(request.url).encode())
        return httpx2.Response(200, json={"person": "bob", "token": "t"})

    code = secrets.token_urlsafe(32)
    await log_in_by_link(Connection(http_of(ORIGIN, transport=httpx2.MockTransport(handler))), code)
    assert sent
    assert not any(code.encode() in one for one in sent)
    with pytest.raises(RefusedError, match="not accepted"):
        await log_in_by_link(Connection(http_of(ORIGIN, transport=httpx2.MockTransport(handler))), "x")


async def test_a_browser_lets_a_command_line_in(server: Server, connected: Any):
    device = await ask_device(connected(), ORIGIN, "laptop")
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        server.now += 1 if len(pauses) < 3 else seconds
        if len(pauses) == 3:
            assert DeviceStore(server.records.database).decide(device.user_code, "ann", server.now)

    given = await let_in(connected(), device, pause)
    assert pauses == [5, 5, 10], "the second question came too early"
    assert await _who(connected(given.token)) == "person:ann"


async def test_a_server_that_is_away_for_a_moment_is_asked_again_and_less_often():
    answers = iter(
        [httpx2.ReadError("reset"), {"state": "pending"}, {"state": "allowed", "person": "ann", "token": "t"}]
    )
    pauses: list[float] = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(200, json=answer)

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    server = Connection(http_of(ORIGIN, transport=httpx2.MockTransport(handler)))
    given = await let_in(server, Device("code", "BCDF-GHJK", f"{ORIGIN}/login/device", 600, 5), pause)
    assert (given.person, pauses) == ("ann", [5, 10, 10])


async def test_a_server_sends_its_person_to_no_other_place():
    told = {"device_code": "x", "user_code": "x", "expires_in": 600, "interval": 5}

    def handler(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={**told, "verification_uri": "https://evil.example/login/device"})

    with pytest.raises(SluicewayError) as refused:
        await ask_device(Connection(http_of(ORIGIN, transport=httpx2.MockTransport(handler))), ORIGIN, "laptop")
    assert refused.value.code == "SLW478"


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path):
    file = tmp_path / "ann.key"
    assert made_key(file).private_bytes_raw() == made_key(file).private_bytes_raw()
