"""The fleet as lines of a terminal: what is wrong first, and how old what is shown is."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from domain.core.values import duration_text
from domain.core.version import VERSION
from domain.inventory.dial_versions import ADVICE
from domain.inventory.model import EventRow, Freshness, Health, ObjectRow
from workers.client.ports.fleets import (
    ClusterDetails,
    Counts,
    Fleet,
    FleetCluster,
    FleetNamespace,
    FleetService,
    Found,
    ObjectDetails,
)
from workers.views.output import Part, styled

COLOURS = {
    Health.HEALTHY.value: "green",
    Health.SUSPENDED.value: "cyan",
    Health.PROGRESSING.value: "blue",
    Health.UNKNOWN.value: "bright_black",
    Health.DEGRADED.value: "red",
}
MOST_REASON = 100
MOST_CLUSTERS, MOST_SERVICES, MOST_WARNINGS, MOST_STORY = 20, 10, 5, 12
"""Lines of the overview and of a cluster; the lists have all of them."""
Line = tuple[Part, ...]
Row = Sequence[str]


def table(head: Row, rows: Iterable[Row], health: int = -1) -> Iterator[Line]:
    """Columns as wide as they need; the one with this number in the colour of its health."""
    lines = [head, *([_short(text) for text in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for at, line in enumerate(lines):
        parts: list[Part] = []
        for column, text in enumerate(line):
            last = column == len(line) - 1
            padded = text if last else text.ljust(widths[column] + 2)
            parts.append(styled(padded, COLOURS.get(text)) if at and column == health else padded)
        yield tuple(parts)


def _short(text: str) -> str:
    return text if len(text) <= MOST_REASON else f"{text[: MOST_REASON - 1]}…"


def age(since: float, now: float) -> str:
    """`3 min`; `-`: not known."""
    return duration_text(max(now - since, 0)) if since else "-"


def counted(counts: Counts) -> Line:
    """`96 healthy, 10 degraded`, the worst last."""
    parts: list[Part] = []
    for one in Health:
        if counts.get(one.value):
            parts += [", " if parts else "", styled(f"{counts[one.value]:,} {one.value}", COLOURS[one.value])]
    return tuple(parts) or ("none",)


def overview(fleet: Fleet) -> Iterator[Line]:
    """Totals, then what is not well: clusters, services, and warnings that go on."""
    for word, counts in fleet.totals.items():
        yield (f"{word:<11}", *counted(counts))
    bad = [one for one in fleet.clusters if one.health is not Health.HEALTHY]
    if bad:
        yield ("",)
        yield from clusters(bad[:MOST_CLUSTERS], fleet.as_of)
    if fleet.worst:
        yield ("",)
        yield from services(fleet.worst[:MOST_SERVICES], fleet.as_of)
    if fleet.warnings:
        yield ("",)
        yield from events(fleet.warnings[:MOST_WARNINGS], fleet.as_of)


def clusters(rows: Iterable[FleetCluster], now: float) -> Iterator[Line]:
    """One a line."""
    head = ("CLUSTER", "HEALTH", "SINCE", "HEARD", "NODES", "WORKLOADS", "PODS", "VERSION", "REASON")
    yield from table(head, (_cluster(one, now) for one in rows), 1)


def _cluster(one: FleetCluster, now: float) -> Row:
    heard = {Freshness.LIVE: "live", Freshness.NEVER: "never"}.get(one.freshness) or f"{age(one.heard_at, now)} ago"
    counts = [_good(counts) for counts in (one.nodes, one.workloads, one.pods)]
    return (
        one.name,
        one.health.value,
        age(one.since, now),
        heard,
        *counts,
        one.version or "-",
        one.cause or one.reason,
    )


def _good(counts: Counts) -> str:
    """`3/4`: how many are healthy, of all."""
    return f"{counts.get(Health.HEALTHY.value, 0)}/{sum(counts.values())}"


def cluster(details: ClusterDetails, now: float) -> Iterator[Line]:
    """One of them, with its story."""
    yield from clusters([details.row], now)
    if not details.answers:
        yield ("  its workflow does not answer: this is what was last known",)
    if details.row.dials_out:
        yield (f"  dials out: {_dialled(details.row.dialled_at, now)}{_let(details.row.dialled_may)}",)
        if advice := ADVICE.get(details.row.worker_fits):
            yield (f"  its worker's version is {details.row.worker or 'unknown'}, {VERSION} is the server's: {advice}",)
    if details.blocker:
        yield (f"  blocked for {age(details.blocker_since, now)}: {details.blocker}",)
    for one in details.certificates:
        left = f"in {duration_text(one.until - now)}" if one.until > now else f"{age(one.until, now)} ago"
        yield (f"  certificate {one.name}: ends {left}",)
    yield from ((f"  drift: {words}",) for words in details.drift)
    yield from ((f"  not watched: {kind}: {why}",) for kind, why in sorted(details.unwatched.items()))
    if details.repair_policy:
        yield (f"  automatic repair: {details.repair_policy}",)
    for repair in details.repairs:
        yield (f"    {repair.remedy} {repair.target} ({repair.reason}): {repair.refusal or 'in progress'}",)
    for entry in details.story[:MOST_STORY]:
        yield (f"  {age(entry.at, now)} ago  {'repair: ' if entry.by == 'repair' else ''}{entry.words}",)


def _dialled(at: float, now: float) -> str:
    return f"its worker was last heard of {age(at, now)} ago" if at else "its worker was never heard of"


def _let(may: str) -> str:
    return f", and may {may}" if may else ""


def namespaces(rows: Iterable[FleetNamespace], now: float) -> Iterator[Line]:
    """One a line."""
    head = ("CLUSTER", "NAMESPACE", "HEALTH", "STATUS", "ENVIRONMENT", "WORKLOADS", "PODS", "QUOTA")
    found = (
        (
            *(one.cluster, one.name, one.health.value, one.status, one.environment or "-", _good(one.workloads)),
            ", ".join(f"{count} {status}" for status, count in sorted(one.pods.items())) or "-",
            f"{one.quota}%" if one.quota >= 0 else "-",
        )
        for one in rows
    )
    yield from table(head, found, 2)


def objects(rows: Iterable[ObjectRow], now: float, silent: Container[str] = ()) -> Iterator[Line]:
    """One a line, as `kubectl get` has them. `silent`: clusters that are not heard of."""
    head = ("CLUSTER", "NAMESPACE", "NAME", "HEALTH", "STATUS", "SINCE", "NODE", "VERSION", "REASON")
    found = (
        (
            *(one.cluster, one.namespace or "-", one.name, one.health.value, _status(one, silent)),
            *(age(one.since, now), one.node or "-", one.version or "-", one.reason),
        )
        for one in rows
    )
    yield from table(head, found, 3)


def _status(one: ObjectRow, silent: Container[str]) -> str:
    if not one.status:
        return "-"
    return f"was {one.status}" if one.cluster in silent and one.health is Health.UNKNOWN else one.status


def object_(details: ObjectDetails, now: float) -> Iterator[Line]:
    """One of them, with its pods and events."""
    row = details.row
    silent = () if details.freshness is Freshness.LIVE else (row.cluster,)
    yield (f"{row.kind} {row.name}",)
    yield from objects([row], now, silent)
    if details.freshness is not Freshness.LIVE:
        heard = f"heard of {age(details.heard_at, now)} ago" if details.heard_at else "never heard of"
        yield (f"  {row.cluster} was {heard}: this is what was last known",)
    if details.pods:
        yield ("",)
        yield from objects(details.pods, now, silent)
    if details.events:
        yield ("",)
        yield from events(details.events, now)


def services(rows: Iterable[FleetService], now: float) -> Iterator[Line]:
    """One a line."""
    head = ("SERVICE", "HEALTH", "SINCE", "BAD", "CLUSTERS", "VERSIONS", "WHERE", "REASON")
    found = (
        (
            *(one.name, one.health.value, age(one.since, now), f"{one.bad}/{one.placements}", str(one.clusters)),
            ", ".join(f"{each.version or '-'} ({each.placements})" for each in one.versions),
            *(one.where or "-", one.reason),
        )
        for one in rows
    )
    yield from table(head, found, 1)


def events(rows: Iterable[EventRow], now: float) -> Iterator[Line]:
    """One a line, newest first."""
    head = ("CLUSTER", "LAST", "COUNT", "ENDED", "REASON", "OBJECT", "MESSAGE")
    found = (
        (
            *(one.cluster, age(one.last_at, now), str(one.count)),
            f"{age(one.ended_at, now)} ago: {one.ended_because}" if one.ended_at else "no",
            *(one.reason, f"{one.kind} {one.namespace}/{one.name}" if one.namespace else f"{one.kind} {one.name}"),
            one.message,
        )
        for one in rows
    )
    yield from table(head, found)


def found(rows: Sequence[Found]) -> Iterator[Line]:
    """What a search has found."""
    head = ("KIND", "NAME", "HEALTH", "WHERE", "ID")
    yield from table(head, ((one.kind, one.name, one.health or "-", one.where or "-", one.id) for one in rows), 2)


def more(shown: int, total: int) -> Iterator[Line]:
    """What a list says at its end; nothing, where it shows all."""
    if total > shown:
        yield (f"and {total - shown:,} more",)
