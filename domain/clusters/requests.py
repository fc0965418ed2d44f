"""What somebody asks of a cluster: another quota or other limits of a namespace, or an exception of its isolation.

A request says what it replaces, so it can be taken back; whoever knows a cluster after it knows the one before.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from enum import StrEnum
from itertools import combinations
from typing import Any

from domain.approvals.request import ChangeAuthors
from domain.approvals.scope import Scope
from domain.clusters import priority_requests
from domain.clusters.spec import ClusterSpec, Quota, reachable
from domain.core.documents import Node

DAY_S = 86_400.0
MOST_S = 30 * DAY_S
"""How long what ends by itself may hold. An exception always ends."""
LEAST_S = 60.0
MOST_REASON, MOST_CONNECTIONS = 500, 20
MOST_NUMBER = 1_000_000_000
AT = "@"
"""Between a request and the installation that it was asked in."""
STEP = "change"
"""What the approval of a request is called, as its job."""
_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class RequestKind(StrEnum):
    """What is asked for."""

    QUOTA = "quota"
    """What all pods and claims of a namespace may have together."""
    LIMITS = "limits"
    """What one container may have."""
    EXCEPTION = "exception"
    """Connections through the isolation of a namespace, for a time."""
    PRIORITY = "priority"
    """A priority class of the cluster: one more, another value, or, without values, one less."""


class RequestStatus(StrEnum):
    """How far a request is. The last six are final."""

    WAITING = "waiting"
    APPLYING = "applying"
    ACTIVE = "active"
    """In force, until its time."""
    ENDING = "ending"
    """Its time is over; the cluster takes it back."""
    APPLIED = "applied"
    ENDED = "ended"
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody decided in time."""
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = (RequestStatus.WAITING, RequestStatus.APPLYING, RequestStatus.ACTIVE, RequestStatus.ENDING)
UNITS = {"cpu": "cores", "memory_mb": "MB", "storage_gb": "GB", "pods": "pods", "claims": "claims"}
UNITS |= {"container_cpu": "cores", "container_memory_mb": "MB", "value": "", "preempts": ""}
FIELDS: Mapping[RequestKind, tuple[str, ...]] = {
    RequestKind.QUOTA: ("cpu", "memory_mb", "pods", "storage_gb", "claims"),
    RequestKind.LIMITS: ("container_cpu", "container_memory_mb"),
    RequestKind.EXCEPTION: (),
    RequestKind.PRIORITY: (priority_requests.VALUE, priority_requests.PREEMPTS),
}
"""The fields of `Quota`, or of a priority class, that each kind changes."""
_FRACTIONS = frozenset({"cpu", "container_cpu"})


@dataclass(frozen=True)
class ClusterRequest:
    """What is asked for, and by whom. Times in whole Unix seconds."""

    cluster: str
    namespace: str
    kind: RequestKind
    _: KW_ONLY
    name: str = ""
    """Of a priority class; its namespace is empty then."""
    values: dict[str, float] = field(default_factory=dict)
    """Fields of `Quota` to what they are to be; 0: no limit."""
    before: dict[str, float] = field(default_factory=dict)
    """What they were when it was asked."""
    allow_from: tuple[str, ...] = ()
    allow_to: tuple[str, ...] = ()
    reason: str = ""
    until: int = 0
    """When it ends by itself; 0: it stays."""
    requester: str = ""
    """Who asks, as approvals know people; they do not decide it."""
    environment: str = ""
    """Whose rule says who has to agree; empty: one who may approve in the cluster."""


def subject_of(asked: ClusterRequest) -> str:
    """For people: `quota of shop`, `priority of important`."""
    return f"{asked.kind} of {asked.namespace or asked.name}"


def request_id(cluster: str, number: int) -> str:
    """Workflow id of a request."""
    return f"request/{cluster}/{number}"


def at_home(id_: str, home: str) -> str:
    """A request as objects of a cluster name it: two installations may know one cluster by one name. `home`: what
    `domain.access.checkpoint.short` has of the installation's name.
    """
    return f"{id_}{AT}{home}"


def home_of(marked: str) -> str:
    """The installation of what `at_home` has made; empty: it names none."""
    return marked.partition(AT)[2]


def cluster_of(id_: str) -> str:
    """The cluster of a request's id, with or without its home; empty: it is none."""
    kind, _, rest = id_.partition(AT)[0].partition("/")
    cluster, _, number = rest.rpartition("/")
    return cluster if kind == "request" and number.isdecimal() else ""


