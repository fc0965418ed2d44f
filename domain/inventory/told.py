"""What the worker in a cluster tells of it, and whether anybody may believe its form.

All of it is a stranger's: whoever has the token can say what they like about this one cluster. So it is bounded here as
the engine's own reading of an API server bounds it, and says nothing about any other cluster.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec

from domain.core.errors import DefinitionError
from domain.inventory import details, network_details, volume_details
from domain.inventory.details import MOST_ITEMS, MOST_TEXT
from domain.inventory.events import MOST_MESSAGE
from domain.inventory.model import KINDS, MOST_REASON, MOST_STATUS, EventRow, ObjectRow, WatchRow
from domain.inventory.texts import LATEST_S, MOST_NUMBER

MOST_ROWS, MOST_GONE, MOST_EVENTS, MOST_CERTIFICATES = 2_000, 2_000, 5_000, 8
MOST_DETAILS, DEEPEST = 20_000, 12
"""Values in the details of a row; how deep they are nested."""
MOST_KNOWN = 1_000_000
"""Rows of a cluster that dials out: whoever has its token fills no disk."""
CODE = "SLW978"
EVENT = "Event"
DETAILS: Mapping[str, Any] = {
    "Node": details.NodeDetails,
    "Namespace": details.NamespaceDetails,
    "Pod": details.PodDetails,
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet"), details.WorkloadDetails),
    "Job": details.JobDetails,
    "CronJob": details.CronJobDetails,
    "Service": network_details.ServiceDetails,
    "EndpointSlice": network_details.EndpointSliceDetails,
    "NetworkPolicy": network_details.NetworkPolicyDetails,
    "ResourceQuota": details.QuotaDetails,
    "LimitRange": details.LimitRangeDetails,
    "PersistentVolumeClaim": volume_details.ClaimDetails,
    "PersistentVolume": volume_details.VolumeDetails,
    "StorageClass": volume_details.StorageClassDetails,
    "VolumeSnapshot": volume_details.SnapshotDetails,
    "HorizontalPodAutoscaler": details.AutoscalerDetails,
    "PriorityClass": details.PriorityClassDetails,
}
"""By kind: what pages read of them has this shape, whoever wrote it."""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """Warnings that are over. `about`: UIDs of objects; `events`: UIDs of warnings. `at`: Unix seconds."""

    about: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    at: float
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What happened in a cluster, in the order in which it is written: rows, warnings, ends, and the watch itself."""

    at: float
    """By the worker's clock, in Unix seconds: times of the watch are as old as they are by it."""
    rows: tuple[ObjectRow, ...] = ()
    gone: tuple[tuple[str, str, str], ...] = ()
    """Kind, namespace and name."""
    events: tuple[EventRow, ...] = ()
    ended: tuple[Ended, ...] = ()
    watch: WatchRow | None = None


def believed(cluster: str, told: Told, now: float) -> Told:
    """What is written of it, with the times of the watch by the clock of `now` (Unix seconds).

    Raises:
        DefinitionError: SLW978, it is about another cluster, or no worker of this engine says so.
    """
    why = next(_complaints(cluster, told), "")
    if why:
        raise DefinitionError(CODE, f"what is told of {cluster} is refused", why=why[:MOST_REASON])
    rows = tuple(replace(row, details=_shaped(row)) for row in told.rows)
    watch = _by_clock(told.watch, told.at, now) if told.watch else None
    return replace(told, rows=rows, watch=watch)


def size_of(row: ObjectRow) -> int:
    """Bytes of what a stranger says at length in a row, about: its reason and its details."""
    return len(row.reason) + _length(row.details)


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(_length(key) + _length(each) for key, each in value.items())
    return sum(map(_length, value)) if isinstance(value, list | tuple) else 8


def _by_clock(watch: WatchRow, at: float, now: float) -> WatchRow:
    """No clock that runs ahead makes a cluster look alive when it is not, and none that is late makes it look dead."""
    return replace(
        watch,
        heard_at=_moved(watch.heard_at, at, now),
        synced_at=_moved(watch.synced_at, at, now),
        trouble_since=_moved(watch.trouble_since, at, now),
        dialled_at=now,
    )


def _moved(moment: float, at: float, now: float) -> float:
    return max(now - max(at - moment, 0.0), 0.0) if moment else 0.0


def _complaints(cluster: str, told: Told) -> Iterator[str]:
    """The first one counts; what is refused is refused whole."""
    counts = ((told.rows, MOST_ROWS), (told.gone, MOST_GONE), (told.events, MOST_EVENTS), (told.ended, MOST_EVENTS))
    if any(len(many) > most for many, most in counts):
        yield "it is too much at once"
        return
    named = [*(one.cluster for one in told.rows), *(one.cluster for one in told.events)]
    named += [told.watch.cluster] if told.watch else []
    if other := next((one for one in named if one != cluster), ""):
        yield f"it is about the cluster {other!r}"
    if not _is_moment(told.at):
        yield "its time is none"
    for row in told.rows:
        yield from _of_row(row)
    for key in told.gone:
        yield from _of_texts("what is gone", {}, *key)
    for event in told.events:
        yield from _of_event(event)
    for end in told.ended:
        yield from _of_end(end)
    if told.watch:
        yield from _of_watch(told.watch)


