"""What automatic repair does in a cluster, what it leaves alone, and why.

The circuit breaker is that of MachineHealthCheck (maxUnhealthy): when many nodes fail at once, the cause is rarely the
nodes, and replacing them makes it worse. Source:
https://cluster-api.sigs.k8s.io/tasks/automated-machine-management/healthchecking
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.clusters import metadata
from domain.clusters.autoscaling import Load, Scale, ScalePolicy
from domain.clusters.health import condition
from domain.clusters.manifests import OURS
from domain.clusters.spec import NodePool
from domain.core.documents import Node, Object
from domain.core.values import number

HOUR_S = 3600.0
REMEMBERED_S = 24 * HOUR_S
CORDONED = "sluiceway.dev/cordoned"
"""Annotation of a node that remediation has cordoned; nodes cordoned by people stay cordoned."""
PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure")


class Remedy(StrEnum):
    """What automatic repair does to a node, a pod (RECREATE) or a workload (RESTART)."""

    UNCORDON = "uncordon"
    REPLACE = "replace"
    CORDON = "cordon"
    DRAIN = "drain"
    RECREATE = "re-create"
    RESTART = "restart"


@dataclass(frozen=True, kw_only=True)
class RepairPolicy:
    """`max_unready` is a share of the nodes, 0 to 1."""

    dry_run: bool = False
    max_unready: float = 0.4
    actions_an_hour: int = 3
    node_grace_s: float = 60
    """How long a node may be not ready before it is repaired."""
    restarts: int = 5
    """Number of restarts after which a crashing container's pod is recreated."""
    again_first_s: float = 120
    again_longest_s: float = HOUR_S
    """Back-off between two actions on the same target: doubled each time."""
    scale: ScalePolicy | None = None
    """Pools with a `max-count` scale; None: they do not."""


@dataclass(frozen=True)
class NodeSeen:
    """An unhealthy node. `since`: seconds since the epoch."""

    name: str
    ready: bool = True
    since: float = 0
    ours: bool = True
    """Created here, so a replacement can be created."""
    pressure: tuple[str, ...] = ()
    cordoned: bool = False
    """Cordoned by automatic repair."""


@dataclass(frozen=True)
class CrashSeen:
    """A pod with a container that keeps crashing."""

    namespace: str
    name: str
    restarts: int
    controlled: bool
    """A controller recreates it when it is deleted."""
    workload: str = ""
    """The workload to restart, such as `Deployment/web`; empty: none."""


@dataclass(frozen=True)
class Observation:
    """`total`: all nodes; only the unhealthy ones are listed. `trouble` set: the cluster did not answer."""

    total: int = 0
    nodes: tuple[NodeSeen, ...] = ()
    crashes: tuple[CrashSeen, ...] = ()
    trouble: str = ""
    load: Load | None = None
    """Filled when pools may scale."""
    pools: tuple[NodePool, ...] = ()
    """As in the cluster's own spec."""


@dataclass(frozen=True)
class Done:
    """A completed action. `at`: seconds since the epoch."""

    remedy: Remedy
    target: str
    at: float


@dataclass(frozen=True)
class Decision:
    """A remedy and its verdict. `refusal` empty: it is carried out.

    `again_at`: when to decide again, in seconds since the epoch; 0: when the observation changes.
    """

    remedy: Remedy
    target: str
    reason: str
    refusal: str = ""
    again_at: float = 0


def survey(nodes: Iterable[Object], pods: Iterable[Object]) -> Observation:
    """Summarises API objects. Nodes and pods that are being deleted are left out."""
    seen = [_node(one) for one in nodes if not metadata.is_ending(one)]
    crashes = [crash for one in pods if (crash := _crash(one)) is not None]
    troubled = [one for one in seen if not one.ready or one.pressure or one.cordoned]
    return Observation(
        len(seen),
        tuple(sorted(troubled, key=lambda one: (one.since, one.name))),
        tuple(sorted(crashes, key=lambda one: (one.namespace, one.name))),
    )


