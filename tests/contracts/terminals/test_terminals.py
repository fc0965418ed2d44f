"""Every way to run a command in a container keeps the same promises."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from activities.kubernetes.exec_socket import exit_code
from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.cluster_terminals import ClusterTerminals
from activities.pods.terminals import MemoryTerminal, MemoryTerminals, Terminal, Terminals
from domain.access.principal import Principal, PrincipalKind
from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from domain.pods.exec_session import ExecTarget
from tests.support.exec_server import TOKEN, exec_server
from workers.remote.client import http_of
from workers.remote.connection import Connection
from workers.remote.terminals import RemoteTerminals

TARGET = ExecTarget(cluster="edge", namespace="default", pod="web", container="main", command=("sh", "-c", "a b"))


@asynccontextmanager
async def terminals(kind: str, folder: Path) -> AsyncIterator[Terminals]:
    if kind == "memory":
        yield MemoryTerminals(make=lambda: MemoryTerminal(react=lambda data: data.replace(b"\r", b"\r\n")))
        return
    async with exec_server(*([] if kind == "cluster" else [kind])) as server:
        server.register(folder / "addresses")
        yield ClusterTerminals(AddressBook(folder / "addresses"), folder / "clusters")


async def until(terminal: Terminal, wanted: bytes) -> bytes:
    said = b""
    while wanted not in said and (found := await terminal.read()) is not None:
        said += found[1]
    return said


@pytest.mark.parametrize("kind", ["memory", "cluster", "v4.channel.k8s.io"])
async def test_bytes_go_both_ways_until_the_command_ends(kind: str, tmp_path: Path) -> None:
    async with asyncio.timeout(120), terminals(kind, tmp_path) as where, where.open(TARGET) as terminal:
        assert terminal.code is None
        await terminal.resize(90, 30)
        await terminal.write("하\r".encode())
        assert "하".encode() in await until(terminal, b"\n")
        await terminal.write(b"exit\r")
        await until(terminal, b"\0")
        assert terminal.code == 0
        assert await terminal.read() is None
        await terminal.write(b"late")


ANN = Principal(kind=PrincipalKind.PERSON, name="ann", groups=("leads", "okta/ops"))


@pytest.mark.parametrize(("who", "impersonate"), [(ANN, False), (None, True)])
async def test_the_engine_runs_it_for_its_owner_and_where_the_cluster_does_not_ask_who(
    tmp_path: Path, who: Principal | None, impersonate: bool
) -> None:
    async with exec_server() as server:
        server.register(tmp_path / "addresses", impersonate=impersonate)
        where = ClusterTerminals(AddressBook(tmp_path / "addresses"), tmp_path / "clusters")
        async with asyncio.timeout(120), where.open(TARGET, who):
            assert server.names == [[]]


async def test_a_person_runs_it_under_their_own_name_where_the_cluster_asks_for_it(tmp_path: Path) -> None:
    async with exec_server() as server:
        server.register(tmp_path / "addresses", impersonate=True)
        where = ClusterTerminals(AddressBook(tmp_path / "addresses"), tmp_path / "clusters")
        async with asyncio.timeout(120), where.open(TARGET, ANN):
            pass
        server.forbidden = 'pods "web" is forbidden: User "sluiceway:ann" cannot create resource "pods/exec"'
        with pytest.raises(RefusedError, match="SLW974") as refused:
            async with where.open(TARGET, ANN):
                pass
    groups = [("Impersonate-Group", "sluiceway:leads"), ("Impersonate-Group", "sluiceway:okta/ops")]
    assert server.names[0] == [("Impersonate-User", "sluiceway:ann"), *groups]
    assert "--user=sluiceway:ann" in refused.value.fix


async def test_the_cluster_is_asked_for_exactly_this_and_its_token_goes_to_it_alone(tmp_path: Path) -> None:
    async with exec_server() as server:
        server.register(tmp_path / "addresses")
        where = ClusterTerminals(AddressBook(tmp_path / "addresses"), tmp_path / "clusters")
        async with where.open(TARGET) as terminal:
            await terminal.resize(90, 30)
            await terminal.write(b"err\r")
            await terminal.write(b"exit 7\r")
            said = [found async for found in read(terminal)]
        assert (2, b"no\r\n") in said
        assert terminal.code == 7
        assert server.sizes == [{"Width": 90, "Height": 30}]
        (asked,) = server.asked
        assert asked["command"] == ["sh", "-c", "a b"]
        assert (asked["container"], asked["tty"], asked["stderr"]) == (["main"], ["true"], ["false"])


async def test_why_a_command_did_not_begin_is_said(tmp_path: Path) -> None:
    async with exec_server() as server:
        server.register(tmp_path / "addresses")
        where = ClusterTerminals(AddressBook(tmp_path / "addresses"), tmp_path / "clusters")
        async with where.open(replace(TARGET, command=("missing",))) as terminal:
            said = [found async for found in read(terminal)]
            assert (said[-1], terminal.code) == ((2, b"no such file\r\n"), None)


async def read(terminal: Terminal) -> AsyncIterator[tuple[int, bytes]]:
    while (found := await terminal.read()) is not None:
        yield found


@pytest.mark.parametrize(("pod", "code", "why"), [("other", "SLW943", "pods not found"), ("web", "SLW952", "")])
async def test_a_refusal_of_the_cluster_is_told(pod: str, code: str, why: str, tmp_path: Path) -> None:
    async with exec_server() as server:
        server.register(tmp_path / "addresses")
        where = ClusterTerminals(AddressBook(tmp_path / "addresses"), tmp_path / "clusters")
        cluster = "edge" if code == "SLW943" else "unknown"
        with pytest.raises(SluicewayError) as refused:
            async with where.open(ExecTarget(cluster=cluster, namespace="a", pod=pod, container="main")):
                pytest.fail("it was opened")
        assert (refused.value.code, why in refused.value.why) == (code, True)
        assert isinstance(refused.value, RefusedError) == (code == "SLW943")


async def test_a_cluster_sends_nobody_to_another_server(tmp_path: Path) -> None:
    async with exec_server() as server, exec_server() as other:
        server.register(tmp_path / "addresses")
        server.elsewhere = other.url.replace("http", "ws")
        where = ClusterTerminals(AddressBook(tmp_path / "addresses"), tmp_path / "clusters")
        with pytest.raises(RefusedError, match="SLW943"):
            async with where.open(TARGET):
                pytest.fail("it was opened")
        assert (server.handshakes, other.handshakes) == (1, 0)


async def test_a_server_sends_nobody_to_another_one() -> None:
    async with exec_server() as server, exec_server() as other, http_of(server.url, TOKEN) as http:
        server.elsewhere = other.url.replace("http", "ws")
        with pytest.raises(UnreachableError, match="SLW470"):
            async with RemoteTerminals(Connection(http)).open("ticket", 80, 24):
                pytest.fail("it was opened")
        assert (server.handshakes, other.handshakes) == (1, 0)


@pytest.mark.parametrize(
    "status", [b"", b"[]", b"{", b"[" * 10_000, b'{"status":"Failure"}', b'{"details":{"causes":[{"message":"9"}]}}']
)
def test_a_status_that_says_nothing_is_no_success(status: bytes) -> None:
    assert exit_code(status) is None
