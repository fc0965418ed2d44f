"""Who reaches the server behind the door: the engine's own user, with gRPC, and with a page of this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from activities.supervisor import fast_json as quick
from activities.supervisor.service import answers, free_port
from tests.support.lab import until
from workers.engine import embedded
from workers.engine.door.guards import PREFACE

SERVER = """
import http.server, os, socketserver, sys, threading
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"the page")
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"])); self.send_response(200); self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        while data := self.request.recv(65536): self.request.sendall(data)
open("server.pid", "w").write(str(os.getpid()))
threading.Thread(target=http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Page).serve_forever).start()
socketserver.ThreadingTCPServer.daemon_threads = True
socketserver.ThreadingTCPServer(("127.0.0.1", int(sys.argv[1])), Echo).serve_forever()
"""
NO_NAMESPACES = "echo 0 > /proc/sys/user/max_user_namespaces; echo 0 > /proc/sys/user/max_net_namespaces; exec"
NOBODY = 65_534
PYTHON = os.path.realpath(sys.executable)
"""Not the environment's: another user may not be allowed into this checkout."""
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes the user of a process")


@dataclass
class Door:
    folder: Path
    port: int
    ui_port: int
    process: subprocess.Popen[bytes]

    @property
    def server(self) -> int:
        return int((self.folder / "server.pid").read_text())

    def said(self) -> str:
        return (self.folder / "words").read_text()


@contextlib.asynccontextmanager
async def opened(
    folder: Path, *before: str, program: Path = embedded.DOOR, user: int | None = None
) -> AsyncIterator[Door]:
    port, ui_port = free_port(), free_port()
    command = [*before, PYTHON, "-I", "-S", str(program), str(folder / "door.json"), str(port), str(ui_port)]
    command += [PYTHON, "-I", "-S", "-c", SERVER, "{port}", "{ui_port}"]
    with (folder / "words").open("wb") as words:
        process = subprocess.Popen(command, cwd=folder, stderr=words, user=user, group=user)
    try:
        await until(lambda: answers(port, ""))
        yield Door(folder, port, ui_port, process)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with opened(tmp_path) as made:
        yield made


def echoed(door: Door, data: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", door.port), timeout=20) as link:
        link.sendall(PREFACE)
        sender = threading.Thread(target=link.sendall, args=[data])
        sender.start()
        got = b""
        while len(got) < len(PREFACE) + len(data):
            got += link.recv(1_000_000)
        sender.join()
    return got[len(PREFACE) :]


def as_nobody(port: int) -> bytes:
    """What another user of this machine gets from a port; a fork, since he may have no Python of his own."""
    read, write = os.pipe()
    if not (pid := os.fork()):
        os.setuid(NOBODY)
        with contextlib.suppress(BaseException), socket.create_connection(("127.0.0.1", port), 5) as link:
            link.sendall(b"GET / HTTP/1.1\r\n\r\n")
            os.write(write, link.recv(99))
        os._exit(0)
    os.close(write)
    os.waitpid(pid, 0)
    with os.fdopen(read, "rb") as answer:
        return answer.read()


def beside(door: Door, code: str) -> bytes:
    """What a program prints that lives in the door's user namespace."""
    entered = ["nsenter", "-U", "--preserve-credentials", "-t", str(door.process.pid)]
    return subprocess.run([*entered, PYTHON, "-I", "-S", "-c", code], capture_output=True, check=False).stdout


async def test_the_engines_own_user_gets_every_byte(door: Door) -> None:
    data = os.urandom(3_000_000)
    assert echoed(door, data) == data


async def test_the_servers_own_ports_are_no_ports_of_this_machine(door: Door) -> None:
    assert quick.read(str(door.folder / "door.json")) == {"apart": True, "why": ""}
    listening = Path(f"/proc/{door.server}/net/tcp").read_text()
    assert ":1C41 " in listening, "the server has 7233 in its own network"
    assert Path("/proc/net/tcp").read_text().count(f"0100007F:{door.port:04X} 00000000:0000 0A") == 1


@only_root
@pytest.mark.parametrize("which", ["port", "ui_port"])
async def test_another_user_of_the_machine_gets_no_byte(door: Door, which: str) -> None:
    assert as_nobody(getattr(door, which)) == b""
    assert "SLW080: refused a connection of user 65534" in door.said()


async def test_a_process_in_a_sandbox_of_its_own_gets_no_byte(door: Door) -> None:
    needs("unshare")
    code = (
        f"import socket; s = socket.create_connection(('127.0.0.1', {door.port}), 5); s.settimeout(5); print(s.recv(9))"
    )
    jailed = ["unshare", "-U", "-r", "--pid", "--fork", PYTHON, "-I", "-S", "-c", code]
    assert subprocess.run(jailed, capture_output=True, text=True, check=False).stdout in ("", "b''\n")
    assert "SLW080" in door.said()


async def test_only_grpc_enters_the_port_of_grpc(door: Door) -> None:
    with socket.create_connection(("127.0.0.1", door.port)) as link:
        link.sendall(b"POST /api/v1/namespaces/default/workflows/x HTTP/1.1\r\nContent-Type: text/plain\r\n\r\n{}")
        assert link.recv(99).startswith(b"HTTP/1.1 400 ")


HOSTILE = {
    "another name for loopback": {"Host": "evil.example"},
    "a page of another origin": {"Origin": "https://evil.example"},
    "an opaque origin": {"Origin": "null"},
    "a script of another site": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
}


@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE.keys())
async def test_a_web_page_of_another_site_is_refused(door: Door, sent: dict[str, str]) -> None:
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{door.ui_port}") as client:
        answer = await client.post("/", content="text", headers=sent)
        assert (answer.status_code, answer.text[:7]) == (403, "SLW080:")
        own = await client.post("/", content="text", headers={"Origin": f"http://127.0.0.1:{door.ui_port}"})
        assert (own.status_code, own.text) == (200, "text"), "its own page may"
        assert (await client.get("/")).headers["x-frame-options"] == "DENY"


