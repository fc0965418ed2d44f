"""Who has a priority class, and what another value, or its removal, means to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from domain.clusters.requests import ClusterRequest
from domain.core.documents import Node
from domain.core.values import number
from domain.inventory.model import WORKLOADS, ObjectRow


@dataclass(frozen=True, kw_only=True)
class Having:
    """What is known of a cluster's priority classes."""

    classes: Mapping[str, float] = field(default_factory=dict)
    """Name to value, as the cluster has them."""
    pods: Mapping[str, int] = field(default_factory=dict)
    """Pods by their class; empty: they name none, and have 0."""


def named_by(rows: Iterable[ObjectRow], name: str) -> Iterator[ObjectRow]:
    """Workloads whose new pods name it."""
    return (one for one in rows if one.kind in WORKLOADS and Node(one.details)["priority"].text() == name)


def told(asked: ClusterRequest, having: Having, named: int) -> Iterator[str]:
    """What it means, a sentence each. `named`: workloads that name it."""
    pods = having.pods.get(asked.name, 0)
    if asked.before:
        yield f"{number(pods, 'pod')} of this class: what runs keeps its value until it is made again"
    else:
        yield "pods get it by its name (priorityClassName); none has it yet"
    if not asked.values:
        if named:
            yield f"new pods of {number(named, 'workload')} would be refused: they name it"
        return
    if asked.values.get("preempts", 1):
        lower = _below(asked.values.get("value", 0), asked.name, having)
        yield f"{number(lower, 'pod')} of a lower class may have to make room for its pods when nodes are full"


def _below(value: float, name: str, having: Having) -> int:
    classes = {"": 0.0, **having.classes}
    return sum(pods for each, pods in having.pods.items() if each != name and classes.get(each, value) < value)


def refusals(asked: ClusterRequest, having: Having) -> Iterator[str]:
    """A class that somebody else has made is theirs."""
    if not asked.before and asked.name in having.classes:
        yield f"the cluster has a priority class {asked.name} that no definition names: somebody else has made it"
