"""From rows of the inventory to the boxes and edges of each level of a map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.core.documents import Node
from domain.inventory.matrix import OUTSIDE, Matrix
from domain.inventory.model import Health, ObjectRow
from domain.inventory.reach import Answer, Peer, Policy, Rule, policy_of
from domain.inventory.topology import Box, BoxKind, Edge, EdgeKind

KIND_OF = {
    "Service": BoxKind.SERVICE,
    "NetworkPolicy": BoxKind.POLICY,
    "HorizontalPodAutoscaler": BoxKind.AUTOSCALER,
    "PersistentVolumeClaim": BoxKind.CLAIM,
    "Pod": BoxKind.POD,
    "Namespace": BoxKind.NAMESPACE,
}
"""Of an object's kind; all others are workloads."""
MOST_WORDS = 60


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A release under way: how much traffic its new version has in a cluster."""

    id: str
    service: str
    environment: str
    version: str
    previous: str = ""
    percent: float = 0
    cluster: str = ""
    """Empty: in each that it goes to."""


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What a probe of a namespace's isolation found: whether a pod of another namespace gets in."""

    namespace: str
    elsewhere: str
    gets_in: bool
    at: float = 0
    words: str = ""


def key_of(row: ObjectRow) -> str:
    """Key of an object's box."""
    kind = KIND_OF.get(row.kind, BoxKind.WORKLOAD)
    return f"{kind}/{row.namespace}/{row.kind}/{row.name}"


def box_of(row: ObjectRow, note: str = "", counts: Mapping[str, int] | None = None, words: Iterable[str] = ()) -> Box:
    """The box of an object."""
    return Box(
        key=key_of(row),
        kind=KIND_OF.get(row.kind, BoxKind.WORKLOAD),
        name=row.name,
        health=row.health,
        counts=counts or {},
        note=(note or row.status)[:MOST_WORDS],
        words=tuple(words),
        reason=row.reason,
        since=row.since,
        cluster=row.cluster,
        namespace=row.namespace,
        object=f"{row.kind}/{row.name}",
    )


# -- level 2 -------------------------------------------------------------------------------------------------------


def namespace_edges(table: Matrix, closed: Mapping[str, Answer], tried: Iterable[Tried]) -> Iterator[Edge]:
    """What policies let into namespaces that they close, and what probes found. Who is open is reached by everybody:
    no edge says so, the box does.
    """
    for source, row in zip(table.names, table.cells, strict=True):
        for target, cell in zip(table.names, row, strict=True):
            shut = closed.get(target, Answer.NONE) is not Answer.NONE and OUTSIDE not in (source, target)
            if source != target and shut and cell.answer is not Answer.NONE:
                yield Edge(
                    start=_space(source),
                    end=_space(target),
                    kind=EdgeKind.ALLOWED,
                    label=cell.ports or _some(cell.answer),
                )
    for one in tried:
        kind = EdgeKind.ALLOWED if one.gets_in else EdgeKind.DENIED
        yield Edge(start=_space(one.elsewhere), end=_space(one.namespace), kind=kind, probed=True)


def _some(answer: Answer) -> str:
    return "some" if answer is Answer.SOME else ""


def _space(name: str) -> str:
    return f"{BoxKind.NAMESPACE}//Namespace/{name}"


# -- level 3 -------------------------------------------------------------------------------------------------------


def pods_by_workload(pods: Iterable[ObjectRow]) -> dict[str, Counter[str]]:
    """`KIND/NAME` of a workload to its pods by health; pods of nobody are under the empty name."""
    found: dict[str, Counter[str]] = {}
    for pod in pods:
        found.setdefault(pod.owner, Counter())[pod.health.value] += 1
    return found


def replicas(row: ObjectRow) -> dict[str, int]:
    """Pods of a workload by health, where only how many are wanted and ready is known."""
    missing = max(row.wanted - row.ready, 0)
    bad = row.health if row.health.rank else Health.PROGRESSING
    return {name: count for name, count in ((Health.HEALTHY.value, row.ready), (bad.value, missing)) if count}


