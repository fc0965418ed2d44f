"""What must be true of the whole engine when everything has ended, and then when it is down."""

from __future__ import annotations

import json
import os
from pathlib import Path

from activities.supervisor import tree
from activities.supervisor.service import answers
from domain import keys
from tests.chaos.drive import Drive
from tests.chaos.world import World
from tests.lab import until
from workers.load import Answer

IN_FLIGHT_S = 0.6
"""Around a kill: a request that was sent before it may be answered, or not, this much later."""
CONCURRENCY = 6
"""Requests under way at once: sixty a second, and those that wait for a process that is being started again."""


async def while_up(world: World, drive: Drive) -> list[str]:
    """Locks, routes, processes and versions, as soon as the engine has settled."""
    found = []
    for name, check in (
        ("a lock is held", lambda: _free(world)),
        ("a process is left, or one is missing", lambda: _processes(world)),
        ("a route is left, or the traffic is split", lambda: _routes(world, drive)),
    ):
        try:
            await until(check, 45)
        except TimeoutError:
            found.append(f"{name}: {await _say(check)}")
    return found


async def _say(check: object) -> str:
    try:
        return str(await check())  # type: ignore[operator]
    except Exception as wrong:
        return repr(wrong)


async def _free(world: World) -> bool:
    queues = await world.engine.queues()
    held = {id_: [place.who for place in one.holders + one.waiting] for id_, one in queues.items() if not one.empty}
    if held:
        raise AssertionError(held)
    return True


async def _processes(world: World) -> bool:
    """Two of the live version, each kept by a supervisor; and no job's."""
    wanted = set(world.processes())
    assert len(wanted) == 2, wanted
    jobs = [row for run in world.records.all_runs() for row in world.records.jobs(run["id"])]
    left = [pid for row in jobs for pid in tree.members(keys.job_key(row["run"], row["job"], row["attempt"]))]
    assert not left, left
    return True


async def _routes(world: World, drive: Drive) -> bool:
    known = json.loads((world.settings.home / "router" / "routes.json").read_text())["routes"]
    route = known[drive.name][f"{drive.name}-production"]
    assert list(route["weights"].values()) == [100.0], route
    live = json.loads(world.records.releases()[0]["result"]).get("live")
    assert live == drive.live, (live, drive.live)
    return True


def when_down(world: World) -> list[str]:
    """Nothing of the home runs, and nobody listens on its ports."""
    found = []
    mark = str(world.settings.home).encode()
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                if (
                    mark in Path(f"/proc/{name}/environ").read_bytes()
                    and b"SLUICEWAY_PROCESS_KEY" in Path(f"/proc/{name}/environ").read_bytes()
                ):
                    found.append(f"process {name} is left: {Path(f'/proc/{name}/cmdline').read_bytes()[:200]!r}")
            except OSError:
                continue
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
