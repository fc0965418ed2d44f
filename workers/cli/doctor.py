"""doctor: whether the scanners can be trusted, and what is weaker on this machine than it could be."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import click

from workers.cli.common import as_json, print_json
from workers.core.settings import current
from workers.views.output import out, styled


@dataclass(frozen=True)
class Advice:
    """What could be better on this machine. Advice refuses nothing, and does not change the exit code."""

    name: str
    good: bool
    words: str


def python() -> Iterator[Advice]:
    """The interpreter's known holes in what reads archives."""
    from domain.core.python_holes import holes_of

    version = (sys.version_info.major, sys.version_info.minor, sys.version_info.micro)
    name = f"Python {'.'.join(map(str, version))}"
    found = list(holes_of(version))
    if not found:
        yield Advice(name, True, "no known hole in what reads archives")
    for hole in found:
        yield Advice(name, False, f"{hole.name}: {hole.what}; the engine does not rest on it, your own programs may")


def isolation() -> Iterator[Advice]:
    """Which levels of isolation for process jobs work here, and what each that works has not."""
    from activities.jobs.isolation.machine import probed
    from domain.jobs.isolation import ORDER, WEAKER, Level

    machine = probed(current().home / "jobs").machine
    best = machine.best()
    for level in ORDER:
        if why := machine.refused.get(level):
            yield Advice(f"isolation {level}", False, f"does not work here: {why}")
    lacks = (*WEAKER[best], *machine.lacks.get(best, ()))
    words = f"the strongest that works here; it lacks: {'; '.join(lacks)}" if lacks else "works here"
    yield Advice(f"isolation {best}", best is Level.SANDBOX and not lacks, words)


def network() -> Iterator[Advice]:
    """Whether jobs whose network is open are kept from what listens on this machine."""
    from activities.jobs.isolation import firewall

    for who, why in (("process jobs", firewall.translates()), ("containers", firewall.why_not())):
        words = f"with network open, they reach what listens on this machine: {why}" if why else "not to this machine"
        yield Advice(f"network of {who}", not why, words)


def pods() -> Iterator[Advice]:
    """How the steps of jobs in pods are run."""
    agents = current().agents
    if agents is None:
        slow = (
            "each step starts a client on this machine, about a second each; SLUICEWAY_AGENT_ADDRESS gives them agents"
        )
        yield Advice("jobs in pods", True, slow)
        return
    import socket

    words = f"by an agent of {agents.image}, which dials {agents.told}"
    try:
        socket.create_connection((agents.address, agents.port), timeout=2).close()
        there = True
    except OSError:
        there = False
    yield Advice("jobs in pods", there, words if there else f"{words}: nothing listens there, run `sluiceway up`")


ADVICE: tuple[Callable[[], Iterator[Advice]], ...] = (python, isolation, network, pods)
"""What looks at this machine; one line for each thing that it finds."""


@click.command()
@as_json
def doctor(json_: bool) -> None:
    """Check every scanner: its files are as installed, and it finds a known weakness in a sample file.

    Also names what is weaker on this machine than it could be, such as a Python with known holes. Exit code 1 when a
    scanner cannot be trusted.
    """
    from activities.scans import self_check as checks
    from workers.worker.local_wiring import pipeline_scanners

    chosen = current()
    advice = [one for look in ADVICE for one in look()]
    found = asyncio.run(checks.check(pipeline_scanners(chosen), chosen.tools))
    if json_:
        scanners = [one.__dict__ for one in found]
        print_json({"scanners": scanners, "network": checks.isolation(), "machine": [asdict(one) for one in advice]})
    else:
        for one in found:
            word = styled("good", "green") if one.good else styled("bad", "red")
            why = " ".join(one.why.split())
            out(word, f"  {one.name} {one.version}: {why} (sha256 {one.digest[:12]})")
        out(checks.isolation())
        for each in advice:
            out(styled("good", "green") if each.good else styled("weak", "yellow"), f"  {each.name}: {each.words}")
    if not all(one.good for one in found):
        raise click.exceptions.Exit(1)
