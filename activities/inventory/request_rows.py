"""What the inventory knows of a namespace, and of what its cluster's nodes have, for the plan of a request."""

from __future__ import annotations

import json

from activities.storage.schema import Rows
from domain.clusters.requests import ClusterRequest
from domain.core.documents import Node, Object
from domain.inventory.model import RANKED, ObjectRow
from domain.inventory.request_plan import OVER, Room

MOST = 2_000
"""Objects of a namespace that a plan looks at; its ResourceQuota has the sums in any case."""
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
_HEARD = "select heard_at from inventory_watches where cluster = :cluster"


def rows_of(database: Rows, asked: ClusterRequest) -> list[ObjectRow]:
    """Of the namespace of a request."""
    found = database.rows(_ROWS, cluster=asked.cluster, namespace=asked.namespace, most=MOST)
    return [_row(asked, one) for one in found]


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
