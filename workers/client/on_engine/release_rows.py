"""Rows of releases: from records, from recorded ticks, and from what a release says of itself."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from activities.releases.release_lists import ListedLive, ListedRelease
from domain.access.resource import Resource, ResourceKind
from domain.core import ids
from domain.core.documents import Node
from domain.queues import queue
from domain.queues.queue import Queue
from domain.releases.plot_points import PlotPoint, thinned
from workers.client.ports.releases import (
    EvidenceRow,
    HolderRow,
    LiveRow,
    QueueRow,
    ReleaseRow,
    TickRow,
    WaiterRow,
)

if TYPE_CHECKING:
    from workflows.releases.messages import EvidenceView

MOST_WAITING = 200
"""Waiters that a row of a queue names."""
MOST_TOLD = 500
"""Events of a story."""
MOST_JUDGED = 5_000
"""Ticks that are judged again for a page."""
ERRORS = "errors"


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
    return tuple(_evidence(view.metric, view.evidence, view.threshold, view.canary, view.stable) for view in views)


def _evidence(
    metric: str, evidence: float, threshold: float, canary: tuple[int, int], stable: tuple[int, int]
) -> EvidenceRow:
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
            errors = (_share(one["canary"]), _share(one["stable"]))
            points.append(PlotPoint(one["at"].number(), one["percent"].number(), *errors))
    return tuple(
        TickRow(
            at=point.at, percent=point.percent, canary_errors=point.canary_errors, stable_errors=point.stable_errors
        )
        for point in thinned(points)
    )


def _share(arm: Node) -> float:
    """Of failed requests."""
    failed = arm[ERRORS]
    pair = [part.number() for part in failed]
    events, requests = pair if len(pair) == 2 else (failed.number(), arm["requests"].number())
    return min(events / requests, 1.0) if requests > 0 else 0.0


def judged(data: bytes, result: Node) -> tuple[EvidenceRow, ...]:
    """The evidence at the end, judged again from the recorded ticks; nothing for a release that judged nothing."""
    from activities.core import serialization as serial
    from domain.releases.judge.policy import Policy
    from domain.releases.judge.recording import Series, judge_series
    from domain.releases.judge.ticks import tick_from
    from domain.releases.traffic_baseline import Baseline

    lines = data.splitlines()
    if not result["policy"] or not result["baseline"] or len(lines) > MOST_JUDGED:
        return ()
    policy = serial.load(Policy, json.dumps(result["policy"].value))
    series = Series(phi=serial.load(Baseline, json.dumps(result["baseline"].value)).phi)
    for line in lines:
        series.add(tick_from(json.loads(line)))
    found = judge_series(series, policy).judge.evidence
    return tuple(
        _evidence(name, one.process.evidence, one.threshold, one.canary, one.stable) for name, one in found.items()
    )


def approval_ids(release: str, names: Iterable[str]) -> tuple[str, ...]:
    """Of open approvals between its steps."""
    return tuple(ids.approval_id(release, name) for name in names)