def _of_row(row: ObjectRow) -> Iterator[str]:
    if row.kind not in KINDS:
        yield f"{row.kind[:MOST_TEXT]!r} is no kind that is watched"
        return
    most = {"status": MOST_STATUS, "reason": MOST_REASON}
    yield from _of_fields(f"{row.kind} {row.name[:80]!r}", row, most, ("health", "details", "cluster"))
    if not row.name:
        yield f"a {row.kind} has no name"
    try:
        _bounded(row.details)
        _shaped(row)
    except (msgspec.ValidationError, ValueError) as odd:
        yield f"the details of {row.kind} {row.name[:80]!r} are none: {odd}"


def _of_event(event: EventRow) -> Iterator[str]:
    yield from _of_fields(f"the warning {event.uid[:80]!r}", event, {"message": MOST_MESSAGE}, ("cluster",))
    if not event.uid:
        yield "a warning has no UID"


def _of_end(end: Ended) -> Iterator[str]:
    if len(end.about) + len(end.events) > MOST_EVENTS or not _is_moment(end.at):
        yield "too many warnings end at once, or at no time"
    yield from _of_texts("an end", {}, end.because, *end.about, *end.events)


def _of_watch(watch: WatchRow) -> Iterator[str]:
    unwatched = watch.unwatched
    yield from _of_fields("the watch", watch, {"trouble": MOST_REASON}, ("cluster", "certificates", "unwatched"))
    if len(watch.certificates) > MOST_CERTIFICATES or not set(unwatched) <= {*KINDS, EVENT}:
        yield "it has too many certificates, or leaves out a kind that nobody watches"
    for one in watch.certificates:
        yield from _of_fields("a certificate", one, {}, ())
    for why in unwatched.values():
        yield from _of_texts("a kind that is left out", {"": MOST_REASON}, why)


def _of_fields(what: str, row: Any, most: Mapping[str, int], other: tuple[str, ...]) -> Iterator[str]:
    """`row`: a dataclass of texts and numbers, but for the fields `other`."""
    for field in fields(row):
        if field.name in other:
            continue
        value = getattr(row, field.name)
        if isinstance(value, str):
            if not _fits(value, most.get(field.name, MOST_TEXT)):
                yield f"{field.name} of {what} is too long, or no text"
        elif not (math.isfinite(value) and -1 <= value <= _most_of(field.name)):
            yield f"{field.name} of {what} is no number that anybody counts"


def _of_texts(what: str, most: Mapping[str, int], *texts: str) -> Iterator[str]:
    if not all(_fits(text, most.get("", MOST_TEXT)) for text in texts):
        yield f"a text of {what} is too long, or none"


def _fits(text: str, most: int) -> bool:
    return len(text) <= most and "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def _most_of(name: str) -> float:
    """Of a number, by the name of its field: no page can show a time after `LATEST_S`."""
    is_time = name in ("since", "until") or name.endswith(("_at", "_since"))
    return LATEST_S if is_time else MOST_NUMBER


def _is_moment(seconds: float) -> bool:
    return math.isfinite(seconds) and 0 <= seconds <= LATEST_S


def _shaped(row: ObjectRow) -> Mapping[str, Any]:
    """Without keys that the kind does not have.

    Raises:
        msgspec.ValidationError: a value is of another type.
    """
    return dict(msgspec.convert(row.details, DETAILS[row.kind]))


def _bounded(value: Any, deep: int = 0, seen: list[int] | None = None, most: float = MOST_NUMBER) -> None:
    """Raises:
    ValueError: it is larger, deeper or longer than what this engine reads.
    """
    seen = seen if seen is not None else [0]
    seen[0] += 1
    if deep > DEEPEST or seen[0] > MOST_DETAILS:
        raise ValueError("they hold too much")
    if isinstance(value, str):
        if not _fits(value, MOST_TEXT):
            raise ValueError("a text is too long, or none")
    elif isinstance(value, Mapping):
        for key, each in value.items():
            _bounded(key, deep + 1, seen)
            _bounded(each, deep + 1, seen, _most_of(str(key)))
    elif isinstance(value, list | tuple):
        if len(value) > 2 * MOST_ITEMS:
            raise ValueError("a list is too long")
        for each in value:
            _bounded(each, deep + 1, seen)
    elif not isinstance(value, bool | int | float) or abs(value) > most or value != value:
        raise ValueError("a value is none that is counted")
