"""Shapes of nodes, namespaces, quotas and what else a cluster is made of; how to read them: shapes.py."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.inventory.shapes import Condition, Meta, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeTaint:
    key: str = ""
    value: str = ""
    effect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeSpec:
    unschedulable: bool = False
    taints: Sequence[NodeTaint] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeInfo:
    kubelet_version: str = ""
    container_runtime_version: str = ""
    os_image: str = ""
    kernel_version: str = ""
    architecture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAddress:
    type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeState:
    capacity: Texts | None = None
    allocatable: Texts | None = None
    conditions: Sequence[Condition] | None = ()
    addresses: Sequence[NodeAddress] | None = ()
    node_info: NodeInfo = NodeInfo()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterNode:
    metadata: Meta = Meta()
    spec: NodeSpec = NodeSpec()
    status: NodeState = NodeState()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamespaceState:
    phase: str = ""
    conditions: Sequence[Condition] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    metadata: Meta = Meta()
    status: NamespaceState = NamespaceState()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSpec:
    scopes: Sequence[str] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaState:
    hard: Texts | None = None
    used: Texts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    metadata: Meta = Meta()
    spec: QuotaSpec = QuotaSpec()
    status: QuotaState = QuotaState()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitItem:
    type: str = ""
    default: Texts | None = None
    default_request: Texts | None = None
    min: Texts | None = None
    max: Texts | None = None
    max_limit_request_ratio: Texts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSpec:
    limits: Sequence[LimitItem] | None = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRange:
    metadata: Meta = Meta()
    spec: LimitSpec = LimitSpec()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityClass:
    metadata: Meta = Meta()
    value: int = 0
    global_default: bool = False
    preemption_policy: str | None = ""
    description: str = ""
