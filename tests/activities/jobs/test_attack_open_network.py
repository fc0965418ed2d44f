"""With the network open, a job reaches the world, and nothing that listens on this machine: real rules of this machine,
and a world that is another network namespace.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import docker
import pytest

from activities.jobs.image_builder import DockerImageBuilder
from activities.jobs.isolation import firewall
from activities.supervisor.cable import VETH
from activities.supervisor.netlink import Netlink
from activities.supervisor.service import free_port
from domain.jobs.isolation import Level, Network, Reach
from domain.jobs.result import Status
from domain.pipelines.container import ServiceSpec
from domain.pipelines.steps import ImageSpec
from tests.activities.jobs.test_attack_container_network import Containers
from tests.activities.jobs.test_attack_isolation import jail_of
from tests.support.containers import left
from tests.support.lab import until
from tests.support.programs import need

METADATA = "192.0.0.192"
"""Of one cloud; on the machines of this suite nobody has it."""
SERVER = f"""
import http.server, sys
from activities.supervisor import kernel
kernel.unshare(kernel.NEWNET)
print("made", flush=True)
sys.stdin.readline()
from activities.supervisor.netlink import Netlink
from activities.supervisor.service import free_port
links = Netlink()
links.up("far")
links.address("far", sys.argv[2], 30)
links.address("far", "{METADATA}", 32)
links.default_route("far", sys.argv[1])
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"the world")
print("up", flush=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 8000), Page).serve_forever()
"""
BY_PYTHON = """
fetch() { python3 -c '
import socket, sys
try:
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 30) as link:
        link.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        print(link.makefile().read().splitlines()[-1])
except OSError:
    print("refused")' $1 $2; }
