"""Real processes behind the real router, under load: what shifts, switches, kills and drains do to requests."""

import asyncio
import os
import secrets
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from activities.releases import traffic_history as traffic
from activities.releases.metric_sources.port import Comparison
from activities.releases.metric_sources.router import RouterSource
from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.supervisor import launch, tree
from activities.supervisor.service import free_port
from domain.releases.counters import arm
from domain.releases.deployment import Deployment
from domain.releases.judge.policy import Policy
from domain.releases.spec import Check, Routing
from domain.releases.traffic_baseline import Baseline
from tests.support.lab import until
from tests.support.machine import Machine, on_a_machine, two
from tests.support.supervised import pids, processes
from workers.core.settings import Settings
from workers.demo import load_generator as load
from workers.engine import embedded as engine

pytestmark = pytest.mark.long

SYSTEM = pytest.mark.system


@pytest.fixture(scope="module")
def router_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("router") / "router"


@pytest.fixture(scope="module")
def router(router_folder):
    """One for the tests of this file."""
    yield Traefik(router_folder, Ports(free_port(), free_port()))
    engine.down(Settings(router_folder.parent, router_folder.parent))


@pytest.fixture
async def machine(tmp_path, router):
    """Where a test starts and stops versions of its own."""
    async with on_a_machine(tmp_path, f"web-{secrets.token_hex(2)}", router) as made:
        yield made


@pytest.fixture(scope="module")
async def running(tmp_path_factory, router):
    """Two versions that run all the time, for the tests that only lead traffic."""
    async with on_a_machine(tmp_path_factory.mktemp("running"), router=router) as made:
        await two(made)
        yield made


async def two_versions(running: Machine, routing: Routing | None = None) -> tuple[Deployment, Deployment]:
    """The versions that run; all traffic goes to the first, and nothing is left of what the test before asked for."""
    old, new = running.version("1", "r1"), running.version("2", "r2", routing)
    await running.router.change(running.service, "production", lambda route: route.without("r2").without("r1"))
    await running.route(old)
    return old, new


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("shifts", "rate"), [(10, 200), pytest.param(300, 300, marks=SYSTEM)])
async def test_shifts_and_switches_under_load_lose_no_request(machine, shifts, rate):
    old, new = await two(machine)
    with machine.under_load(rate) as answers:
        await until(lambda: machine.answered() > 100)
        for number in range(shifts):
            if number % 10 == 9:
                await machine.route(old if number % 20 == 9 else new)
            else:
                await machine.shift(new, old, float(1 + number * 7 % 99))
        await machine.route(new)
        verified = await machine.verify(new, old, 0.5)
        await machine.stop(old)
        after = machine.answered()
        await until(lambda: machine.answered() > after + 100)

    assert [one for one in answers if not one.fine] == []
    assert {one.version for one in answers} == {"1", "2"}
    assert (verified.old_requests, verified.still_open) == (0, 0)
    assert verified.new_requests > 50


async def test_a_switch_is_verified_by_a_request_even_when_nobody_else_asks(running):
    old, new = await two_versions(running)
    assert (await running.verify(new, old, 0.1)).old_requests == 1
    await running.route(new)
    seen = await running.verify(new, old, 0.1)
    assert (seen.new_requests, seen.old_requests) == (1, 0)
    await running.router.change(running.service, "production", lambda route: route.without("r2").without("r1"))

    assert (await running.verify(new, old, 0.1)).new_requests == 0


async def test_weights_are_what_clients_see(running):
    old, new = await two_versions(running)
    await running.shift(new, old, 25)
    seen = await running.versions(80)

    assert seen.count("2") == 20


@pytest.mark.system
async def test_a_router_that_was_killed_comes_back_with_the_weights_it_had(running, router_folder):
    old, new = await two_versions(running)
    await running.shift(new, old, 25)
    with running.under_load(100) as answers:
        await until(lambda: running.answered() > 50)
        os.kill(pids(router_folder)[0], signal.SIGKILL)
        await until(lambda: any(not one.fine for one in running.loaded()))
        before = running.answered()
        await until(lambda: [one for one in running.loaded()[before:] if one.fine][20:])
    seen = await running.versions(80)

    assert seen.count("2") == 20
    lost = sum(not one.fine for one in answers)
    assert 0 < lost < len(answers)


async def test_a_preview_has_its_address_its_header_and_its_cookie(running):
    routing = Routing(header="X-Preview: always", cookie="preview=on")
    _, new = await two_versions(running, routing)
    address = await running.preview(new)

    assert address.startswith(f"http://preview.{running.service}.localhost:")
    assert (await running.ask(host=f"preview.{running.service}.localhost")).json()["version"] == "2"
    assert set(await running.versions(10)) == {"1"}
    assert set(await running.versions(10, **{"X-Preview": "always"})) == {"2"}
    assert set(await running.versions(10, Cookie="a=b; preview=on")) == {"2"}
    assert set(await running.versions(10, Cookie="preview=once")) == {"1"}


async def test_what_is_previewed_is_not_counted_as_the_versions_traffic(running):
    old, new = await two_versions(running)
    await running.preview(new)
    source, watched = RouterSource(routers(running.router)), Comparison(new, old, Policy(), Baseline())
    before = await source.read(watched)
    for _ in range(5):
        await running.ask(host=f"preview.{running.service}.localhost")
    await running.ask()
    now = await source.read(watched)

    counted = {name: arm(before.arms[name], counters, Policy()).requests for name, counters in now.arms.items()}
    assert counted == {"canary": 0, "stable": 1}


