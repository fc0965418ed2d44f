"""Rows of releases: from records, from recorded ticks, and from what a release says of itself."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from activities.releases.release_lists import ListedLive, ListedRelease
from domain.access.resource import Resource, ResourceKind
from domain.core import ids
from domain.core.documents import Node, Object
from domain.queues import queue
from domain.queues.queue import Queue
from domain.releases.judge.told import pooled
from domain.releases.judge.told import told as told_by
from domain.releases.plot_points import PlotPoint, thinned
from workers.client.ports.releases import (
    ClusterRow,
    Demand,
    EvidenceRow,
    HolderRow,
    LiveRow,
    QueueRow,
    ReleaseRow,
    TickRow,
    WaiterRow,
)

if TYPE_CHECKING:
    from workflows.releases.messages import ClusterView, EvidenceView

MOST_WAITING = 200
"""Waiters that a row of a queue names."""
MOST_TOLD = 500
"""Events of a story."""
ERRORS, SLOW = "errors", "slow90"


def row_of(release: ListedRelease) -> ReleaseRow:
    """As lists show it."""
    return ReleaseRow(
        id=release["id"],
        service=release["service"],
        environment=release["environment"],
        number=release["number"],
        run=release["run"],
        version=release["version"],
        strategy=release["strategy"],
        verdict=release["verdict"],
        reason=release["reason"],
        started_at=release["started_at"],
        ended_at=release["ended_at"],
        replaced=release["replaced"],
    )


def resource_of(release: ListedRelease) -> Resource:
    """What rights are about."""
    about: dict[str, str | int | bool] = {"service": release["service"]}
    return Resource(kind=ResourceKind.RELEASE, name=release["id"], environment=release["environment"], attributes=about)


def environment_resource(name: str) -> Resource:
    """Of an environment."""
    return Resource(kind=ResourceKind.ENVIRONMENT, name=name, environment=name)


def live_of(live: ListedLive, drift: str = "", standby: str = "") -> LiveRow:
    """What is live; whoever asked for a release by hand stands where its run would."""
    by_hand = "/" not in live["run"]
    return LiveRow(
        environment=live["environment"],
        service=live["service"],
        version=live["version"],
        commit=live["commit_id"],
        since=live["since"],
        by=live["run"] if by_hand else live["actor"] or live["author"],
        release=live["release"],
        drift=drift,
        standby=standby,
    )


def demands_of(name: str, body: Object | None, *, opened: bool) -> tuple[Demand, ...]:
    """What holds for an environment, by what was registered; `opened`: without that, too."""
    from activities.access.environments import rules_of
    from domain.approvals.explained import explained
    from domain.releases import calendars, outcome
    from domain.releases.kubernetes import registered as place

    rules = rules_of(name, body, opened=opened)
    where = place.explained(place.text_of(body or {}))
    when = calendars.explained(rules.calendar)
    beside = outcome.explained(rules.outcome, rules.approval.applications)
    return tuple(Demand(*one) for one in (*where, *explained(rules.approval), *when, *beside))


def queue_of(id_: str, known: Queue, now: float) -> QueueRow:
    """Who holds its slots, and who waits in which place."""
    places = queue.words(known, now)
    return QueueRow(
        id=id_,
        limit=known.limit,
        order=str(known.order),
        hold_s=round(known.hold_s, 3),
        holders=tuple(HolderRow(one.who, one.since, bool(one.evicted)) for one in known.holders),
        waiting=tuple(WaiterRow(*one) for one in islice(places.items(), MOST_WAITING)),
        length=len(known.waiting),
    )


def story_of(result: Node) -> tuple[tuple[float, str], ...]:
    """Of an ended release: the last events."""
    events = list(result["story"])[-MOST_TOLD:]
    return tuple((event["at"].number(), told(event["what"].text(), event["why"].text())) for event in events)


def told(what: str, why: str) -> str:
    """An event as a sentence."""
    return f"{what}: {why}" if why else what


def evidence_of(views: Iterable[EvidenceView]) -> tuple[EvidenceRow, ...]:
    """Of a release under way."""
    return tuple(evidence_row(view.metric, view.evidence, view.threshold, view.canary, view.stable) for view in views)


def evidence_so_far(ticks: bytes) -> tuple[EvidenceRow, ...]:
    """What the newest tick says of all before it; empty: none says it."""
    return tuple(evidence_row(one.metric, one.evidence, one.threshold, one.new, one.stable) for one in told_by(ticks))


def evidence_together(result: Node) -> tuple[EvidenceRow, ...]:
    """Of an ended release with parts: what all of them showed together."""
    return tuple(evidence_row(one.metric, one.evidence, one.threshold, one.new, one.stable) for one in pooled(result))


def evidence_row(
    metric: str, evidence: float, threshold: float, canary: tuple[int, int], stable: tuple[int, int]
) -> EvidenceRow:
    """Events and requests of both versions, and the evidence against its threshold."""
    return EvidenceRow(
        metric=metric,
        evidence=_finite(evidence),
        threshold=_finite(threshold),
        canary_events=canary[0],
        canary_requests=canary[1],
        stable_events=stable[0],
        stable_requests=stable[1],
    )


def _finite(value: float) -> float:
    """JSON has no infinity."""
    return round(value, 3) if math.isfinite(value) else 0.0


def ticks_of(data: bytes) -> tuple[TickRow, ...]:
    """At most 500 points of recorded ticks; what is half-written or malformed is left out."""
    points = []
    for line in data.split(b"\n"):
        try:
            one = Node(json.loads(line))
        except ValueError:
            continue
        if one["at"]:
            shares = (_share(one[arm], metric) for metric in (ERRORS, SLOW) for arm in ("canary", "stable"))
            points.append(PlotPoint(one["at"].number(), one["percent"].number(), *shares))
    return tuple(TickRow(**vars(point)) for point in thinned(points))


def _share(arm: Node, metric: str) -> float:
    """Of failed or slow requests."""
    counted = arm[metric]
    pair = [part.number() for part in counted]
    events, requests = pair if len(pair) == 2 else (counted.number(), arm["requests"].number())
    return min(events / requests, 1.0) if requests > 0 else 0.0


def clusters_of(views: Iterable[ClusterView], ticks_of_part: Callable[[str], bytes]) -> tuple[ClusterRow, ...]:
    """The parts of a release that is under way; the evidence of each from the end of its own recorded ticks."""
    return tuple(
        ClusterRow(**vars(one), evidence=evidence_so_far(ticks_of_part(one.release)) if one.release else ())
        for one in views
    )


def ended_clusters(result: Node, ticks_of_part: Callable[[str], bytes]) -> tuple[ClusterRow, ...]:
    """The parts of a release that has ended. `ticks_of_part`: by the id of a part that its own result names."""
    return tuple(_ended_cluster(name, one, ticks_of_part) for name, one in result["clusters"].fields())


def _ended_cluster(name: str, one: Node, ticks_of_part: Callable[[str], bytes]) -> ClusterRow:
    live, release = one["standing"].text() == "live", one["release"].text()
    return ClusterRow(
        cluster=name,
        wave=one["wave"].whole(),
        standing=one["standing"].text(),
        release=release,
        percent=100.0 if live else 0.0,
        reason=one["reason"].text(),
        since=one["since"].number(),
        proven=one["proven"].value is True,
        evidence=evidence_so_far(ticks_of_part(release)) if release else (),
    )


def approval_ids(release: str, names: Iterable[str]) -> tuple[str, ...]:
    """Of open approvals between its steps."""
    return tuple(ids.approval_id(release, name) for name in names)
