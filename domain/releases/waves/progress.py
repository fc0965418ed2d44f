"""Where a release over many clusters stands, and what is due next: a cluster that may begin, or one that must go back.

A wave is over when each of its clusters carries this release's version, proven by its own release, and has soaked.
Nothing that was read before a cluster's turn counts. What goes back, goes back last wave first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from domain.releases.waves.plan import Wave, WavePlan

PATIENCE_S = 120.0
"""How long the way back of an earlier wave waits for a later one that does not get there."""


class Standing(StrEnum):
    """Of one cluster."""

    WAITING = "waiting"
    RELEASING = "releasing"
    LIVE = "live"
    """It carries this release's version."""
    RETURNING = "returning"
    BACK = "back"
    """It had begun; the version before is live again."""
    BROKEN = "broken"
    """Neither version is ready: an operator must act."""
    LEFT_OUT = "left-out"
    """It has not begun, and will not."""
    KEPT = "kept"
    """It should have gone back, and keeps this version: there was none before."""


CHANGED = frozenset({Standing.RELEASING, Standing.LIVE, Standing.RETURNING})
"""What a way back still has to deal with."""
FAILED = frozenset({Standing.BACK, Standing.BROKEN, Standing.KEPT})


@dataclass(frozen=True, kw_only=True)
class ClusterState:
    """One cluster of a release."""

    standing: Standing = Standing.WAITING
    since: float = 0.0
    """Seconds since the epoch."""
    reason: str = ""
    release: str = ""
    """Id of its own release; empty: it has not begun."""
    proven: bool = False
    excused: bool = False
    """It failed, and a person went on without it."""
    wave: int = 0
    """From 1; in results."""
    address: str = ""
    """Of a service, in the release of several."""


@dataclass(frozen=True, kw_only=True)
class Due:
    """What is to be done now."""

    begin: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    until: float | None = None
    """When to look again without a message; None: only a message changes anything."""
    waiting_for: str = ""
    """For people; empty: clusters are under way."""
    over: bool = False
    overdue: bool = False
    """A wave that failed has waited for people long enough: all must go back."""


@dataclass(kw_only=True)
class Progress:
    """All clusters of a plan."""

    plan: WavePlan
    clusters: dict[str, ClusterState] = field(default_factory=dict)
    returning: str = ""
    """Why all go back; empty: the release goes forward."""
    paused: bool = False
    hurried: int = -1
    """The last wave whose soak a person has ended."""
    doubt: str = ""
    """What the clusters under way show against further ones; empty: nothing."""
    doubted_at: float = 0.0
    """Seconds since the epoch."""
    trusted: bool = False
    """A person goes on in spite of the doubt."""
    closed: str = ""
    """Which window or freeze holds further clusters; empty: none."""
    opens_at: float = 0.0
    """When to ask again, in seconds since the epoch."""

    def of(self, cluster: str) -> ClusterState:
        """A cluster's state."""
        return self.clusters.get(cluster, ClusterState())

    @property
    def wave(self) -> int:
        """Index of the first wave with a cluster that is neither live nor done with; the number of waves: none is."""
        for index, wave in enumerate(self.plan.waves):
            if any(not _done(self.of(one)) for one in wave.clusters):
                return index
        return len(self.plan.waves)

    @property
    def busy(self) -> bool:
        """Whether any cluster is under way."""
        return any(one.standing in (Standing.RELEASING, Standing.RETURNING) for one in self.clusters.values())

    @property
    def failed(self) -> tuple[str, ...]:
        """Clusters that went back or broke, and that nobody has gone on without."""
        return tuple(one for one in self.plan.clusters if _failed(self.of(one)))

    def doubted(self, doubt: str, now: float) -> None:
        """What the clusters show now; where the doubt has ended, the next one is for people again."""
        if bool(doubt) is not bool(self.doubt):
            self.doubted_at, self.trusted = now, False
        self.doubt = doubt

    def due(self, now: float) -> Due:
        """What is to be done at `now`; the same state gives the same answer."""
        return self._way_back(now) if self.returning else self._way_on(now)

    def _way_on(self, now: float) -> Due:
        if self.failed:
            return self._held(now)
        for index, wave in enumerate(self.plan.waves):
            states = [self.of(one) for one in wave.clusters]
            if any(not _done(one) for one in states):
                return self._beginning(wave, now)
            soaked_at = max((one.since + wave.soak_s for one in states if one.standing is Standing.LIVE), default=0.0)
            if soaked_at > now and index > self.hurried:
                return Due(until=soaked_at, waiting_for=f"wave {index + 1} to soak")
        return Due(over=True)

    def _held(self, now: float) -> Due:
        names = ", ".join(self.failed)
        return self._for_people(f"about {names}", max(self.of(one).since for one in self.failed), now)

    def _for_people(self, about: str, since: float, now: float) -> Due:
        until = since + self.plan.hold_s
        busy = any(one.standing is Standing.RELEASING for one in self.clusters.values())
        return Due(until=until, waiting_for=f"people, {about}", overdue=until <= now and not busy)

    def _beginning(self, wave: Wave, now: float) -> Due:
        if self.paused:
            return Due(waiting_for="people: it is paused")
        if self.closed and now < self.opens_at:
            return Due(until=self.opens_at, waiting_for=f"window: {self.closed}")
        if self.doubt and not self.trusted:
            return self._for_people(f"or traffic that clears it: {self.doubt}", self.doubted_at, now)
        busy = sum(self.of(one).standing is Standing.RELEASING for one in wave.clusters)
        waiting = [one for one in wave.clusters if self.of(one).standing is Standing.WAITING]
        return Due(begin=tuple(waiting[: max(wave.at_once - busy, 0)]))

    def _way_back(self, now: float) -> Due:
        """Wave by wave from the last: one that does not get there holds the earlier ones up for a time only."""
        back: list[str] = []
        until: float | None = None
        for wave in reversed(self.plan.waves):
            states = {one: self.of(one) for one in wave.clusters}
            back += [one for one in reversed(wave.clusters) if _to_go_back(states[one])]
            late = [one.since + PATIENCE_S for one in states.values() if one.standing is Standing.RETURNING]
            if back or any(one > now for one in late):
                until = max(late, default=None)
                break
        over = not any(one.standing in CHANGED for one in self.clusters.values())
        return Due(back=tuple(back), until=until, over=over, waiting_for="" if over else "all clusters to go back")


def _done(state: ClusterState) -> bool:
    return state.standing in (Standing.LIVE, Standing.LEFT_OUT) or (state.excused and state.standing in FAILED)


def _failed(state: ClusterState) -> bool:
    return state.standing in FAILED and not state.excused


def _to_go_back(state: ClusterState) -> bool:
    return state.standing in (Standing.RELEASING, Standing.LIVE)


def counts(clusters: Mapping[str, ClusterState]) -> str:
    """How many stand where, for one line: `3 live, 1 releasing`."""
    found = [one.standing for one in clusters.values()]
    return ", ".join(f"{found.count(one)} {one}" for one in Standing if one in found)
