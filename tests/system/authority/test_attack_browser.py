"""A page of a stranger in the user's own browser, against every port that a running engine listens on.

The page sends what any site may send without asking (a simple request of the Fetch standard), and one whose name was
made to point at loopback asks under that name.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.supervisor.service import answers, free_port
from tests.support.command_line import call
from tests.support.lab import until
from tests.support.programs import need
from tests.support.scene import Scene
from workers.core.settings import Settings, load
from workers.engine import embedded as engine

pytestmark = [pytest.mark.long, pytest.mark.system]

PAGE = """<!doctype html><title>kittens</title><pre id=o></pre><script>
const said = {};
const start = JSON.stringify({workflowType: {name: "Release"}, taskQueue: {name: "sluiceway"}, requestId: "r" + Math.random(), input: []});
for (const port of PORTS) for (const [method, path] of [["POST", "/api/v1/namespaces/default/workflows/csrf-" + port],
    ["POST", "/api/v1/namespaces/default/activities/csrf-" + port], ["GET", "/api/v1/namespaces/default/workflows"],
    ["GET", "/api/http/routers"], ["GET", "/metrics"]]) {
  const ask = new XMLHttpRequest();
  ask.open(method, `http://127.0.0.1:${port}${path}`, false);
  try { ask.send(method == "POST" ? start : null); said[port + path] = ask.status } catch (e) { said[port + path] = 0 }
}
document.getElementById("o").textContent = JSON.stringify(said);
</script>"""


@pytest.fixture(scope="module")
def chromium() -> str:
    return need("chromium", "a page of a stranger is opened in a real browser")


def opened(chromium: str, folder: Path, url: str, *flags: str) -> str:
    """The page as the browser has it after its scripts ran."""
    plain = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={folder}/profile"]
    command = [chromium, *plain, *flags, "--dump-dom", url]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@contextlib.contextmanager
def site(ports: list[int]) -> Iterator[str]:
    """A web site with nothing but the hostile page."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE.replace("PORTS", json.dumps(ports)).encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def answers_to(chromium: str, folder: Path, ports: list[int]) -> dict[str, int]:
    """Port and path to the status that the page could read; 0: the browser kept the answer from it."""
    with site(ports) as url:
        dom = opened(chromium, folder, url)
    found: dict[str, int] = json.loads(re.search(r"<pre id=\"o\">(.*?)</pre>", dom, re.DOTALL)[1])  # type: ignore[index]
    return found


def listeners(home: Path) -> list[int]:
    """The ports on which processes of this home listen in this machine's network."""
    inodes = {row[9]: int(row[1].rpartition(":")[2], 16) for row in _rows() if row[3] == "0A"}
    ports = set()
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if process.name.isdigit() and str(home).encode() in (process / "environ").read_bytes():
                links = (os.readlink(handle) for handle in (process / "fd").iterdir())
                ports |= {inodes[link[8:-1]] for link in links if link[8:-1] in inodes}
    return sorted(ports)


def _rows() -> list[list[str]]:
    return [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]


async def started_by_the_page(address: str) -> list[str]:
    client = await Client.connect(address)
    return [one.id async for one in client.list_workflows() if one.id.startswith("csrf-")]


@pytest.fixture
def running(up: Path) -> Settings:
    """An engine that is up when a test begins."""
    engine.up(load(), path=str(Path(sys.executable).parent))
    return load()


async def test_a_page_of_another_site_makes_the_engine_do_nothing(
    running: Settings, chromium: str, tmp_path: Path
) -> None:
    known = running.engine()
    async with Scene.on(running, "kittens", tmp_path):  # a service, so that the router listens too
        ports = listeners(running.home)
        assert {known["temporal_port"], known["ui_port"], known["router_port"], known["router_api_port"]} <= set(ports)
        read = answers_to(chromium, tmp_path, ports)
    assert len(read) == 5 * len(ports)
    assert not any(read.values()), "the page can read none of the answers"
    assert await started_by_the_page(known["temporal"]) == []


async def test_the_same_page_starts_a_workflow_on_a_server_without_the_door(chromium: str, tmp_path: Path) -> None:
    port, ui, http_port = free_port(), free_port(), free_port()
    command = engine.server_command(port, ui, str(tmp_path / "t.db"))
    closed = next(index for index, word in enumerate(command) if word.startswith("frontend.httpAllowedHosts"))
    del command[closed - 1 : closed + 1]
    with subprocess.Popen([*command, "--http-port", str(http_port)], stdout=subprocess.DEVNULL) as server:
        try:
            await until(lambda: answers(http_port, ""))
            answers_to(chromium, tmp_path, [http_port])
            assert await started_by_the_page(f"127.0.0.1:{port}") == [f"csrf-{http_port}"]
        finally:
            server.terminate()


async def test_a_name_that_was_pointed_at_this_machine_opens_no_ui(
    running: Settings, chromium: str, tmp_path: Path
) -> None:
    port = running.engine()["ui_port"]
    pointed = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    assert "SLW080" in opened(chromium, tmp_path, f"http://evil.example:{port}/", pointed)
    own = opened(chromium, tmp_path, f"http://127.0.0.1:{port}/")
    assert "SLW080" not in own
    assert "kit.start" in own, "the UI is there"
    code, out, _ = call("status", "--json")
    assert (code, json.loads(out)["open_to_other_users"]) == (0, "")
