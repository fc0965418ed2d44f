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
MAX_LINE = 100_000
"""Bytes of the end of a tick file, where its newest tick is."""
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
    """What the newest tick of a release under way says of all before it; empty: none says it."""
    for line in reversed(ticks[-MAX_LINE:].split(b"\n")):
        try:
            told = Node(json.loads(line))["evidence"].fields()
            return tuple(_told_evidence(name, [part.number() for part in parts]) for name, parts in told)
        except ValueError:  # half-written
            continue
    return ()


def _told_evidence(metric: str, parts: list[float]) -> EvidenceRow:
    evidence, threshold, *counts = [*parts, *[0.0] * 6][:6]
    x_c, n_c, x_s, n_s = map(int, counts)
    return evidence_row(metric, evidence, threshold, (x_c, n_c), (x_s, n_s))


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
    """Of a release over many that is under way; the evidence of a part from its own recorded ticks."""
    return tuple(
        ClusterRow(
            **vars(one),
            evidence=evidence_so_far(ticks_of_part(one.release)) if one.standing == "releasing" and one.release else (),
        )
        for one in views
    )


def ended_clusters(result: Node) -> tuple[ClusterRow, ...]:
    """Of a release over many that has ended."""
    return tuple(
        ClusterRow(
            cluster=name,
            wave=one["wave"].whole(),
            standing=one["standing"].text(),
            release=one["release"].text(),
            percent=100.0 if one["standing"].text() == "live" else 0.0,
            reason=one["reason"].text(),
            since=one["since"].number(),
            proven=one["proven"].value is True,
        )
        for name, one in result["clusters"].fields()
    )


def approval_ids(release: str, names: Iterable[str]) -> tuple[str, ...]:
    """Of open approvals between its steps."""
    return tuple(ids.approval_id(release, name) for name in names)