def complaints(asked: ClusterRequest, now: float) -> Iterator[tuple[str, str]]:
    """What is wrong with it whatever its cluster is: the field, and why."""
    if asked.kind is not RequestKind.PRIORITY and not _NAMESPACE.fullmatch(asked.namespace):
        yield "namespace", f"'{asked.namespace[:63]}' is no name of a namespace"
    if not asked.reason.strip():
        yield "reason", "it needs a reason: whoever decides reads it"
    if len(asked.reason) > MOST_REASON:
        yield "reason", f"a reason has at most {MOST_REASON} characters"
    yield from _wrong_end(asked, now)
    if asked.kind is RequestKind.EXCEPTION:
        yield from _wrong_connections(asked)
        return
    if asked.kind is RequestKind.PRIORITY:
        yield from priority_requests.complaints(asked)
        return
    if not asked.values:
        yield "values", "it changes nothing: say at least one limit"
    for name, value in asked.values.items():
        if name not in FIELDS[asked.kind]:
            yield name, f"{name} is none of {', '.join(FIELDS[asked.kind])}"
        elif not (math.isfinite(value) and 0 <= value <= MOST_NUMBER):
            yield name, f"{name} is a number from 0 (no limit) on"
        elif name not in _FRACTIONS and value != int(value):
            yield name, f"{name} is a whole number"


def _wrong_end(asked: ClusterRequest, now: float) -> Iterator[tuple[str, str]]:
    if asked.kind is RequestKind.EXCEPTION and not asked.until:
        yield "until", "an exception ends: say when"
    if asked.until and asked.until < now + LEAST_S:
        yield "until", "it would end before anybody could decide it"
    if asked.until and asked.until > now + MOST_S + LEAST_S:
        yield "until", f"it may hold for at most {MOST_S / DAY_S:g} days"


def _wrong_connections(asked: ClusterRequest) -> Iterator[tuple[str, str]]:
    if not (asked.allow_from or asked.allow_to):
        yield "allow_from", "it opens nothing: name a namespace, or an address range"
    if len(asked.allow_from) + len(asked.allow_to) > MOST_CONNECTIONS:
        yield "allow_from", f"an exception opens at most {MOST_CONNECTIONS} connections"
    for name in asked.allow_from:
        if not _NAMESPACE.fullmatch(name):
            yield "allow_from", f"'{name[:63]}' is no name of a namespace"
    for text in asked.allow_to:
        try:
            reachable(text)
        except ValueError as wrong:
            yield "allow_to", str(wrong)[:300]


def refusals(spec: ClusterSpec, asked: ClusterRequest) -> Iterator[str]:
    """Why this cluster cannot do it, whoever agrees."""
    quota = quota_of(spec, asked.namespace)
    if not spec.ours:
        yield f"{spec.name} is registered, not made here: change it with the tool that made it"
    elif asked.kind is RequestKind.PRIORITY:
        yield from priority_requests.refusals(spec, asked)
    elif quota is None:
        yield f"namespace {asked.namespace} is none that the definition of {spec.name} names: it has no quota here"
    elif asked.kind is RequestKind.EXCEPTION:
        if not spec.network.isolated:
            yield f"the namespaces of {spec.name} are not isolated: everything is open already"
        known = [*_both(quota.allow_from, asked.allow_from), *_both(quota.allow_to, asked.allow_to)]
        if known:
            yield f"{', '.join(known)} is open already"
        if asked.namespace in asked.allow_from:
            yield f"pods of {asked.namespace} reach each other already"
    elif all(getattr(quota, name, None) == value for name, value in asked.values.items()):
        yield f"{asked.namespace} has these limits already"


def _both(have: tuple[str, ...], wanted: tuple[str, ...]) -> list[str]:
    return [one for one in wanted if one in have]


def quota_of(spec: ClusterSpec, namespace: str) -> Quota | None:
    """What the definition says of a namespace; None: it does not name it."""
    return next((one for one in spec.quotas if one.namespace == namespace), None)


def bound(spec: ClusterSpec, asked: ClusterRequest) -> ClusterRequest:
    """With what it replaces, and without what it would leave as it is."""
    if asked.kind is RequestKind.PRIORITY:
        return priority_requests.bound(spec, asked)
    quota = quota_of(spec, asked.namespace)
    if quota is None or asked.kind is RequestKind.EXCEPTION:
        return replace(asked, values={}, before={})
    now = {name: float(getattr(quota, name)) for name in asked.values if name in FIELDS[asked.kind]}
    changed = {name: float(asked.values[name]) for name in now if asked.values[name] != now[name]}
    return replace(asked, values=changed, before={name: now[name] for name in changed}, allow_from=(), allow_to=())


def applied(spec: ClusterSpec, asked: ClusterRequest) -> ClusterSpec:
    """The cluster with what is asked for."""
    if asked.kind is RequestKind.PRIORITY:
        return priority_requests.applied(spec, asked)
    return _with(spec, asked, asked.values, add=True)


