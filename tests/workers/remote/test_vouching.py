"""What a person signs about keys and people from afar: what they wanted, with the key of their login, and nothing else."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activities.access import public_keys
from activities.access.private_keys import public_half
from domain.access.keys import KeyKind, PersonKey
from domain.access.link_code import login_of
from domain.authority.registrations import ADMINISTRATOR, Registration, Topic
from domain.core.errors import RefusedError, SluicewayError
from tests.support.far import ORIGIN
from tests.workers.api.logging_in import Server
from tests.workers.remote.test_logins import _with_state
from workers.remote.client import http_of
from workers.remote.connection import Connection
from workers.remote.logins import log_in, log_in_by_link, register
from workers.remote.vouching import Vouching, kept_form

KEY = Ed25519PrivateKey.generate()


@pytest.fixture
def server(tmp_path: Path) -> Server:
    made = Server(tmp_path, now=time.time())
    made.person("ann", PersonKey(kind=KeyKind.ED25519, public=public_half(KEY)))
    admin = Registration(topic=Topic.PERSON, name="ann", body={"groups": [], "roles": [ADMINISTRATOR]})
    made.registry.register(admin)
    return made


@pytest.fixture
async def to(server: Server) -> AsyncIterator[Any]:
    clients: list[httpx2.AsyncClient] = []

    def connected(token: str = "") -> Connection:
        clients.append(http_of(ORIGIN, token, transport=httpx2.ASGITransport(_with_state(server.app()))))
        return Connection(clients[-1])

    yield connected
    for one in clients:
        await one.aclose()


async def of_ann(to: Any) -> Vouching:
    given = await log_in(to(), ORIGIN, "ann", KEY)
    return Vouching(to(given.token), ORIGIN, "ann", KEY)


async def test_a_person_is_invited_registers_a_key_and_is_confirmed_from_afar(server: Server, to: Any):
    ann, key = await of_ann(to), Ed25519PrivateKey.generate()
    link = await ann.invite("bob", ("ops",), ())
    code = link.removeprefix(f"{ORIGIN}/login/link#")
    assert login_of(code) not in str(server.records.database.rows("select * from login_links"))
    first = await log_in_by_link(to(), code)
    await register(to(first.token), "bob", key, "laptop", code)
    bob = Vouching(to(first.token), ORIGIN, "bob", key)
    (mine,) = await bob.keys()
    assert not mine.confirmed
    with pytest.raises(SluicewayError) as own:
        await bob.confirm("bob", mine.fingerprint)
    assert own.value.code == "SLW435"
    await ann.confirm("bob", mine.fingerprint)
    assert (await bob.keys())[0].confirmed


async def test_another_key_is_added_and_the_first_one_is_lost(server: Server, to: Any):
    ann, other = await of_ann(to), ec.generate_private_key(ec.SECP256R1()).public_key()
    await ann.add(other.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode() + " at home", "home")
    assert [(one.kind, one.confirmed) for one in await ann.keys()] == [("ed25519", True), ("ssh", True)]
    await ann.lose((await ann.keys())[0].fingerprint)
    assert [one.kind for one in await ann.keys()] == ["ssh"]


@pytest.mark.parametrize(
    "key",
    [Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)],
)
def test_a_line_of_openssh_has_the_form_that_the_server_registers(key: Any):
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert kept_form(f"{line} somebody@home\n") == public_keys.kept_form(line)


@pytest.mark.parametrize("line", ["", "x", "ssh-ed25519", "ssh-ed25519 !", "ssh-rsa AAAAC3NzaC1lZDI1NTE5", "\x00 AAAA"])
def test_what_is_no_line_of_openssh_is_refused(line: str):
    with pytest.raises(RefusedError) as refused:
        kept_form(line)
    assert refused.value.code == "SLW024"
