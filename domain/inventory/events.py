"""Warnings of Kubernetes as events of ours, and when they end.

One ends when what it is about is healthy again, or gone; when it was not repeated for `QUIET_S` while that is
healthy; or when Kubernetes forgets it, which it does after an hour without a repetition.
"""

from __future__ import annotations

from domain.inventory.model import MOST_NAME, EventRow
from domain.inventory.shapes import Event
from domain.inventory.texts import clean, moment, number

QUIET_S = 300.0
HEALTHY, GONE, FORGOTTEN, QUIET = (
    "it is healthy again",
    "what it was about is gone",
    "Kubernetes has forgotten it: it was not repeated for an hour",
    "it was not repeated, and what it was about is healthy",
)
"""Why an event has ended."""
MOST_MESSAGE = 1000


def event_row(one: Event, cluster: str) -> EventRow:
    """An event as it goes on; `about` of a node is the node's name, as kubelets have it."""
    about, meta = one.involved_object, one.metadata
    series = one.series
    first = moment(one.first_timestamp) or moment(one.event_time) or moment(meta.creation_timestamp)
    last = moment(series.last_observed_time if series else "") or moment(one.last_timestamp) or first
    return EventRow(
        cluster=cluster,
        uid=clean(meta.uid) or clean(f"{meta.namespace}/{meta.name}"),
        namespace=clean(about.namespace, MOST_NAME),
        kind=clean(about.kind, 63),
        name=clean(about.name, MOST_NAME),
        about=clean(about.uid),
        reason=clean(one.reason),
        message=clean(one.message, MOST_MESSAGE),
        count=max(number(series.count if series else one.count), 1),
        first_at=min(first, last),
        last_at=last,
    )


def is_warning(one: Event) -> bool:
    """What is not normal is told."""
    return one.type != "Normal"


def maker_of(kind: str, name: str) -> tuple[str, str]:
    """Whose object it may be, as rows have it: a ReplicaSet's Deployment, by its name."""
    begins, _, hashed = name.rpartition("-")
    return ("Deployment", begins) if kind == "ReplicaSet" and begins and hashed else (kind, name)


def is_quiet(row: EventRow, now: float) -> bool:
    """Whether it was not repeated for a while."""
    return now - row.last_at > QUIET_S
