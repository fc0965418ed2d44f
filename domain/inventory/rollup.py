"""What many rows say together of a cluster: how it is, why, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.clusters.lifecycle import Status
from domain.core.values import number
from domain.inventory.model import WORKLOADS, Freshness, Health, ObjectRow, WatchRow, freshness

UNDER_WAY = frozenset(
    {Status.REQUESTED, Status.CREATING, Status.UPDATING, Status.HEALING, Status.COMPENSATING, Status.DELETING}
)
BROKEN = frozenset({Status.DEGRADED, Status.STUCK, Status.FAILED})
BAD = (Health.UNKNOWN, Health.DEGRADED)
"""What somebody has to look at."""
WAS_BAD = "was-bad"
"""A filter of lists: what was so when its cluster was last heard of, though all of it is unknown now."""
JUDGED: Mapping[str, tuple[str, ...]] = {
    "node": ("Node",),
    "workload": WORKLOADS,
    "pod": ("Pod",),
    "claim": ("PersistentVolumeClaim",),
}
"""What a cluster is judged by: the word for it, and its kinds."""
FAILED_KEPT_S = 86_400.0
"""A cluster whose creation failed is shown for so long, unless one of its name is made."""
DIALS_S = 60.0
"""A worker in a cluster that dials out asks for its work, or tells something, at least three times within it."""
NOT_HEALTHY = "not healthy: "
"""Begins why a cluster is so in which something is wrong."""
SILENT = "the cluster is not heard of"
"""Why something in it is unknown."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many objects of a kind are so."""

    kind: str
    status: str = ""
    health: Health = Health.HEALTHY
    number: int = 0
    cpu_m: int = 0
    memory_mb: int = 0


@dataclass(frozen=True, kw_only=True)
class Life:
    """How a cluster's life is, by its workflow; without a status: no workflow has told."""

    status: str = ""
    waits_for: str = ""
    reason: str = ""
    since: float = 0


@dataclass(frozen=True, kw_only=True)
class Heard:
    """How a cluster is heard of. Times in Unix seconds."""

    freshness: Freshness = Freshness.NEVER
    heard_at: float = 0
    synced: bool = False
    trouble: str = ""
    trouble_since: float = 0
    dials_out: bool = False
    """A worker in it dials out."""
    dialled_at: float = 0
    """When that worker was last heard of; 0: never."""
    silent: bool = False
    """That worker was not heard of for `DIALS_S`."""


