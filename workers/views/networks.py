"""Networks of a cluster as lines of a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from domain.inventory.generated import Declares, PolicyState
from domain.inventory.model import Freshness
from domain.inventory.reach import Answer
from workers.client.ports.topology import NetworkRow, Networks
from workers.views.fleet import Line, age, table
from workers.views.output import styled

CLOSED = {Answer.ALL: "isolated", Answer.SOME: "partly isolated", Answer.NONE: "open to all"}
NOTHING = {
    Declares.OPEN: "the definition does not isolate its namespaces: no policy is generated",
    Declares.ELSEWHERE: "this cluster was made elsewhere: no policy is generated",
    Declares.UNKNOWN: "what the definition generates is not known: the cluster's workflow does not answer",
}
STATES = {
    PolicyState.SAME: "as defined",
    PolicyState.MISSING: "missing",
    PolicyState.CHANGED: "changed",
    PolicyState.EXTRA: "not of the definition",
    PolicyState.UNCLEAR: "too long to compare",
}


def lines(found: Networks, now: float) -> Iterator[Line]:
    """Who enforces, then namespaces, then the policies of the definition beside those that are there."""
    if found.freshness is not Freshness.LIVE:
        yield (styled(f"not heard of for {age(found.heard_at, now)}: this is what was known last", "bright_black"),)
    yield (f"enforced by {found.enforcer}" if found.enforcer else "nobody is known to enforce policies",)
    rows = [_row(one, now) for one in found.namespaces]
    yield from table(("NAMESPACE", "ENVIRONMENT", "DECLARED", "POLICIES", "PROBED"), rows)
    if found.matrix.rest:
        yield (f"{found.matrix.rest} namespaces more: name one with --namespace",)
    yield ("",)
    yield from _generated(found)


def _row(one: NetworkRow, now: float) -> tuple[str, ...]:
    probed = f"{one.probe.isolation}, {age(one.probe.at, now)} ago" if one.probe else "never"
    return one.name, one.environment or "-", CLOSED[one.closed], str(one.policies), probed


def _generated(found: Networks) -> Iterator[Line]:
    if why := NOTHING.get(found.declares):
        yield (why,)
        return
    rows = [
        (one.namespace, one.environment or "-", one.name, STATES[one.state], ", ".join(one.differs) or "-")
        for one in found.generated
    ]
    yield from table(("NAMESPACE", "ENVIRONMENT", "GENERATED POLICY", "STATE", "DIFFERS IN"), rows)
    if more := sum(found.generated_counts.values()) - len(rows):
        yield (f"{more} policies more: name a namespace with --namespace",)