def labels_of(row: ObjectRow) -> dict[str, str]:
    """Of a workload's pods, or of a pod."""
    return Node(row.details)["labels"].strings()


def service_edges(
    services: Iterable[ObjectRow], workloads: Sequence[ObjectRow], shifts: Sequence[Shift]
) -> Iterator[Edge]:
    """A service to the pods that its selector selects, with what a release sends there."""
    for service in services:
        selector = Node(service.details)["selector"].strings()
        for row in workloads:
            labels = labels_of(row)
            if selector and all(labels.get(key) == value for key, value in selector.items()):
                yield Edge(start=key_of(service), end=key_of(row), kind=EdgeKind.SENDS, percent=percent_of(row, shifts))


def percent_of(row: ObjectRow, shifts: Iterable[Shift]) -> float | None:
    """Traffic of a workload's version by the release under way; None: none is, or it is not of its versions."""
    for one in shifts:
        same = one.service == row.service and one.environment in ("", row.environment)
        if same and one.cluster in ("", row.cluster) and row.version in (one.version, one.previous):
            return one.percent if row.version == one.version else 100 - one.percent
    return None


def shift_boxes(shifts: Iterable[Shift], workloads: Sequence[ObjectRow]) -> tuple[list[Box], list[Edge]]:
    """Releases under way, and what they send to each version."""
    boxes, edges = [], []
    for one in shifts:
        key = f"{BoxKind.RELEASE}/{one.id}"
        found = [(row, share) for row in workloads if (share := percent_of(row, [one])) is not None]
        if found:
            name = one.id.removeprefix("release/")
            boxes.append(
                Box(
                    key=key, kind=BoxKind.RELEASE, name=name, object=one.id, note=one.version, health=Health.PROGRESSING
                )
            )
            edges += [Edge(start=key, end=key_of(row), kind=EdgeKind.SENDS, percent=share) for row, share in found]
    return boxes, edges


def policy_boxes(rows: Sequence[ObjectRow], workloads: Sequence[ObjectRow]) -> tuple[list[Box], list[Edge]]:
    """Policies with whom they are about and whom they let in. Who is about all pods, or lets in all of the namespace,
    says so itself: an edge to each would say nothing more.
    """
    boxes, edges = dict[str, Box](), list[Edge]()
    for row in rows:
        policy = policy_of(row)
        chosen = [one for one in workloads if policy.pods.matches(labels_of(one))]
        whole = len(chosen) == len(workloads)
        boxes[key_of(row)] = box_of(row, words=_said(policy, whole=whole))
        if not whole:
            edges += [Edge(start=key_of(row), end=key_of(one), kind=EdgeKind.GUARDS) for one in chosen]
        for rule in policy.ingress or ():
            for box, edge in _let_in(row, rule, workloads):
                if box is not None:
                    boxes.setdefault(box.key, box)
                edges.append(edge)
    return list(boxes.values()), edges


def _said(policy: Policy, *, whole: bool) -> Iterator[str]:
    if whole:
        yield "all pods"
    for way, rules in (("in", policy.ingress), ("out", policy.egress)):
        if rules is not None and not rules:
            yield f"denies {way}"
        elif rules is not None and any(not rule.peers and not rule.ports for rule in rules):
            yield f"opens {way}"
        elif rules is not None:
            yield f"limits {way}"


def _let_in(row: ObjectRow, rule: Rule, workloads: Sequence[ObjectRow]) -> Iterator[tuple[Box | None, Edge]]:
    label = ", ".join(f"{one.port or '*'}/{one.protocol}" for one in rule.ports[:3])
    edge = Edge(start="", end=key_of(row), kind=EdgeKind.ALLOWED, label=label)
    if not rule.peers:
        box = _peer_box(row, "everybody")
        yield box, replace(edge, start=box.key)
    for peer in rule.peers:
        if peer.namespaces is None and peer.pods is not None:
            chosen = [one for one in workloads if peer.pods.matches(labels_of(one))]
            if len(chosen) < len(workloads):
                yield from ((None, replace(edge, start=key_of(one))) for one in chosen)
        else:
            box = _peer_box(row, peer_name(peer))
            yield box, replace(edge, start=box.key)


