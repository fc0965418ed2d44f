"""Every object of a cluster in the order of creation, and the difference to what exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.clusters import audit_log
from domain.clusters.parts import Role, phase_of
from domain.clusters.phase import Phase as Phase
from domain.clusters.spec import ClusterSpec, NodePool, Priority, Quota, Scaling, node_names


class Verb(StrEnum):
    """What happens to an object of the cluster; REPLACE deletes it and makes another."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    KEEP = "keep"
    DELETE = "delete"


@dataclass(frozen=True)
class Item:
    """An object of a cluster. `state` is what can be observed of it; equal states need no change."""

    phase: Phase
    kind: str
    name: str
    state: str = ""
    replaced: bool = False
    """A changed state recreates it: a node's capacity and zone are immutable."""


@dataclass(frozen=True)
class Change:
    """One line of a plan: which object, in which phase, from which state to which."""

    verb: Verb
    phase: Phase
    kind: str
    name: str
    before: str = ""
    after: str = ""


def items(spec: ClusterSpec) -> list[Item]:
    """The objects of a cluster in the order of creation."""
    return list(_items(spec))


def _items(spec: ClusterSpec) -> Iterator[Item]:
    if not spec.ours:
        return
    net = spec.network
    yield Item(Phase.NETWORK, "network", spec.name, f"pods {net.pods}, services {net.services}, nodes {net.nodes}")
    plane = control_plane_state(spec.version, audit_log.state(spec.connection))
    yield Item(Phase.CONTROL_PLANE, "control-plane", spec.name, plane)
    for pool, name, zone in node_names(spec):
        yield Item(Phase.NODES, "node", name, node_state(pool, zone), replaced=True)
    yield from _parts(spec, Phase.NODES)
    yield Item(Phase.NETWORK_PLUGIN, "network-plugin", net.plugin)
    if spec.storage:
        yield Item(Phase.STORAGE, "storage-class", spec.storage)
    yield from _parts(spec, Phase.ADD_ONS)
    for add_on in spec.add_ons:
        yield Item(Phase.ADD_ONS, "add-on", add_on)
    for each in spec.priorities:
        yield Item(Phase.TENANTS, "priority-class", each.name, priority_state(each))
    for quota in spec.quotas:
        yield Item(Phase.TENANTS, "namespace", quota.namespace, quota_state(quota))
        if net.isolated:
            yield Item(Phase.TENANTS, "network-policy", f"{quota.namespace}/default-deny", DENIES)
            allowed = allowed_state(quota, Role.GATEWAY in spec.parts)
            yield Item(Phase.TENANTS, "network-policy", f"{quota.namespace}/tenant", allowed)
    if net.isolated and net.others == "deny":
        yield OTHERS_DENIED
    for one in spec.scaling:
        yield Item(
            Phase.TENANTS, "autoscaler", f"{one.namespace}/{one.workload.rpartition('/')[2]}", scaling_state(one)
        )


def _parts(spec: ClusterSpec, phase: Phase) -> Iterator[Item]:
    for role, program in spec.parts.items():
        if phase_of(role) is phase:
            yield Item(phase, PART, role, program)


def control_plane_state(version: str, more: str) -> str:
    """A control plane as `plan` shows and compares it."""
    return (f"v{version}" if version else "the provider's version") + more


PART = "part"
DENIES = "nothing in, nothing out but names"
OTHERS_DENIED = Item(Phase.TENANTS, "network-policy", "other namespaces", DENIES)


def scaling_state(one: Scaling) -> str:
    """A HorizontalPodAutoscaler as `plan` shows and compares it."""
    return f"{one.least} to {one.most} pods of {one.workload}, at {one.cpu} % of their cores"


def priority_state(one: Priority) -> str:
    """A PriorityClass as `plan` shows and compares it."""
    return f"value {one.value}" + ("" if one.preempts else ", preempts nobody")


def allowed_state(quota: Quota, gateway: bool = False) -> str:
    """What the policy of a tenant allows, as text. `gateway`: one beside the nodes is let in."""
    come = ["pods of its own namespace", *(f"pods of {name}" for name in quota.allow_from)]
    come += ["the gateway"] if gateway else []
    go = ["pods of its own namespace", *quota.allow_to]
    return f"in from {', '.join(come)}; out to {', '.join(go)}"