"""
BY_BUSYBOX = """
fetch() { printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 30 $1 $2 2>/dev/null | tail -n 1 | grep . || echo refused; }
"""


@dataclass(frozen=True)
class World:
    """`address`: of a server in it; `here`: of this machine, on the way to it."""

    address: str
    here: str


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    if why := firewall.translates():
        pytest.skip(f"this machine has no network for jobs of its own: {why}")
    ip, name = need("ip", "a route of the test is made with it"), f"world{os.getpid()}"
    here, far = (f"203.0.113.{os.getpid() % 60 * 4 + number}" for number in (1, 2))
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, here, far],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        assert server.stdout.readline() == b"made\n"
        handle = os.open(f"/proc/{server.pid}/ns/net", os.O_RDONLY)
        with Netlink() as links:
            links.cable(name, "far", handle)
            links.up(name)
            links.address(name, here, 30)
        subprocess.run([ip, "route", "replace", f"{METADATA}/32", "via", far], check=True)
        server.stdin.write(b"go\n")
        server.stdin.flush()
        assert server.stdout.readline() == b"up\n"
        yield World(far, here)
        server.kill()
        os.close(handle)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def tried(fetch: str, world: World, port: int, *own: str) -> str:
    """The world, its metadata, and a port of this machine by some of its addresses."""
    places = [(world.address, 8000), (METADATA, 8000), *((one, port) for one in own)]
    return fetch + "\n".join(f"fetch {address} {port}" for address, port in places)


async def test_a_process_job_reaches_the_world_and_no_port_of_this_machine(home: Path, world: World, everywhere: int):
    apart, shared = jail_of(home, Level.SANDBOX), jail_of(home, Level.SANDBOX, reach=Reach(Network.MACHINE))
    own = ("127.0.0.1", world.here, "$(ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p')")
    result = await apart.run(tried(BY_PYTHON, world, everywhere, *own), name="apart")
    await shared.run(tried(BY_PYTHON, world, everywhere, *own[:2]), name="shared")

    assert result.status is Status.PASSED, result.reason
    assert apart.said("apart") == ["the world", *["refused"] * 4]
    assert shared.said("shared") == ["the world", "the world", "the page", "the page"]
    assert "network open, but not to this machine" in (apart.folder("apart") / "log.jsonl").read_text()
    assert "network machine" in (shared.folder("shared") / "log.jsonl").read_text()


async def test_a_job_with_a_network_of_its_own_talks_to_itself_and_leaves_no_interface(home: Path, world: World):
    jail = jail_of(home, Level.SANDBOX)
    own = 'import socket; s = socket.create_server(("127.0.0.1", 0)); socket.create_connection(s.getsockname()); print("own")'
    await jail.run(
        f"ls /sys/class/net 2>/dev/null >/dev/null; python3 -c '{own}'; ip -o addr show dev eth0 | grep -c inet6"
    )

    assert jail.said() == ["own", "0"]
    await until(lambda: not [name for name in os.listdir("/sys/class/net") if name.startswith(VETH)])


async def test_jobs_do_not_reach_each_other(home: Path, world: World):
    jail = jail_of(home, Level.SANDBOX)
    first = asyncio.create_task(
        jail.run("ip -o -4 addr show dev eth0 | tr -s ' ' | cut -d' ' -f4; python3 -m http.server 8000", name="one")
    )
    await until(lambda: jail.said("one") if (jail.folder("one") / "log.jsonl").exists() else None)
    address = jail.said("one")[0].partition("/")[0]
    await jail.run(f"{BY_PYTHON}\nfetch {address} 8000", name="two")
    (jail.folder("one") / "cancel").touch()
    await first

    assert jail.said("two") == ["refused"]


@pytest.mark.system
@pytest.mark.docker
@pytest.mark.parametrize(
    "services", [(), (ServiceSpec("idle", "", command=("sleep", "600")),)], ids=["alone", "services"]
)
async def test_a_container_reaches_the_world_and_no_port_of_this_machine(
    home: Path,
    world: World,
    everywhere: int,
    daemon: docker.DockerClient,
    shell_image: str,
    services: tuple[ServiceSpec, ...],
):
    containers = Containers(home, shell_image)
    beside = [replace(one, image=shell_image) for one in services]
    gateway = "$(ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p')"
    step = tried(BY_BUSYBOX, world, everywhere, "127.0.0.1", world.here, gateway)
    result = await containers.run(Reach(), step, *beside)
    await containers.run(Reach(Network.MACHINE), step, *beside, name="shared")

    assert result.status is Status.PASSED, result.reason
    assert containers.lines() == ["the world", *["refused"] * 4]
    assert containers.lines(name="shared") == ["the world", "the world", "refused", "the page", "the page"]
    assert left(daemon, home) == []


@pytest.mark.system
@pytest.mark.docker
@pytest.mark.parametrize("network", [Network.OPEN, Network.NONE, Network.MACHINE])
async def test_the_commands_of_a_dockerfile_reach_what_the_jobs_do(
    tmp_path: Path, world: World, everywhere: int, daemon: docker.DockerClient, shell_image: str, network: Network
):
    (tmp_path / "try").write_text(tried(BY_BUSYBOX, world, everywhere, world.here))
    (tmp_path / "Dockerfile").write_text(f"FROM {shell_image}\nCOPY try /try\nRUN sh /try # {network}\n")
    said, tag = list[str](), f"sluiceway-test/reach-{network}:{os.getpid()}"
    DockerImageBuilder(network).build(ImageSpec(tag=tag), tmp_path, {}, said.append, network)
    daemon.images.remove(tag, force=True)

    found = [line for line in said if line in ("the world", "the page", "refused")]
    expected = {
        Network.OPEN: ["the world", "refused", "refused"],
        Network.NONE: ["refused"] * 3,
        Network.MACHINE: ["the world", "the world", "the page"],
    }
    assert found == expected[network]


@pytest.mark.docker
async def test_a_container_of_this_machine_is_not_reached_by_its_address_or_by_the_port_that_it_publishes(
    home: Path, world: World, daemon: docker.DockerClient, shell_image: str
):
    served = ["sh", "-c", "while true; do echo published | nc -l -p 80; done"]
    port = free_port()
    beside = daemon.containers.run(shell_image, served, detach=True, ports={"80/tcp": (world.here, port)})
    try:
        beside.reload()
        own = beside.attrs["NetworkSettings"]["IPAddress"]
        step = f"{BY_PYTHON}\nfetch {world.here} {port}; fetch {own} 80"
        jail, control = (jail_of(home, Level.SANDBOX, reach=Reach(one)) for one in (Network.OPEN, Network.MACHINE))
        await jail.run(step, name="apart")
        await control.run(step, name="shared")
    finally:
        beside.remove(force=True)

    assert (jail.said("apart"), control.said("shared")) == (["refused"] * 2, ["published"] * 2)


def test_a_rule_that_was_lost_is_set_again(world: World, monkeypatch: pytest.MonkeyPatch):
    lost = ("INPUT", "-i", "slj+", *firewall._NEW, "-m", "comment", "--comment", firewall.COMMENT, "-j", "REJECT")
    assert firewall._ran("iptables", "-D", *lost).wrong == ""
    assert firewall._ran("iptables", "-C", *lost).wrong
    monkeypatch.setattr(firewall._filter, "_next", 0.0)

    assert firewall.why_not() == ""
    assert firewall._ran("iptables", "-C", *lost).wrong == ""
