"""Levels of isolation of a job's processes: what each keeps apart, which one is taken, and what is missing then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypedDict


class Level(StrEnum):
    """From the weakest to the strongest; docs/isolation.md says what each keeps apart."""

    PROCESS = "process"
    LANDLOCK = "landlock"
    SANDBOX = "sandbox"


ORDER = tuple(Level)
AUTO = "auto"
DISK_MB = 20_000
PROCESSES = 4_000
"""Of one job at a time; its threads count where the kernel enforces it."""


class Network(StrEnum):
    """What a job's processes reach."""

    MACHINE = "machine"
    """As the machine has it, and what listens on the machine itself."""
    OPEN = "open"
    """Without what listens on this machine, where that can be done."""
    PROXY = "proxy"
    """The hosts of a list, through a proxy; see egress.py."""
    NONE = "none"


@dataclass(frozen=True)
class Reach:
    """What the jobs of an installation reach of the network."""

    network: Network = Network.OPEN
    hosts: frozenset[str] | None = None
    """What a proxy lets through, as egress.py reads it; None: nothing is said, and it lets nothing through."""
    opened: tuple[str, ...] = ()
    """Ranges of addresses that are not public, and that hosts may have all the same."""

    def limited(self, network: Network, hosts: frozenset[str] | None) -> Reach:
        """The stricter of both, and the hosts that both name."""
        known = [one for one in (self.hosts, hosts) if one is not None]
        both = frozenset.intersection(*known) if known else None
        return replace(self, network=max(self.network, network, key=list(Network).index), hosts=both)

    def proxy(self, network: str = "") -> ProxySpec | None:
        """For the supervisor of a job. `network`: path of a namespace."""
        if self.network is not Network.PROXY:
            return None
        return {"hosts": sorted(self.hosts or ()), "opened": list(self.opened), "network": network}


OPEN = Reach()


class JailSpec(TypedDict):
    """What keeps the steps of a job apart from the machine. Paths are absolute."""

    level: str
    """One of `Level`."""
    hidden: list[str]
    """Folders that are empty for the steps."""
    visible: list[str]
    """Below hidden ones, and readable all the same; for landlock, all that is readable."""
    replaced: list[tuple[str, str]]
    """Files, and what stands in their place: source and target."""
    writable: list[tuple[str, str]]
    """The job's own: source and target."""
    uid: int
    """User and group of the steps; 0: the supervisor's."""
    network: str
    """open: the machine's own; nat: one of its own, with a way out; proxy, none: without."""
    disk_bytes: int
    """Of the job's folders together, and of each file; 0: no limit."""
    processes: int
    """At most so many at a time."""
    landlock: int
    """The version of its interface; 0: the kernel has none."""


class ProxySpec(TypedDict):
    """What the proxy of a job lets through; see egress.py."""

    hosts: list[str]
    opened: list[str]
    """Ranges of addresses that are not public, and that hosts may have all the same."""
    network: str
    """Path of the network namespace of a container; empty: the one of the jail."""


@dataclass(frozen=True)
class Machine:
    """What a machine offers, as it was tried there."""

    refused: Mapping[Level, str]
    """Levels that do not work, and why. The weakest always works."""
    lacks: Mapping[Level, tuple[str, ...]]
    """What a level that works does not have here, in words for people."""

    def best(self, most: Level = Level.SANDBOX) -> Level:
        """The strongest level that works, `most` at most."""
        allowed = ORDER[: ORDER.index(most) + 1]
        return next(level for level in reversed(allowed) if level is Level.PROCESS or level not in self.refused)


def is_enough(level: Level, least: Level) -> bool:
    """Whether a level is at least as strong."""
    return ORDER.index(level) >= ORDER.index(least)


WEAKER = {
    Level.SANDBOX: (),
    Level.LANDLOCK: (
        "it sees the machine's processes and can end those of the engine's user"
        " unless the kernel scopes signals (Landlock 6)",
        "it can change modes and times of files of the engine's user",
        "the temporary folder of the machine is out of reach, not its own",
    ),
    Level.PROCESS: ("it can read and change all files of the engine's user, and end its processes",),
}


def told(level: Level, machine: Machine, network: str) -> str:
    """One line for people: the level, and what it lacks here. `network`: in words."""
    missing = [*WEAKER[level], *machine.lacks.get(level, ())]
    why = "; ".join(f"{one} is not available: {machine.refused[one]}" for one in ORDER if one in machine.refused)
    words = f"isolation: {level}, network {network}"
    words += f"; lacks: {'; '.join(missing)}" if missing else ""
    return f"{words} ({why})" if why and level is not Level.SANDBOX else words