def without(spec: ClusterSpec, asked: ClusterRequest) -> ClusterSpec:
    """The cluster as it was before; a limit that somebody has changed since stays as they changed it."""
    if asked.kind is RequestKind.PRIORITY:
        return priority_requests.without(spec, asked)
    quota = quota_of(spec, asked.namespace)
    still = {
        name: asked.before[name]
        for name, value in asked.values.items()
        if quota is not None and name in asked.before and getattr(quota, name) == value
    }
    return _with(spec, asked, still, add=False)


def _with(spec: ClusterSpec, asked: ClusterRequest, values: Mapping[str, float], *, add: bool) -> ClusterSpec:
    def changed(quota: Quota) -> Quota:
        kept = _fields(asked, values)
        comes = _joined(quota.allow_from, asked.allow_from, add=add)
        return replace(quota, **kept, allow_from=comes, allow_to=_joined(quota.allow_to, asked.allow_to, add=add))

    found = tuple(changed(one) if one.namespace == asked.namespace else one for one in spec.quotas)
    return replace(spec, quotas=found)


def _fields(asked: ClusterRequest, values: Mapping[str, float]) -> dict[str, Any]:
    """As `Quota` has them. Whole numbers stay whole: a cluster has one digest."""
    known = {name: value for name, value in values.items() if name in FIELDS[asked.kind]}
    return {name: float(value) if name in _FRACTIONS else int(value) for name, value in known.items()}


def _joined(have: tuple[str, ...], more: tuple[str, ...], *, add: bool) -> tuple[str, ...]:
    if add:
        return (*have, *(one for one in dict.fromkeys(more) if one not in have))
    return tuple(one for one in have if one not in more)


def states_before(spec: ClusterSpec, asked: ClusterRequest) -> Iterator[ClusterSpec]:
    """What a cluster may have been before this was taken back from it: whoever knows digests alone tries each.

    What a request adds stands together, wherever that is by now; a limit that was changed meanwhile stayed.
    """
    if asked.kind is RequestKind.PRIORITY:
        yield applied(spec, asked)
        return
    quota = quota_of(spec, asked.namespace)
    if quota is None:
        return
    back = [name for name, value in asked.before.items() if getattr(quota, name, None) == value]
    for kept in _subsets([name for name in back if name in FIELDS[asked.kind]]):
        values = _fields(asked, {name: asked.values[name] for name in kept if name in asked.values})
        for comes in _inserted(quota.allow_from, asked.allow_from):
            for goes in _inserted(quota.allow_to, asked.allow_to):
                then = replace(quota, **values, allow_from=comes, allow_to=goes)
                yield replace(spec, quotas=tuple(then if one is quota else one for one in spec.quotas))


def _subsets(names: list[str]) -> Iterator[tuple[str, ...]]:
    """All of them first."""
    for size in range(len(names), -1, -1):
        yield from combinations(names, size)


def _inserted(have: tuple[str, ...], more: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """At the end first, where it is put."""
    new = tuple(one for one in dict.fromkeys(more) if one not in have)
    for at in range(len(have), -1, -1) if new else (0,):
        yield (*have[:at], *new, *have[at:])


def people(asked: ClusterRequest) -> ChangeAuthors:
    """Who asks does not decide."""
    return ChangeAuthors(starter=asked.requester, asked=True)


# -- the document that is signed ------------------------------------------------------------------------------------


def scope_of(id_: str, asked: ClusterRequest) -> Scope:
    """What an approver signs: all of the request."""
    said = {
        "cluster": asked.cluster,
        "namespace": asked.namespace,
        "kind": str(asked.kind),
        "values": asked.values,
        "before": asked.before,
        "allow_from": list(asked.allow_from),
        "allow_to": list(asked.allow_to),
        "reason": asked.reason,
        "until": asked.until,
        "requester": asked.requester,
        **({"name": asked.name} if asked.name else {}),
    }
    parameters = {name: json.dumps(value, ensure_ascii=False, sort_keys=True) for name, value in said.items()}
    return Scope(job=STEP, environment=asked.environment, parameters=parameters, run=id_)


def request_of(scope: Scope) -> ClusterRequest:
    """The request in a document.

    Raises:
        ValueError: it is about something else.
    """
    said = Node({name: json.loads(value) for name, value in scope.parameters.items()})
    return ClusterRequest(
        said["cluster"].text(),
        said["namespace"].text(),
        RequestKind(said["kind"].text()),
        name=said["name"].text(),
        values={name: value.number() for name, value in said["values"].fields()},
        before={name: value.number() for name, value in said["before"].fields()},
        allow_from=tuple(said["allow_from"].texts()),
        allow_to=tuple(said["allow_to"].texts()),
        reason=said["reason"].text(),
        until=said["until"].whole(),
        requester=said["requester"].text(),
        environment=scope.environment,
    )
