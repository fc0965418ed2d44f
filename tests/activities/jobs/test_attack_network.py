"""What a job of the level sandbox reaches by its proxy: the hosts of the list, and nothing else of this machine."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from pathlib import Path

import pytest

from activities.jobs.port import JobInput
from activities.supervisor import launch
from domain.jobs.isolation import Level, Network, Reach
from domain.jobs.result import Status
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from tests.activities.jobs.test_attack_isolation import Jail, jail_of
from tests.support.lab import until

FETCH = """
fetch() { python3 - "$@" <<'P'
import sys, urllib.request
try:
    print(urllib.request.urlopen(sys.argv[1], timeout=20).read().decode())
except urllib.error.HTTPError as refused:
    print(refused.read().decode().strip())
except OSError as broken:
    print("nothing", broken)
P
}
connect() { python3 -c '
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 5); print("reached")
except OSError: print("refused")' "$@"; }
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def proxied(home: Path, *hosts: str, opened: tuple[str, ...] = ("127.0.0.0/8",)) -> Jail:
    return jail_of(home, Level.SANDBOX, reach=Reach(Network.PROXY, frozenset(hosts), opened))


def engine_lines(jail: Jail, name: str = "j") -> list[str]:
    lines = [json.loads(line) for line in (jail.folder(name) / "log.jsonl").read_text().splitlines()]
    return [line["l"] for line in lines if line["o"] == "engine"]


async def test_a_job_reaches_a_listed_host_by_its_proxy_and_nothing_beside_it(home: Path, site: int):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        jail = proxied(home, f"localhost:{site}")
        step = f"""{FETCH}
export no_proxy= NO_PROXY=
fetch http://localhost:{site}/
fetch http://localhost:{port}/
connect 127.0.0.1 {site}
connect 127.0.0.1 {port}
connect 169.254.169.254 80
fetch http://169.254.169.254/latest/meta-data/
"""
        result = await jail.run(step)
        open_ = jail_of(home, Level.SANDBOX, reach=Reach(Network.MACHINE))
        await open_.run(f"{FETCH}\nconnect 127.0.0.1 {port}", name="open")

    assert result.status is Status.PASSED
    said = jail.said()
    assert said[0] == "the page"
    assert said[2:5] == ["refused"] * 3
    assert all(line.startswith("sluiceway: SLW033: ") for line in (said[1], said[5]))
    assert open_.said("open") == ["reached"]


@pytest.mark.system
async def test_refusals_are_told_once_in_the_log_with_their_code_and_counted(home: Path, site: int):
    jail = proxied(home, f"localhost:{site}", opened=())
    step = f"{FETCH}\nexport no_proxy= NO_PROXY=; for n in 1 2 3; do fetch http://localhost:{site}/; fetch http://a.example/; done"
    await jail.run(step)
    told = [line for line in engine_lines(jail) if "the proxy" in line]

    assert len([line for line in told if line.startswith("SLW037: the proxy refused localhost")]) == 1
    assert len([line for line in told if line.startswith("SLW033: the proxy refused a.example:80")]) == 1
    assert told[-1] == "the proxy refused 6 requests of this job"
    assert json.loads((jail.folder() / "status.json").read_text())["refused"] == 6


async def test_a_job_finds_its_proxy_in_the_usual_variables_and_has_a_loopback_of_its_own(home: Path):
    jail = proxied(home)
    own = 'import socket; s = socket.create_server(("127.0.0.1", 0)); socket.create_connection(s.getsockname()); print("own")'
    await jail.run(f"echo $HTTP_PROXY $https_proxy $NO_PROXY; python3 -c '{own}'")

    proxy = "http://127.0.0.1:3128"
    assert jail.said() == [f"{proxy} {proxy} localhost,127.0.0.1,::1", "own"]


async def test_the_proxy_is_no_process_of_the_job_and_ends_with_it(home: Path):
    jail = proxied(home)
    running = asyncio.create_task(jail.run("ls /proc | grep -c '^[0-9]'; until test -e go; do sleep 0.05; done"))
    await until(lambda: proxies_of(jail.folder()))
    await until(jail.said)
    (jail.folder() / "workspace/go").touch()
    await running

    assert int(jail.said()[0]) <= 5
    await until(lambda: not proxies_of(jail.folder()))


async def test_the_proxy_of_a_killed_supervisor_ends_with_it(home: Path):
    jail = proxied(home)
    job = Job("j", JobKind.RUN, "j", stage="run", steps=(Step("sleep 60"),))
    jail.jobs._prepare(JobInput("run/web/1", job), jail.folder(), lambda words: None)
    supervisor = launch.start("job", jail.folder(), {})
    await until(lambda: proxies_of(jail.folder()))
    os.kill(supervisor, 9)

    await until(lambda: not proxies_of(jail.folder()))


def proxies_of(folder: Path) -> list[int]:
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path(f"/proc/{name}/cmdline").read_bytes()
        except OSError:
            continue
        if b"proxy/main.py" in words and str(folder).encode() in words:
            found.append(int(name))
    return found


@pytest.mark.parametrize("level", [Level.PROCESS, Level.LANDLOCK])
async def test_a_proxy_is_refused_where_it_could_be_passed_by(home: Path, level: Level):
    result = await jail_of(home, level, reach=Reach(Network.PROXY)).run("echo never")

    assert "SLW031" in result.reason


VSOCK = """
for family in AF_VSOCK AF_ALG AF_INET6 AF_NETLINK; do python3 -c '
import socket, sys
kind = socket.SOCK_SEQPACKET if sys.argv[1] == "AF_ALG" else socket.SOCK_DGRAM if sys.argv[1] == "AF_NETLINK" else socket.SOCK_STREAM
try:
    socket.socket(getattr(socket, sys.argv[1]), kind); print("made")
except OSError as refused: print(refused.errno)' $family; done
python3 -c '
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
print(libc.syscall(425, 1, ctypes.byref(ctypes.create_string_buffer(256))) >= 0 or ctypes.get_errno())'
"""
NO_FAMILY, NO_CALL = "97", "38"


@pytest.mark.parametrize("network", [Network.PROXY, Network.NONE])
async def test_a_job_makes_no_socket_that_its_network_does_not_hold(home: Path, network: Network):
    apart, shared = (jail_of(home, Level.SANDBOX, reach=Reach(one)) for one in (network, Network.MACHINE))
    await apart.run(VSOCK, name="apart")
    await shared.run(VSOCK, name="shared")

    assert apart.said("apart") == [NO_FAMILY, NO_FAMILY, "made", "made", NO_CALL]
    assert shared.said("shared")[2:4] == ["made", "made"]
    assert NO_CALL not in shared.said("shared")[4:]
