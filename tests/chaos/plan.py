"""Where and how the engine is hurt: a seed gives the list, before anything starts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

BEFORE = ("checkout", "step", "upload", "scan", "gate", "approval")
PHASES: dict[str, tuple[str, ...]] = {
    "canary": (*BEFORE, "deploy", "ramp 10", "ramp 50", "promotion", "drain"),
    "blue-green": (*BEFORE, "deploy", "switch", "drain"),
    "faulty": (*BEFORE, "deploy", "ramp 10", "compensation"),
}
"""Kind of run to what it goes through, in order. A faulty version is taken back by its own evidence."""
SERVING = ("deploy", "ramp 10", "ramp 50", "promotion", "switch", "drain", "compensation")
KILLS = ("worker", "supervisor", "router", "process", "temporal", "store")
OTHERS = {"cut": 5, "full": 8, "pause": 10, "second": 10}
"""Kind to at least how many of 200: the connection to Temporal is cut for a minute, the store's disk is filled, the
worker is stopped past its heartbeat, a second worker does the same work."""
MIN_KILLS, MIN_PHASE = 15, 8


@dataclass(frozen=True)
class Point:
    run: int
    phase: str
    kind: str
    delay: float
    """Part of the phase's usual length that passes before: 0 to 1."""


@dataclass(frozen=True)
class Plan:
    seed: int
    runs: tuple[str, ...]
    """Kinds of runs, in order."""
    points: tuple[Point, ...]


def on_a_bucket(run: int) -> bool:
    """Half of the runs have their objects in a bucket, whose server can be killed; the others on a disk that fills."""
    return run % 2 == 0


def fits(kind: str, phase: str, run: int) -> bool:
    """Whether there is anything of the kind to hurt in the phase of the run."""
    if kind == "supervisor":
        return phase == "step"
    if kind in ("router", "process"):
        return phase in SERVING and phase != "deploy"
    if kind in ("store", "full"):
        return phase in (*BEFORE, "deploy") and on_a_bucket(run) == (kind == "store")
    return True


def draw(seed: int, count: int = 200) -> Plan:
    """At least 15 of every kind of kill and 8 in every phase when there are 200; parts of that when there are fewer."""
    rng = random.Random(seed)
    runs, slots = _slots(rng, count)
    share = count / 200
    wanted = {kind: max(round(MIN_KILLS * share), 1) for kind in KILLS}
    wanted |= {kind: round(number * share) for kind, number in OTHERS.items()}
    chosen: dict[tuple[int, str], str] = {}
    # the pickiest first: what can happen in few phases must find a place there
    for kind in sorted(wanted, key=lambda kind: sum(fits(kind, phase, run) for run, phase in slots)):
        free = [slot for slot in slots if slot not in chosen and fits(kind, slot[1], slot[0])]
        for slot in rng.sample(free, min(wanted[kind], len(free))):
            chosen[slot] = kind
    for slot in slots:
        if slot not in chosen:
            chosen[slot] = rng.choice([kind for kind in KILLS if fits(kind, slot[1], slot[0])])
    points = tuple(Point(run, phase, chosen[run, phase], round(rng.random(), 3)) for run, phase in slots)
    return Plan(seed, runs, points)


def _slots(rng: random.Random, count: int) -> tuple[tuple[str, ...], list[tuple[int, str]]]:
    """Runs until there are enough places, and which of their phases are taken; every phase as often as the others."""
    runs: list[str] = []
    slots: list[tuple[int, str]] = []
    while len(slots) < count * 1.25:
        kind = list(PHASES)[len(runs) % len(PHASES)]
        slots += [(len(runs), phase) for phase in PHASES[kind]]
        runs.append(kind)
    while len(slots) > count:
        often = Counter(phase for _, phase in slots)
        rare = {phase for phase, number in often.items() if number <= max(MIN_PHASE, count // 20)}
        less = [slot for slot in slots if slot[1] not in rare and slot[1] != "step"] or slots
        slots.remove(rng.choice(less))
    return tuple(runs), slots
