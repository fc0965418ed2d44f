"""What a job tries with its proxy, over real connections: where it gets, and what is refused with which code."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field

import pytest

from activities.supervisor.proxy.server import Patience, Proxy, resolved
from domain.jobs.egress import egress_of

ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"
LOCAL = ["127.0.0.0/8"]


@dataclass
class Site:
    """A server of the test: answers each connection once, and keeps what it was sent."""

    port: int = 0
    got: list[bytes] = field(default_factory=list)

    async def taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = len(self.got)
        self.got.append(b"")
        with suppress(OSError):
            while not _is_whole(self.got[at]) and (data := await reader.read(65_536)):
                self.got[at] += data
            if _is_whole(self.got[at]):
                writer.write(ANSWER)
            writer.close()


def _is_whole(data: bytes) -> bool:
    head, end, body = data.partition(b"\r\n\r\n")
    if b"transfer-encoding" in head:
        return body.endswith(b"0\r\n\r\n")
    return bool(end) and (b"content-length: 4" not in head or len(body) >= 4)


@dataclass
class World:
    site: Site
    proxy: Proxy
    port: int
    told: list[tuple[str, str]]

    @property
    def codes(self) -> list[str]:
        return [code for code, _ in self.told]

    async def say(self, *parts: bytes, ends: bool = True) -> bytes:
        """Everything that the proxy answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        with closing(writer), suppress(OSError):
            for part in parts:
                writer.write(part.replace(b"PORT", str(self.site.port).encode()))
                await writer.drain()
            if ends:
                writer.write_eof()
            return await asyncio.wait_for(reader.read(), 120)
        return b""


@asynccontextmanager
async def world(
    *hosts: str,
    opened: list[str] | None = None,
    names: Callable[[str], list[str]] | None = None,
    patience: Patience | None = None,
    most: int = 100,
) -> AsyncIterator[World]:
    """`names`: the addresses of a name, in place of the machine's."""
    site, told = Site(), list[tuple[str, str]]()
    server = await asyncio.start_server(site.taken, "127.0.0.1", 0)
    site.port = server.sockets[0].getsockname()[1]

    async def asked(name: str, port: int) -> list[str]:
        return names(name) if names else await resolved(name, port)

    listed = [one.replace("PORT", str(site.port)) for one in hosts]
    egress = egress_of(listed, LOCAL if opened is None else opened)
    proxy = Proxy(egress, lambda *words: told.append(words), asked, patience or Patience(), most)
    listener = socket.create_server(("127.0.0.1", 0))
    taking = await proxy.serve(listener)
    async with taking, server:
        yield World(site, proxy, listener.getsockname()[1], told)


CONNECT = b"CONNECT localhost:PORT HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n"
GET = b"GET http://localhost:PORT/a HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n"


async def test_a_listed_host_is_reached_by_a_tunnel_and_by_a_request():
    async with world("localhost:PORT") as it:
        tunnel = await it.say(CONNECT, b"GET / HTTP/1.1\r\n\r\n")
        plain = await it.say(GET)

    assert tunnel == b"HTTP/1.1 200 Connection established\r\n\r\n" + ANSWER
    assert plain == ANSWER
    assert it.site.got[0] == b"GET / HTTP/1.1\r\n\r\n"
    assert it.site.got[1].startswith(f"GET /a HTTP/1.1\r\nhost: localhost:{it.site.port}\r\n".encode())
    assert it.told == []


FORBIDDEN = {
    "another host": "CONNECT other.example:PORT HTTP/1.1",
    "another port": "CONNECT localhost:1 HTTP/1.1",
    "the metadata of a cloud": "CONNECT 169.254.169.254:80 HTTP/1.1",
    "the metadata by a request": "GET http://169.254.169.254/latest/meta-data/ HTTP/1.1",
    "the metadata by IPv6": "CONNECT [fd00:ec2::254]:80 HTTP/1.1",
    "a port of the engine": "CONNECT 127.0.0.1:7233 HTTP/1.1",
    "its address": "CONNECT 127.0.0.1:PORT HTTP/1.1",
    "its address as a number": "CONNECT 2130706433:PORT HTTP/1.1",
    "its address in octal": "CONNECT 0177.0.0.1:PORT HTTP/1.1",
    "its address in hex": "CONNECT 0x7f000001:PORT HTTP/1.1",
    "its address in short": "CONNECT 127.1:PORT HTTP/1.1",
    "its address in IPv6": "CONNECT [::ffff:127.0.0.1]:PORT HTTP/1.1",
    "the loopback of IPv6": "GET http://[::1]:PORT/ HTTP/1.1",
    "a name below it": "CONNECT a.localhost:PORT HTTP/1.1",
    "two dots behind it": "CONNECT localhost..:PORT HTTP/1.1",
}


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_what_is_not_listed_is_refused(what: str):
    async with world("localhost:PORT") as it:
        answer = await it.say(f"{FORBIDDEN[what]}\r\n\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"SLW033" in answer
    assert it.codes == ["SLW033"]
    assert it.site.got == []


async def test_a_dot_behind_a_listed_name_and_its_case_change_nothing():
    async with world("localhost:PORT") as it:
        assert (await it.say(CONNECT.replace(b"localhost", b"LocalHost."), b"x")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "10.0.0.1", "::1", "fd00:ec2::254"]
)
async def test_a_listed_name_that_leads_inside_is_refused(address: str):
    async with world("*.example:PORT", opened=[], names=lambda name: [address]) as it:
        answer = await it.say(b"CONNECT evil.example:PORT HTTP/1.1\r\n\r\n")

    assert b"SLW037" in answer
    assert it.codes == ["SLW037"]
    assert it.site.got == []