async def test_mirrored_requests_reach_the_new_version_and_the_old_one_answers(running):
    async def count() -> int:
        return (await running.ask("/count", host=f"preview.{running.service}.localhost")).json()["count"]

    _, new = await two_versions(running, Routing(mirror_percent=100))
    await running.preview(new)
    before = await count()
    assert set(await running.versions(20)) == {"1"}

    async def copied() -> bool:
        return await count() >= before + 20

    assert await until(copied)


async def test_sticky_sessions_keep_a_client_on_its_version(running):
    old, new = await two_versions(running, Routing(sticky=True))
    await running.shift(new, old, 50)
    seen = set()
    for _ in range(6):
        first = await running.ask()
        cookie = first.headers["set-cookie"].split(";")[0]
        seen.add(first.json()["version"])
        assert set(await running.versions(6, Cookie=cookie)) == {first.json()["version"]}
    assert seen == {"1", "2"}


async def test_checks_ask_the_preview(running):
    _, new = await two_versions(running)
    await running.preview(new)

    assert await running.check(new, Check("/", 200, '"version": "2"')) == ""
    assert "answered 200, expected 404" in await running.check(new, Check("/", 404))
    assert "does not contain" in await running.check(new, Check("/", 200, "nonsense"))


@pytest.mark.system
async def test_a_version_is_stopped_only_when_its_open_requests_have_ended(machine):
    old, new = await two(machine)
    asking = asyncio.create_task(machine.ask("/slow/1.5"))
    await until(lambda: _open(machine, old))
    await machine.route(new)
    assert await machine.stop(old) == ""

    assert (await asking).json()["version"] == "1"


@pytest.mark.system
async def test_what_is_cut_off_at_the_limit_is_said(machine):
    old, new = await two(machine)
    asking = asyncio.create_task(machine.ask("/slow/8"))
    await until(lambda: _open(machine, old))
    await machine.route(new)
    said = await machine.stop(old)

    assert "1 requests to r1 were still open after 3" in said
    assert (await asking).status_code == 502


def _open(machine: Machine, deployment: Deployment) -> int:
    from activities.releases.connections import open_connections

    return open_connections(machine.ports(deployment))


@pytest.mark.system
@pytest.mark.parametrize(("instances", "rate"), [(2, 100), (3, 200)])
async def test_processes_come_and_go_without_losing_a_request(machine, instances, rate):
    old, new = (machine.version(name, f"r{name}", instances=instances) for name in "12")
    await machine.start(old)
    await machine.route(old)
    with machine.under_load(rate) as answers:
        await until(lambda: machine.answered() > 50)
        await machine.start(new, 1)
        await machine.shift(new, old, 33.3)
        await machine.scale(old, 1)
        await machine.scale(new, instances)
        await machine.scale(old, instances)
        await machine.route(new)
        await machine.stop(old)
    assert [one for one in answers if not one.fine] == []
    pids = {(await machine.ask()).json()["pid"] for _ in range(12)}
    assert len(pids) == instances


async def test_the_history_tells_the_traffic_of_a_version_before_its_successor_comes(running, tmp_path, monkeypatch):
    old, _ = await two_versions(running)
    clock = iter(range(1_800_000_000, 1_800_000_100))  # each look at it is a second later
    monkeypatch.setattr(traffic, "time", SimpleNamespace(time=lambda: float(next(clock))))
    history = traffic.TrafficHistory(tmp_path / "traffic", running.router)
    for _ in range(4):
        await running.versions(30)
        await history.record()
    found = history.baseline(old, 1.0)

    assert found.requests_per_s == 30
    assert 0.0005 < found.slow90_s <= found.slow99_s < 1
    assert "30 requests a second" in found.words()


def has_closed(pid: int) -> bool:
    """Whether a process that was killed has let go of its sockets: they are closed with the last of its threads."""
    try:
        return not tree.start_time(pid) and len(os.listdir(f"/proc/{pid}/task")) < 2
    except FileNotFoundError:
        return True


def is_half_closed(port: int) -> bool:
    """Whether somebody has not noticed yet that its other end, at this port, has closed (CLOSE_WAIT, proc_net_tcp(5))."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    return any(row[3] == "08" and int(row[2].rpartition(":")[2], 16) == port for row in rows)


@pytest.mark.system
@pytest.mark.parametrize("times", [1, 3])
async def test_a_process_that_dies_beside_another_one_loses_only_what_it_was_answering(machine, times):
    both = machine.version("1", "r1", instances=2)
    await machine.start(both)
    await machine.route(both)
    folder, deaths = machine.folder(both), []
    with machine.under_load(300) as answers:
        await until(lambda: machine.answered() > 100)
        for _ in range(times):
            killed, began = processes(folder)[0], time.time()
            first = killed.pid
            os.kill(first, signal.SIGKILL)

            def closed(one=killed) -> bool:
                return has_closed(one.pid) and not is_half_closed(one.port)

            await until(closed)
            deaths.append((began, time.time()))

            def again(gone=first):
                return launch.read_json(folder / "state.json").get("phase") == "ready" and gone not in pids(folder)

            await until(again)
        after = machine.answered()
        await until(lambda: machine.answered() > after + 100)

    def was_under_way(one: load.Answer) -> bool:
        return any(one.at <= dead and began <= one.at + one.latency_ms / 1000 for began, dead in deaths)

    assert [one for one in answers if not one.fine and not was_under_way(one)] == []