def node_state(pool: NodePool, zone: str) -> str:
    """What identifies a node's configuration: a change recreates it."""
    taints = [f"{taint.key}={taint.value}:{taint.effect}" for taint in pool.taints]
    labels = [f"{key}={value}" for key, value in sorted(pool.labels.items())]
    parts = [f"{pool.cpu:g} cores", f"{pool.memory_mb} MB", f"{pool.pods} pods"]
    parts += [f"zone {zone}"] if zone else []
    return ", ".join([*parts, *labels, *taints])


def quota_state(quota: Quota) -> str:
    """The limits of a ResourceQuota as `plan` shows and compares them; limits that are 0 are left out."""
    limits = {
        "cores": f"{quota.cpu:g}" if quota.cpu else "",
        "MB": str(quota.memory_mb or ""),
        "pods": str(quota.pods or ""),
        "GB of storage": str(quota.storage_gb or ""),
        "claims": str(quota.claims or ""),
        "cores a container": f"{quota.container_cpu:g}" if quota.container_cpu else "",
        "MB a container": str(quota.container_memory_mb or ""),
    }
    return ", ".join(f"{value} {word}" for word, value in limits.items() if value) or "no limit"


def difference(wanted: Sequence[Item], existing: Sequence[Item]) -> list[Change]:
    """Creations and changes first, in the order of phases; then deletions, in reverse order."""
    have = {(item.kind, item.name): item for item in existing}
    want = {(item.kind, item.name): item for item in wanted}
    made = [_change(item, have) for item in wanted]
    gone = [
        Change(Verb.DELETE, item.phase, item.kind, item.name, item.state)
        for item in reversed(list(existing))
        if (item.kind, item.name) not in want
    ]
    return made + gone


def _change(item: Item, have: Mapping[tuple[str, str], Item]) -> Change:
    known = have.get((item.kind, item.name))
    if known is None:
        return Change(Verb.CREATE, item.phase, item.kind, item.name, "", item.state)
    if known.state == item.state:
        return Change(Verb.KEEP, item.phase, item.kind, item.name, known.state, item.state)
    verb = Verb.REPLACE if item.replaced else Verb.UPDATE
    return Change(verb, item.phase, item.kind, item.name, known.state, item.state)


def refusals(before: ClusterSpec, after: ClusterSpec) -> list[str]:
    """Changes to immutable properties, each with what to do instead."""
    found = []
    if not before.ours and before.version != after.version:
        found.append("it is a registered cluster: upgrade it with the tool that created it")
    if before.provider == after.provider and before.dials_out != after.dials_out:
        found.append("whether it dials out cannot change: delete it here, which leaves it as it is, and register it")
    if before.provider != after.provider:
        found.append(f"the provider cannot change from {before.provider} to {after.provider}: create another cluster")
    if (before.network.pods, before.network.services) != (after.network.pods, after.network.services):
        found.append("the pod and service ranges of a cluster cannot change: create another cluster")
    if before.network.plugin != after.network.plugin:
        found.append("the network plugin of a cluster cannot change: pods would lose their connections")
    if before.version and after.version and not upgradable(before.version, after.version):
        found.append(f"from {before.version} to {after.version}: only upgrades by one minor version are possible")
    return found


def upgradable(before: str, after: str) -> bool:
    """Version skew policy of Kubernetes: one minor version up at a time; any later patch.

    Source: https://kubernetes.io/releases/version-skew-policy/
    """
    old, new = version_of(before), version_of(after)
    return old[:1] == new[:1] and new >= old and new[1] - old[1] <= 1


def version_of(text: str) -> tuple[int, int, int]:
    """`v1.34.4` as numbers; a missing or invalid part is 0."""
    parts = [int(part) if part.isdecimal() else 0 for part in text.removeprefix("v").split("-")[0].split(".")]
    major, minor, patch, *_ = [*parts, 0, 0, 0]
    return major, minor, patch