async def test_an_address_of_this_machine_is_refused_though_it_is_public(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("domain.core.addresses._CLOSED", ())
    async with world("*.example:PORT", opened=[], names=lambda name: ["127.0.0.1"]) as it:
        assert b"SLW037" in await it.say(b"CONNECT own.example:PORT HTTP/1.1\r\n\r\n")


async def test_a_name_is_resolved_once_and_the_connection_goes_where_it_was_looked_at():
    turns = iter([["127.0.0.1"], ["169.254.169.254"]])
    asked = list[str]()

    def names(name: str) -> list[str]:
        asked.append(name)
        return next(turns)

    async with world("*.example:PORT", names=names) as it:
        first = await it.say(b"CONNECT re.example:PORT HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n")
        second = await it.say(b"CONNECT re.example:PORT HTTP/1.1\r\n\r\n")

    assert first.endswith(ANSWER)
    assert b"SLW037" in second
    assert asked == ["re.example"] * 2


async def test_of_several_addresses_only_those_that_are_let_through_are_tried():
    async with world("*.example:PORT", names=lambda name: ["169.254.169.254", "127.0.0.1"]) as it:
        assert (await it.say(b"CONNECT two.example:PORT HTTP/1.1\r\n\r\n", b"x")).startswith(b"HTTP/1.1 200 ")


MALFORMED = {
    "another host in the header": b"CONNECT localhost:PORT HTTP/1.1\r\nHost: other.example\r\n\r\n",
    "a listed host in the header": b"CONNECT other.example:80 HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n",
    "another host of a request": b"GET http://localhost:PORT/ HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n",
    "a user in the address": b"GET http://localhost:PORT@169.254.169.254/ HTTP/1.1\r\n\r\n",
    "a path alone": b"GET / HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n",
    "another scheme": b"GET https://localhost:PORT/ HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n",
    "two lengths": b"POST http://localhost:PORT/ HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\r\n\r\n",
}


@pytest.mark.parametrize("what", MALFORMED)
async def test_a_malformed_request_is_refused(what: str):
    async with world("localhost:PORT") as it:
        answer = await it.say(MALFORMED[what])

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"SLW035" in answer
    assert it.codes == ["SLW035"]
    assert it.site.got == []


POST = b"POST http://localhost:PORT/ HTTP/1.1\r\nHost: localhost:PORT\r\n"
SECOND = b"GET http://localhost:PORT/admin HTTP/1.1\r\nHost: localhost:PORT\r\n\r\n"


async def test_what_follows_a_body_does_not_go_on():
    async with world("localhost:PORT") as it:
        answer = await it.say(POST + b"Content-Length: 4\r\n\r\nbody" + SECOND)
        chunked = await it.say(POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX: y\r\n\r\n" + SECOND)

    assert answer == chunked == ANSWER
    assert it.site.got[0].endswith(b"\r\n\r\nbody")
    assert it.site.got[1].endswith(b"\r\n\r\n4\r\nbody\r\n0\r\n\r\n")


@pytest.mark.parametrize("body", [b"5;x=y\r\nhello\r\n0\r\n\r\n", b"2\r\nhello\r\n0\r\n\r\n", b"-1\r\n", b"x\r\n"])
async def test_a_body_whose_chunks_are_malformed_is_cut(body: bytes):
    async with world("localhost:PORT") as it:
        await it.say(POST + b"Transfer-Encoding: chunked\r\n\r\n" + body, ends=False)

    assert not it.site.got[0].endswith(b"0\r\n\r\n")


async def test_a_head_without_an_end_is_refused():
    async with world("localhost:PORT") as it:
        answer = await it.say(b"GET http://localhost:PORT/ HTTP/1.1\r\n", *[b"X: " + b"a" * 8_000 + b"\r\n"] * 20)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 431 ")  # the rest may find the connection closed
    assert it.codes == ["SLW035"]


async def test_a_client_that_says_nothing_is_refused_in_its_time():
    async with world("localhost:PORT", patience=Patience(head=0.2)) as it:
        answer = await it.say(b"GET http://localhost", ends=False)

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert it.codes == ["SLW036"]


async def test_a_tunnel_without_traffic_ends():
    async with world("localhost:PORT", patience=Patience(idle=0.2)) as it:
        assert (await it.say(CONNECT, ends=False)).startswith(b"HTTP/1.1 200 ")


async def test_no_more_connections_than_its_number_are_held():
    async with world("localhost:PORT", most=2) as it:
        held = [await asyncio.open_connection("127.0.0.1", it.port) for _ in range(2)]
        answer = await it.say(ends=False)
        for _, writer in held:
            writer.close()
        while not (await it.say(CONNECT, b"x")).startswith(b"HTTP/1.1 200 "):
            await asyncio.sleep(0.01)

    assert answer.startswith(b"HTTP/1.1 503 ")
    assert it.codes[0] == "SLW036"


async def test_a_host_that_does_not_exist_or_answer_is_no_refusal():
    async with world(
        "*.example:PORT", "localhost:1", names=lambda name: ["127.0.0.1"] if name == "localhost" else []
    ) as it:
        closed = await it.say(b"CONNECT localhost:1 HTTP/1.1\r\n\r\n")
        unknown = await it.say(b"CONNECT a.example:PORT HTTP/1.1\r\n\r\n")

    assert closed.startswith(b"HTTP/1.1 502 ")
    assert unknown.startswith(b"HTTP/1.1 502 ")
    assert it.told == []


async def test_much_passes_in_both_directions():
    async with world("localhost:PORT") as it:
        data = b"x" * 3_000_000
        await it.say(CONNECT, data + b"more")

    assert it.site.got[0] == data + b"more"