@dataclass(frozen=True, kw_only=True)
class KnownCluster:
    """What is kept of a cluster beside its objects."""

    name: str
    provider: str = ""
    life: Life = Life()
    drift: int = 0
    """How many differences from its definition there are."""
    guarded: bool = False
    """Automatic repair is on."""
    dials_out: bool = False
    """A worker in it dials out: nobody here can reach it."""
    watch: WatchRow

    def is_over(self, now: float) -> bool:
        """Whether its creation failed so long ago that nobody is told any more; Unix seconds."""
        return self.life.status == Status.FAILED and now - self.life.since > FAILED_KEPT_S

    def heard(self, now: float) -> Heard:
        """How it is heard of at a time in Unix seconds."""
        watch = self.watch
        return Heard(
            freshness=freshness(watch.heard_at, now),
            heard_at=watch.heard_at,
            synced=bool(watch.synced_at),
            trouble=watch.trouble,
            trouble_since=watch.trouble_since,
            dials_out=self.dials_out,
            dialled_at=watch.dialled_at,
            silent=self.dials_out and now - watch.dialled_at > DIALS_S,
        )


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Placements of a service that run a version."""

    service: str
    version: str
    number: int = 1
    bad: int = 0
    """How many of them are unknown or degraded now."""


@dataclass(frozen=True)
class Standing:
    """How something is, why, and since when (Unix seconds; 0: not known)."""

    health: Health
    reason: str = ""
    since: float = 0


def standing(life: Life, heard: Heard, tallies: Iterable[Tally], bad_since: float) -> Standing:
    """Of a cluster. What is not heard of is never healthy, whatever its rows say.

    Args:
        tallies: of everything in it.
        bad_since: since when the oldest of what is wrong in it is so.
    """
    if heard.freshness is not Freshness.LIVE:
        return _silent(life, heard)
    if life.status in BROKEN:
        return Standing(Health.DEGRADED, life.reason or f"its last operation left it {life.status}", life.since)
    wrong = _wrong(list(tallies))
    if wrong:
        worst, words = wrong
        return Standing(worst, words, bad_since)
    if life.status in UNDER_WAY:
        return Standing(Health.PROGRESSING, _under_way(life), life.since)
    if not heard.synced:
        return Standing(Health.PROGRESSING, "what is in it is being listed", heard.heard_at)
    return Standing(Health.HEALTHY, "", life.since)


def _silent(life: Life, heard: Heard) -> Standing:
    never = heard.freshness is Freshness.NEVER
    if never and life.status in BROKEN:
        return Standing(Health.DEGRADED, life.reason or f"it is {life.status}", life.since)
    if never and life.status in UNDER_WAY:
        return Standing(Health.PROGRESSING, _under_way(life), life.since)
    if heard.silent:
        reason = "its worker has not dialled in" if heard.dialled_at else "its worker has never dialled in"
        return Standing(Health.UNKNOWN, reason, heard.dialled_at or life.since)
    reason = heard.trouble or ("it was never heard of" if never else "it is not heard of")
    return Standing(Health.UNKNOWN, reason, heard.heard_at or heard.trouble_since or life.since)


def _under_way(life: Life) -> str:
    return f"{life.status}: {life.waits_for}" if life.waits_for else life.status


def _wrong(tallies: list[Tally]) -> tuple[Health, str] | None:
    """The worst of what is bad, and how many of which are."""
    told, worst = [], Health.HEALTHY
    for word, kinds in JUDGED.items():
        of = [one for one in tallies if one.kind in kinds]
        bad = sum(one.number for one in of if one.health in BAD)
        if bad:
            told.append(f"{bad} of {number(sum(one.number for one in of), word)}")
            worst = max(
                worst, *(one.health for one in of if one.health in BAD and one.number), key=lambda one: one.rank
            )
    return (worst, f"{NOT_HEALTHY}{'; '.join(told)}") if told else None


def first_wrong(tallies: Iterable[Tally]) -> tuple[str, Health] | None:
    """Kind and health of what to look at first: nodes before workloads, these before pods. None: nothing is wrong."""
    bad = [one for one in tallies if one.health in BAD and one.number]
    for kinds in JUDGED.values():
        if of := [one for one in bad if one.kind in kinds]:
            worst = max(of, key=lambda one: (one.health.rank, one.number, one.kind))
            return worst.kind, worst.health
    return None


def cause_of(row: ObjectRow) -> str:
    """What is wrong with an object, with its name: `Deployment shop/web: 0 of 2 replicas are available`."""
    name = f"{row.namespace}/{row.name}" if row.namespace else row.name
    return f"{row.kind} {name}: {row.reason or row.status}"


def by_health(tallies: Iterable[Tally], kinds: Iterable[str], *, live: bool = True) -> dict[str, int]:
    """How many of these kinds there are, by health. Not live: all of them are unknown."""
    wanted, found = frozenset(kinds), dict[str, int]()
    for one in tallies:
        if one.kind in wanted and one.number:
            word = (one.health if live else Health.UNKNOWN).value
            found[word] = found.get(word, 0) + one.number
    return found


def added(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Counts by a word, of all together."""
    found = dict[str, int]()
    for part in parts:
        for word, count in part.items():
            found[word] = found.get(word, 0) + count
    return found


def now_of(health: Health, reason: str, *, live: bool) -> tuple[Health, str]:
    """How something is, and why: unknown, where its cluster is not heard of."""
    return (health, reason) if live else (Health.UNKNOWN, reason or SILENT)