def _peer_box(row: ObjectRow, name: str) -> Box:
    return Box(key=f"{BoxKind.PEER}/{name}", kind=BoxKind.PEER, name=name[:253], cluster=row.cluster)


def peer_name(peer: Peer) -> str:
    """`namespace ops`, `namespaces team=a`, `pods app=x in namespaces team=a`, `10.0.0.0/8`."""
    if peer.block:
        return peer.block
    spaces = peer.namespaces
    words = "all namespaces"
    if spaces is not None and str(spaces):
        one = spaces.labels if not spaces.expressions else ()
        named = len(one) == 1 and one[0][0] == "kubernetes.io/metadata.name"
        words = f"namespace {one[0][1]}" if named else f"namespaces {spaces}"
    return f"pods {peer.pods} in {words}" if peer.pods is not None and str(peer.pods) else words


# -- level 4 -------------------------------------------------------------------------------------------------------


def around(row: ObjectRow, rows: Iterable[ObjectRow], shifts: Sequence[Shift]) -> tuple[list[Box], list[Edge]]:
    """One workload's neighbours among the services, policies, claims and autoscalers of its namespace."""
    boxes, edges, labels = list[Box](), list[Edge](), labels_of(row)
    claims = Node(row.details)["claims"].texts()
    for one in rows:
        if one.kind == "Service":
            found = list(service_edges([one], [row], shifts))
        elif one.kind == "NetworkPolicy":
            chosen = policy_of(one).pods.matches(labels)
            found = [Edge(start=key_of(one), end=key_of(row), kind=EdgeKind.GUARDS)] if chosen else []
        elif one.kind == "HorizontalPodAutoscaler":
            aimed = Node(one.details)["target"].text() == f"{row.kind}/{row.name}"
            found = [Edge(start=key_of(one), end=key_of(row), kind=EdgeKind.SCALES)] if aimed else []
        else:
            mounts = any(_is_claim(name, one.name, row.name) for name in claims)
            found = [Edge(start=key_of(row), end=key_of(one), kind=EdgeKind.HAS)] if mounts else []
        if found:
            words = _said(policy_of(one), whole=False) if one.kind == "NetworkPolicy" else ()
            boxes.append(box_of(one, ports_of(one), words=words))
            edges += found
    return boxes, edges


def _is_claim(template: str, name: str, workload: str) -> bool:
    """`data`, or `data-*` of a StatefulSet: `data-WORKLOAD-0`."""
    if not template.endswith("-*"):
        return template == name
    number = name.removeprefix(f"{template[:-1]}{workload}-")
    return number != name and number.isdecimal()


def ports_of(row: ObjectRow) -> str:
    """`ClusterIP 80, 443` of a service; empty: of anything else."""
    if row.kind != "Service":
        return ""
    said = Node(row.details)
    return f"{said['type'].text()} {', '.join(one['port'].text() for one in said['ports'])}".strip()


def pod_boxes(row: ObjectRow, pods: Sequence[ObjectRow], counts: Mapping[str, int]) -> tuple[list[Box], list[Edge]]:
    """Its pods, and one box for those that were not read. `counts`: all of them, by health."""
    boxes = [box_of(pod) for pod in pods]
    rest = Counter(counts)
    rest.subtract(pod.health.value for pod in pods)
    left = {name: count for name, count in rest.items() if count > 0}
    if left:
        worst = max((Health(name) for name in left), key=lambda one: one.rank)
        more = Box(key=f"{BoxKind.POD}/", kind=BoxKind.POD, health=worst, counts=left, of=sum(left.values()))
        boxes.append(replace(more, cluster=row.cluster, namespace=row.namespace))
    return boxes, [Edge(start=key_of(row), end=box.key, kind=EdgeKind.HAS) for box in boxes]
