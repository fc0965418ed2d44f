"""What must be true of the whole engine when everything has ended, and then when it is down."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from activities.supervisor import tree
from activities.supervisor.service import answers
from domain.core import ids as keys
from domain.jobs.record import JobRecord
from tests.chaos.drive import Drive
from tests.chaos.world import World
from tests.support.lab import until
from workers.client import queues as queue_calls
from workers.demo.load_generator import Answer

IN_FLIGHT_S = 0.6
"""Around a kill: a request that was sent before it may be answered, or not, this much later."""
CONCURRENCY = 6
"""Requests under way at once: sixty a second, and those that wait for a process that is being started again."""


async def while_up(world: World, drive: Drive, ask: Callable[[], str]) -> list[str]:
    """Locks, routes, processes and versions, as soon as the engine has settled."""
    found = []
    for name, check in (
        ("a lock is held", lambda: _free(world)),
        ("a process is left, or one is missing", lambda: _processes(world)),
        ("a route is left, or the traffic is split", lambda: _routes(world, drive)),
        ("what answers is not what the record says", lambda: _answers(world, ask)),
    ):
        try:
            await until(check, 45, every_s=0.2)
        except TimeoutError:
            found.append(f"{name}: {await _say(check)}")
    return found + _starts(world, drive)


async def _say(check: object) -> str:
    try:
        return str(await check())  # type: ignore[operator]
    except Exception as wrong:
        return repr(wrong)


async def _free(world: World) -> bool:
    queues = await queue_calls.states(world.engine)
    held = {id_: [place.who for place in one.holders + one.waiting] for id_, one in queues.items() if not one.empty}
    if held:
        raise AssertionError(held)
    return True


async def _processes(world: World) -> bool:
    """Two of the live version, each kept by a supervisor; and no job's."""
    wanted = set(world.processes())
    assert len(wanted) == 2, wanted
    running = {pid for pid, words in _ours(world).items() if b"start.py" in words}
    assert running == wanted, (running, wanted)
    jobs = [row for run in world.records.runs.all() for row in world.records.runs.jobs(run["id"])]
    left = [pid for row in jobs for pid in tree.members(_mark(world, row))]
    assert not left, left
    return True


def _mark(world: World, row: JobRecord) -> str:
    key = keys.job_key(row["run"], row["job"], row["attempt"])
    return tree.mark(key, str(world.settings.home / "jobs" / key))


async def _routes(world: World, drive: Drive) -> bool:
    known = json.loads((world.settings.home / "router" / "routes.json").read_text())["routes"]
    route = known[drive.name][f"{drive.name}-production"]
    assert list(route["weights"].values()) == [100.0], route
    assert len(route["versions"]) == 1, route
    return True


async def _answers(world: World, ask: Callable[[], str]) -> bool:
    """Twenty answers in a row are of the version that the last release's record names."""
    live = json.loads(world.records.releases.latest()[0]["result"])["live"]
    seen = {await asyncio.to_thread(ask) for _ in range(20)}
    assert seen == {live}, (seen, live)
    return True


def _starts(world: World, drive: Drive) -> list[str]:
    """Each version's two processes were started once, and one more for each that was killed."""
    counts = world.ledger.counts()
    starts = sum(number for key, number in counts.items() if key.startswith(f"start/{drive.name}/"))
    least, most = 2 * drive.version, 2 * drive.version + len(world.killed_processes)
    right = least <= starts <= most
    return [] if right else [f"{starts} processes were started, and {least} to {most} should have been"]


def _ours(world: World) -> dict[int, bytes]:
    """Processes of the engine's home, to their command lines: what it started, and what keeps it."""
    found, mark = {}, str(world.settings.home).encode()
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                words = Path(f"/proc/{name}/cmdline").read_bytes()
                if mark in words or mark in Path(f"/proc/{name}/environ").read_bytes():
                    found[int(name)] = words
            except OSError:
                continue
    return found


def when_down(world: World) -> list[str]:
    """Nothing of the home runs, and nobody listens on its ports."""
    found = [f"process {pid} is left: {words[:200]!r}" for pid, words in _ours(world).items() if words]
    found += [
        f"somebody listens on {name}"
        for name in ("temporal_port", "ui_port", "router_port", "router_api_port")
        if answers(world.addresses[name], "")
    ]
    return found


def lost(world: World, answers_: list[Answer]) -> tuple[int, int, list[Answer]]:
    """Failed requests: refused while the router was down, in flight at what was killed, and the others."""
    refused, flight, other = 0, 0, []
    for one in answers_:
        if one.fine or (one.status == 500 and one.version != "-"):  # the faulty version's own answer
            continue
        ended = one.at + one.latency_ms / 1000
        if any(began - IN_FLIGHT_S <= ended and one.at <= until_ for began, until_ in world.router_down):
            refused += 1
        elif any(one.at - 0.1 <= at <= ended + IN_FLIGHT_S for at in world.killed_processes):
            flight += 1
        else:
            other.append(one)
    return refused, flight, other
