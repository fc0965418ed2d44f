"""Releases and environments: status, commands, what is live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from workers.client.ports.pages import Page, PageOf


@dataclass(frozen=True, kw_only=True)
class ReleaseRow:
    """A release, as lists show it."""

    id: str
    service: str
    environment: str
    number: int
    run: str = ""
    version: str = ""
    strategy: str = ""
    verdict: str = ""
    """Empty while it is under way."""
    reason: str = ""
    started_at: float = 0
    ended_at: float | None = None
    replaced: bool = False
    """It went live, and something else is live in its place by now."""

    @property
    def standing(self) -> str:
        """In a word: `running`, `replaced`, or its verdict."""
        return "replaced" if self.replaced else self.verdict or "running"


@dataclass(frozen=True, kw_only=True)
class EvidenceRow:
    """A metric of a canary against its threshold."""

    metric: str
    evidence: float
    threshold: float
    canary_events: int = 0
    canary_requests: int = 0
    stable_events: int = 0
    stable_requests: int = 0


@dataclass(frozen=True, kw_only=True)
class TickRow:
    """One look at the traffic, for plots."""

    at: float
    percent: float
    """Traffic of the new version."""
    canary_errors: float = 0
    """Share, 0 to 1."""
    stable_errors: float = 0
    canary_slow: float = 0
    """Share of requests slower than nine of ten of the stable version's were before."""
    stable_slow: float = 0


@dataclass(frozen=True, kw_only=True)
class ClusterRow:
    """A cluster of a release over many."""

    cluster: str
    wave: int = 0
    """From 1; 0: of an ended release, which was not in the order of its plan."""
    standing: str = "waiting"
    """`waiting`, `releasing`, `live`, `returning`, `back`, `broken`, `left-out` or `kept`."""
    release: str = ""
    """Id of its part; empty: it has not begun."""
    percent: float = 0
    """Traffic of the new version."""
    reason: str = ""
    since: float = 0
    """Seconds since the epoch; 0: its turn has not come."""
    proven: bool = False
    evidence: tuple[EvidenceRow, ...] = ()
    """Of its own requests, at its last look at the traffic."""


@dataclass(frozen=True, kw_only=True)
class ReleaseDetails:
    """A release with its story."""

    row: ReleaseRow
    doing: str = ""
    waiting_for: str = ""
    previous: str = ""
    percent: float = 0
    tick: int = -1
    """Number of the last look at the traffic, from 0; -1: there was none yet, or it has ended."""
    paused: bool = False
    evidence: tuple[EvidenceRow, ...] = ()
    ticks: tuple[TickRow, ...] = ()
    """At most 500, oldest first."""
    story: tuple[tuple[float, str], ...] = ()
    """Seconds since the epoch, and a sentence."""
    steps: tuple[str, ...] = ()
    """What it did, in order, once it has ended."""
    judged: tuple[str, ...] = ()
    """How its recorded ticks are judged again, a sentence each, once it has ended."""
    approvals: tuple[str, ...] = ()
    """Workflow ids of open approvals."""
    temporal: str = ""
    answers: bool = True
    """Whether it said what it does; always, once it has ended."""
    clusters: tuple[ClusterRow, ...] = ()
    """Its parts, in the order of their turn: of a release over many clusters, or of several services."""
    services: bool = False
    """Whether its parts are services."""
    proven: bool = False
    """Whether evidence showed each step up to full traffic to be safe; only once it has ended."""


@dataclass(frozen=True, kw_only=True)
class LiveRow:
    """What is live of a service in an environment."""

    environment: str
    service: str
    version: str
    commit: str = ""
    since: float = 0
    by: str = ""
    """Who started the run; of a push that nobody is known to have made: the author of its commit, as it says."""
    release: str = ""
    drift: str = ""
    """Empty: none is known."""
    standby: str = ""
    """Version on standby."""


@dataclass(frozen=True)
class Demand:
    """What holds for deployments and approvals, as a sentence, and why."""

    rule: str
    why: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentRow:
    """A registered environment."""

    name: str
    rule: Mapping[str, Any] | None = None
    """What was registered; None: it was not."""
    demands: tuple[Demand, ...] = ()
    """Most important first; in lists, the first two."""
    holder: str = ""
    """The release that holds its lock."""
    waiting: int = 0
    live: tuple[LiveRow, ...] = ()
    """Those that changed last, at most 20, in lists 5; `Releases.live` has all."""
    services: int = 0
    """How many are live; 1,000: so many or more."""


@dataclass(frozen=True)
class HolderRow:
    """Who holds a slot."""

    who: str
    """Id of a run or release; a job: that of its run, a space, and its name."""
    since: float = 0
    """Seconds since the epoch; 0: it is not known."""
    evicted: bool = False
    """It was told to end, and has not yet."""


@dataclass(frozen=True)
class WaiterRow:
    """Who waits for a slot."""

    who: str
    place: str = ""
    """`place 3 of 7, in about 40 s`."""


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """A concurrency group, or an environment's lock."""

    id: str
    limit: int = 1
    """Slots."""
    order: str = "fifo"
    """Who gets the next slot: `fifo`, `lifo` or `priority`."""
    hold_s: float = 0
    """How long a slot is held, as it was lately; 0: it is not known."""
    holders: tuple[HolderRow, ...] = ()
    waiting: tuple[WaiterRow, ...] = ()
    """In the order of their turn; at most 200."""
    length: int = 0
    """How many wait."""


class Releases(Protocol):
    """Raises of every method: RefusedError SLW410, the caller may not; SLW907, there is no such release."""

    async def list(self, service: str, environment: str, page: PageOf) -> Page[ReleaseRow]:
        """Newest first; empty texts filter nothing."""
        ...

    async def show(self, id_: str) -> ReleaseDetails:
        """`release/SERVICE/ENVIRONMENT/N`, under way or ended."""
        ...

    async def steer(self, id_: str, verb: str, reason: str, key: str = "") -> str:
        """`pause`, `resume`, `promote`, `override`, `abort` or `rollback`; returns a sentence of what happens.

        Raises:
            RefusedError: SLW905, not in this state.
        """
        ...

    async def rollback(self, environment: str, service: str, key: str = "") -> str:
        """Releases the previous version again; returns the id of that release. `production@eu-1`: in one cluster.

        `service`: also the name of several that were released as one; asked again, that returns the same release.
        """
        ...

    async def environments(self, page: PageOf) -> Page[EnvironmentRow]:
        """By name."""
        ...

    async def environment(self, name: str) -> EnvironmentRow:
        """One of them."""
        ...

    async def live(self, environment: str, service: str, page: PageOf) -> Page[LiveRow]:
        """What is live where, by environment and service; empty texts filter nothing."""
        ...

    async def queues(self, page: PageOf) -> Page[QueueRow]:
        """By id."""
        ...