async def test_a_second_request_in_the_same_connection_is_not_let_through_unseen(door: Door) -> None:
    host = f"Host: 127.0.0.1:{door.ui_port}\r\n"
    with socket.create_connection(("127.0.0.1", door.ui_port)) as link:
        link.sendall(f"GET / HTTP/1.1\r\n{host}\r\nGET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode())
        got = b"".join(iter(lambda: link.recv(65_536), b""))
    assert got.count(b"the page") == 1


async def test_an_ordinary_user_has_the_same_door(tmp_path: Path) -> None:
    needs("unshare", "nsenter")
    async with opened(tmp_path, "unshare", "-U", "--map-user=1000", "--map-group=1000") as door:
        assert quick.read(str(tmp_path / "door.json"))["apart"]
        assert beside(door, asking(door)) == b"403\n"


async def test_where_namespaces_are_forbidden_the_door_says_so_and_still_looks(tmp_path: Path) -> None:
    needs("unshare", "nsenter")
    async with opened(tmp_path, "unshare", "-U", "-r", "sh", "-c", f'{NO_NAMESPACES} "$@"', "-") as door:
        state = quick.read(str(tmp_path / "door.json"))
        assert not state["apart"]
        assert "No space left" in state["why"]
        assert beside(door, asking(door)) == b"403\n"


def asking(door: Door) -> str:
    """A program that asks for the page under a foreign name, and prints the status."""
    return (
        f"import http.client as h; c = h.HTTPConnection('127.0.0.1', {door.ui_port})\n"
        "c.request('GET', '/', headers={'Host': 'evil.example'}); print(c.getresponse().status)"
    )


def needs(*programs: str) -> None:
    if missing := [one for one in programs if not shutil.which(one)]:
        pytest.skip(f"{missing[0]} is not installed")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_the_server_never_outlives_its_door(door: Door, number: signal.Signals) -> None:
    server = door.server
    door.process.send_signal(number)
    await until(
        lambda: not Path(f"/proc/{server}/cmdline").exists() or not Path(f"/proc/{server}/cmdline").read_bytes()
    )


async def test_the_door_ends_with_its_server(door: Door) -> None:
    os.kill(door.server, signal.SIGKILL)
    await until(lambda: door.process.poll() is not None)
    assert door.process.returncode != 0
