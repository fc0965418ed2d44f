"""What the inventory knows of a namespace, and of what its cluster's nodes have, for the plan of a request."""

from __future__ import annotations

import json
from collections import Counter

from activities.inventory.objects import ObjectLists, WantedObjects
from activities.inventory.reach import Reach
from activities.storage.schema import Rows
from domain.clusters.requests import ClusterRequest, RequestKind
from domain.core.documents import Node, Object
from domain.inventory.model import RANKED, ObjectRow
from domain.inventory.priority_plan import Having
from domain.inventory.request_plan import OVER, Room

MOST = 2_000
"""Objects of a namespace that a plan looks at; its ResourceQuota has the sums in any case."""
MOST_SAID = 100_000
"""Pairs of a namespace and a class."""
_ROWS = (
    "select kind, name, health, status, owner, wanted, ready, cpu_m, memory_mb, details from inventory_objects"
    " where cluster = :cluster and namespace = :namespace and kind in ('Pod', 'Deployment', 'StatefulSet', 'DaemonSet',"
    " 'ResourceQuota', 'PersistentVolumeClaim', 'HorizontalPodAutoscaler')"
    " order by case when kind in ('Pod', 'PersistentVolumeClaim') then 1 else 0 end, kind, name limit :most"
)
_SUMS = (
    "select kind, status, sum(number) as number, sum(cpu_m) as cpu_m, sum(memory_mb) as memory_mb"
    " from inventory_counts where cluster = :cluster and kind in ('Node', 'Pod') group by kind, status"
)
_CLASSES = "select name, details from inventory_objects where cluster = :cluster and kind = 'PriorityClass' limit 1000"
_HEARD = "select heard_at from inventory_watches where cluster = :cluster"


def rows_of(database: Rows, asked: ClusterRequest) -> list[ObjectRow]:
    """Of the namespace of a request; of a priority class the workloads that name it."""
    if asked.kind is RequestKind.PRIORITY:
        wanted, reach = WantedObjects(kind="Workload"), Reach(names=(asked.cluster,))
        return ObjectLists(database).saying(wanted, reach, "priority", asked.name, MOST)
    found = database.rows(_ROWS, cluster=asked.cluster, namespace=asked.namespace, most=MOST)
    return [_row(asked, one) for one in found]


def having_of(database: Rows, asked: ClusterRequest) -> Having | None:
    """Who has which priority class; None: it is not asked about."""
    if asked.kind is not RequestKind.PRIORITY:
        return None
    reach, pods = Reach(names=(asked.cluster,)), Counter[str]()
    for _, _, name, number in ObjectLists(database).details(WantedObjects(), reach, "priority", MOST_SAID):
        pods[name] += number
    rows = [Node(row) for row in database.rows(_CLASSES, cluster=asked.cluster)]
    values = {row["name"].text(): Node(json.loads(row["details"].text()))["value"].number() for row in rows}
    return Having(classes=values, pods=pods)


def room_of(database: Rows, cluster: str) -> Room | None:
    """What its nodes have and its pods request; None: nothing is known of its nodes."""
    sums = {"Node": [0, 0, 0], "Pod": [0, 0, 0]}
    for row in database.rows(_SUMS, cluster=cluster):
        said = Node(row)
        if said["kind"].text() != "Pod" or said["status"].text() not in OVER:
            into = sums[said["kind"].text()]
            for at, name in enumerate(("number", "cpu_m", "memory_mb")):
                into[at] += said[name].whole()
    nodes, pods = sums["Node"], sums["Pod"]
    if not nodes[0]:
        return None
    return Room(cpu_m=nodes[1], memory_mb=nodes[2], pods=pods[0], asked_cpu_m=pods[1], asked_memory_mb=pods[2])


def heard_of(database: Rows, cluster: str) -> float:
    """When a cluster was last heard of, in Unix seconds; 0: never."""
    return next((Node(row)["heard_at"].number() for row in database.rows(_HEARD, cluster=cluster)), 0.0)


def _row(asked: ClusterRequest, row: Object) -> ObjectRow:
    said = Node(row)
    return ObjectRow(
        cluster=asked.cluster,
        kind=said.need_text("kind"),
        namespace=asked.namespace,
        name=said.need_text("name"),
        health=RANKED[said["health"].whole()],
        status=said["status"].text(),
        owner=said["owner"].text(),
        wanted=said["wanted"].whole(),
        ready=said["ready"].whole(),
        cpu_m=said["cpu_m"].whole(),
        memory_mb=said["memory_mb"].whole(),
        details=Node(json.loads(said["details"].text() or "{}")).object(),
    )