def _node(node: Object) -> NodeSeen:
    labels = metadata.labels(node)
    changed = [
        one["lastTransitionTime"].text()
        for one in Node(node).at("status", "conditions")
        if one["type"].text() == "Ready"
    ]
    ready = condition(node, "Ready") == "True"
    return NodeSeen(
        metadata.name(node),
        ready,
        0 if ready else metadata.epoch((changed or [""])[0] or metadata.created(node)),
        all(labels.get(key) == value for key, value in OURS.items()),
        tuple(kind for kind in PRESSURES if condition(node, kind) == "True"),
        CORDONED in metadata.annotations(node),
    )


def _crash(pod: Object) -> CrashSeen | None:
    if metadata.is_ending(pod):
        return None
    restarts = [
        one["restartCount"].whole()
        for one in Node(pod).at("status", "containerStatuses")
        if one.at("state", "waiting", "reason").text() == "CrashLoopBackOff"
    ]
    if not restarts:
        return None
    owner = next((one for one in metadata.owners(pod) if one["controller"]), Node())
    workload = _restartable(metadata.labels(pod).get("pod-template-hash", ""), owner)
    return CrashSeen(metadata.namespace(pod), metadata.name(pod), max(restarts), bool(owner), workload)


def _restartable(digest: str, owner: Node) -> str:
    """A replica set belongs to a deployment when its name is the deployment's plus the hash of the pod template."""
    kind, name = owner["kind"].text(), owner["name"].text()
    if kind == "ReplicaSet" and digest and name.endswith(f"-{digest}"):
        return f"Deployment/{name.removesuffix(f'-{digest}')}"
    return f"{kind}/{name}" if kind in ("StatefulSet", "DaemonSet") else ""


def decide(seen: Observation, policy: RepairPolicy, done: Sequence[Done], now: float) -> list[Decision]:
    """Every possible remedy, with why it is taken or not."""
    taken, found = list(done), []
    broken = breaker(seen, policy)
    for wanted in (*_of_nodes(seen, policy, done, now), *_of_pods(seen, policy)):
        decision = wanted if wanted.refusal else _limited(wanted, policy, taken, now, broken)
        if not decision.refusal and policy.dry_run:
            taken.append(Done(decision.remedy, decision.target, now))  # a dry run: it reports what it would do
            decision = _refused(decision, "dry run")
        elif not decision.refusal:
            taken.append(Done(decision.remedy, decision.target, now))
        found.append(decision)
    return found


def breaker(seen: Observation, policy: RepairPolicy) -> str:
    """Why the circuit breaker stops all actions; empty when it does not."""
    unready = sum(not one.ready for one in seen.nodes)
    if not seen.total or unready <= policy.max_unready * seen.total:
        return ""
    return (
        f"the circuit breaker is open: {unready} of {seen.total} nodes are not ready, more than "
        f"{policy.max_unready:.0%}; look for a common cause"
    )


def _of_nodes(seen: Observation, policy: RepairPolicy, done: Sequence[Done], now: float) -> Iterator[Decision]:
    for one in seen.nodes:
        if one.cordoned and one.ready and not one.pressure:
            yield Decision(Remedy.UNCORDON, one.name, "the pressure has passed")
    for one in seen.nodes:
        if not one.ready:
            yield _unready(one, policy, now)
    for one in seen.nodes:
        if one.ready and one.pressure and not one.cordoned:
            yield Decision(Remedy.CORDON, one.name, f"under {', '.join(one.pressure)}: it takes no new pods")
    for one in seen.nodes:
        if one.ready and one.pressure and one.cordoned:
            yield _closed(one, policy, done, now)


