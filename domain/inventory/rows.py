"""Every kind that is watched: its shape, and the function that makes its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.inventory import cluster_shapes, network_shapes, shapes, volume_shapes, workload_shapes
from domain.inventory.autoscalers import autoscaler_row
from domain.inventory.jobs import cron_job_row, job_row
from domain.inventory.model import MOST_NAME, Health, ObjectRow
from domain.inventory.nodes import namespace_row, node_row
from domain.inventory.pods import pod_row
from domain.inventory.policies import policy_row
from domain.inventory.quotas import limit_range_row, priority_class_row, quota_row
from domain.inventory.scene import Scene
from domain.inventory.services import endpoint_slice_row, service_row
from domain.inventory.texts import clean, sentence
from domain.inventory.volumes import claim_row, snapshot_row, storage_class_row, volume_row
from domain.inventory.workloads import daemon_set_row, deployment_row, stateful_set_row

UNREADABLE = "Unreadable"
"""The status of an object that cannot be shown: it is not of its kind's shape, or the records do not take it."""
STRANGE, REFUSED = "it is not of the shape that this engine knows", "the records do not take it"


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How a kind is read. `path`: below which all of its objects are listed and watched."""

    kind: str
    path: str
    shape: type
    row: Callable[[Any, Scene], ObjectRow]
    """Of an object of that shape."""


_CORE, _APPS, _BATCH = "/api/v1", "/apis/apps/v1", "/apis/batch/v1"
_NETWORK, _STORAGE = "/apis/networking.k8s.io/v1", "/apis/storage.k8s.io/v1"
_ALL = (
    ("Node", f"{_CORE}/nodes", cluster_shapes.ClusterNode, node_row),
    ("Namespace", f"{_CORE}/namespaces", cluster_shapes.Namespace, namespace_row),
    ("Pod", f"{_CORE}/pods", shapes.Pod, pod_row),
    ("Deployment", f"{_APPS}/deployments", workload_shapes.Workload, deployment_row),
    ("StatefulSet", f"{_APPS}/statefulsets", workload_shapes.Workload, stateful_set_row),
    ("DaemonSet", f"{_APPS}/daemonsets", workload_shapes.Workload, daemon_set_row),
    ("Job", f"{_BATCH}/jobs", workload_shapes.Job, job_row),
    ("CronJob", f"{_BATCH}/cronjobs", workload_shapes.CronJob, cron_job_row),
    ("Service", f"{_CORE}/services", network_shapes.Service, service_row),
    ("NetworkPolicy", f"{_NETWORK}/networkpolicies", network_shapes.NetworkPolicy, policy_row),
    ("ResourceQuota", f"{_CORE}/resourcequotas", cluster_shapes.Quota, quota_row),
    ("LimitRange", f"{_CORE}/limitranges", cluster_shapes.LimitRange, limit_range_row),
    ("PersistentVolumeClaim", f"{_CORE}/persistentvolumeclaims", volume_shapes.Claim, claim_row),
    ("PersistentVolume", f"{_CORE}/persistentvolumes", volume_shapes.Volume, volume_row),
    ("StorageClass", f"{_STORAGE}/storageclasses", volume_shapes.StorageClass, storage_class_row),
    (
        *("HorizontalPodAutoscaler", "/apis/autoscaling/v2/horizontalpodautoscalers"),
        *(workload_shapes.Autoscaler, autoscaler_row),
    ),
    (
        *("PriorityClass", "/apis/scheduling.k8s.io/v1/priorityclasses"),
        *(cluster_shapes.PriorityClass, priority_class_row),
    ),
    (
        *("EndpointSlice", "/apis/discovery.k8s.io/v1/endpointslices"),
        *(network_shapes.EndpointSlice, endpoint_slice_row),
    ),
    (
        *("VolumeSnapshot", "/apis/snapshot.storage.k8s.io/v1/volumesnapshots"),
        *(volume_shapes.Snapshot, snapshot_row),
    ),
)
READERS: Mapping[str, Reader] = {
    kind: Reader(kind=kind, path=path, shape=shape, row=make) for kind, path, shape, make in _ALL
}
"""By kind, in the order in which they are listed: what others are explained by comes first."""


def unreadable(cluster: str, kind: str, namespace: str, name: str, why: str, *, what: str = STRANGE) -> ObjectRow:
    """The row of an object that cannot be shown: unknown, with the reason."""
    return ObjectRow(
        cluster=cluster,
        kind=kind,
        namespace=clean(namespace, MOST_NAME),
        name=clean(name, MOST_NAME),
        health=Health.UNKNOWN,
        status=UNREADABLE,
        reason=sentence(f"{what}: {why}"),
    )