def _unready(one: NodeSeen, policy: RepairPolicy, now: float) -> Decision:
    wanted = Decision(Remedy.REPLACE, one.name, f"not ready for {max(now - one.since, 0):.0f} s")
    if not one.ours:
        return _refused(wanted, "it was not created here, so it cannot be replaced")
    if now < one.since + policy.node_grace_s:
        words = f"a node has {policy.node_grace_s:g} s to become ready again"
        return _refused(wanted, words, one.since + policy.node_grace_s)
    return wanted


def _closed(one: NodeSeen, policy: RepairPolicy, done: Sequence[Done], now: float) -> Decision:
    why = f"cordoned, and still under {', '.join(one.pressure)}: its pods are evicted"
    wanted = Decision(Remedy.DRAIN, one.name, why)
    at = max([past.at for past in done if (past.remedy, past.target) == (Remedy.CORDON, one.name)], default=0.0)
    if now < at + policy.node_grace_s:
        words = f"a cordoned node has {policy.node_grace_s:g} s to recover"
        return _refused(wanted, words, at + policy.node_grace_s)
    return wanted


def _of_pods(seen: Observation, policy: RepairPolicy) -> Iterator[Decision]:
    """When several pods of a workload crash, one restart of the workload replaces an action for each."""
    sick = Counter(_workload(one) for one in seen.crashes if one.workload and one.restarts >= policy.restarts)
    together = {workload: count for workload, count in sick.items() if count > 1}
    for workload, count in sorted(together.items()):
        why = f"{count} of its pods keep crashing: it is restarted by its own update strategy"
        yield Decision(Remedy.RESTART, workload, why)
    for one in seen.crashes:
        if _workload(one) in together and one.restarts >= policy.restarts:
            continue
        wanted = Decision(Remedy.RECREATE, f"{one.namespace}/{one.name}", f"crashed {number(one.restarts, 'time')}")
        if not one.controlled:
            wanted = _refused(wanted, "no controller would recreate it")
        elif one.restarts < policy.restarts:
            wanted = _refused(
                wanted,
                f"its kubelet restarts it; the pod is recreated at restart {policy.restarts}",
            )
        yield wanted


def _workload(one: CrashSeen) -> str:
    return f"{one.namespace}/{one.workload}"


def _limited(wanted: Decision, policy: RepairPolicy, taken: Sequence[Done], now: float, broken: str) -> Decision:
    if wanted.remedy is Remedy.UNCORDON:  # it undoes an earlier action, so no limit applies
        return wanted
    if broken:
        return _refused(wanted, broken)
    same = [one.at for one in taken if one.target == wanted.target and one.remedy is wanted.remedy]
    if same and now < (at := max(same) + again_s(len(same), policy)):
        return _refused(wanted, f"it was done {now - max(same):.0f} s ago; the back-off is {at - max(same):.0f} s", at)
    recent = sorted(one.at for one in taken if one.at > now - HOUR_S and one.remedy is not Remedy.UNCORDON)
    if len(recent) >= policy.actions_an_hour:
        at = recent[-policy.actions_an_hour] + HOUR_S if policy.actions_an_hour else 0
        return _refused(wanted, f"the limit of {number(policy.actions_an_hour, 'action')} per hour is reached", at)
    return wanted


def _refused(wanted: Decision, why: str, again_at: float = 0) -> Decision:
    return Decision(wanted.remedy, wanted.target, wanted.reason, why, again_at)


def again_s(times: int, policy: RepairPolicy) -> float:
    """Back-off in seconds after the given number of actions on one target."""
    return float(min(policy.again_longest_s, policy.again_first_s * 2 ** min(max(times - 1, 0), 16)))


def remembered(done: Sequence[Done], now: float) -> list[Done]:
    """The past actions that limits and back-off still depend on."""
    return [one for one in done if one.at > now - REMEMBERED_S]


def wait_s(decisions: Iterable[Decision | Scale], now: float, longest_s: float = 300.0) -> float:
    """Seconds until the next decision while nothing changes."""
    times = [one.again_at - now for one in decisions if one.again_at]
    return max(1.0, min([longest_s, *times]))
