"""What `ObjectRow.details` holds, by kind: the shape of the JSON that pages, topology and plans read.

A key whose value is empty (0, "", false, [], {}) is left out: read with `.get`, or through `Node(row.details)`.
Texts are cut at `MOST_TEXT` characters, lists at `MOST_ITEMS`, labels at `MOST_LABELS`; times are Unix seconds, cores
are millicores (`_m`), sizes MiB (`_mb`). What a stranger wrote is as hostile here as anywhere in a row. Services,
endpoint slices and policies are in network_details.py, claims, volumes and snapshots in volume_details.py.
"""

from __future__ import annotations

from typing import TypedDict

MOST_TEXT, MOST_ITEMS, MOST_LABELS = 253, 32, 32
"""Characters; elements of a list; labels of an object."""


class Condition(TypedDict, total=False):
    """A condition of the object's status."""

    type: str
    status: str
    """`True`, `False`, `Unknown`."""
    reason: str
    message: str
    since: float


class Selector(TypedDict, total=False):
    """Which objects are meant, by their labels. An empty one means all of them."""

    labels: dict[str, str]
    expressions: list[Expression]


class Expression(TypedDict, total=False):
    """`operator`: `In`, `NotIn`, `Exists`, `DoesNotExist`."""

    key: str
    operator: str
    values: list[str]


class ContainerDetails(TypedDict, total=False):
    """A container of a pod; no command, argument or value of a variable."""

    name: str
    image: str
    init: bool
    state: str
    """`running`, `waiting`, `terminated`; empty: not told yet."""
    reason: str
    """Of waiting or terminated: `CrashLoopBackOff`, `OOMKilled`."""
    message: str
    ready: bool
    restarts: int
    exit_code: int
    since: float
    """Since when it is in this state."""
    last_reason: str
    """How it ended before: `OOMKilled`, `Error`."""
    last_exit_code: int
    last_ended_at: float
    cpu_m: int
    """What it requests."""
    memory_mb: int
    cpu_limit_m: int
    memory_limit_mb: int
    ports: list[str]
    """`8080/TCP`, with its name `http:8080/TCP`."""


class PodDetails(TypedDict, total=False):
    """Pod."""

    phase: str
    containers: list[ContainerDetails]
    """Init containers first."""
    restarts: int
    """Of all its containers."""
    ip: str
    qos: str
    account: str
    """Its service account."""
    priority: str
    """Its priority class."""
    nominated: str
    """The node on which pods of a lower priority make room for it."""
    claims: list[str]
    """Names of the claims that it mounts."""
    labels: dict[str, str]
    conditions: list[Condition]
    """`Ready`, and those that are not `True`."""
    workflow: str
    """Who runs it, where Sluiceway does: `pod/CLUSTER/NAMESPACE/NAME/N`. A stranger may have written it."""


class WorkloadDetails(TypedDict, total=False):
    """Deployment, StatefulSet, DaemonSet. `wanted` and `ready` are the row's own."""

    updated: int
    available: int
    generation: int
    observed: int
    """The generation that its controller has seen."""
    paused: bool
    strategy: str
    """`RollingUpdate`, `Recreate`, `OnDelete`."""
    revision: str
    images: list[str]
    labels: dict[str, str]
    """Of its pods, as policies and services select them."""
    selector: Selector
    claims: list[str]
    """Names of claims in its template; of a StatefulSet also its claim templates, as `NAME-*`."""
    priority: str
    account: str
    conditions: list[Condition]


class JobDetails(TypedDict, total=False):
    """Job."""

    active: int
    succeeded: int
    failed: int
    completions: int
    parallelism: int
    suspended: bool
    started_at: float
    ended_at: float
    cron: str
    """The CronJob that made it."""
    images: list[str]
    labels: dict[str, str]
    """Of its pods."""
    conditions: list[Condition]


class CronJobDetails(TypedDict, total=False):
    """CronJob."""

    schedule: str
    zone: str
    suspended: bool
    active: int
    last_at: float
    succeeded_at: float
    images: list[str]
    labels: dict[str, str]


class QuotaResource(TypedDict, total=False):
    """One resource of a quota. `hard` and `used` as Kubernetes writes them (`4`, `500m`, `2Gi`)."""

    name: str
    """`requests.cpu`, `pods`, `count/deployments.apps`."""
    hard: str
    used: str
    hard_number: float
    """Cores, bytes, or a count."""
    used_number: float
    percent: int


class QuotaDetails(TypedDict, total=False):
    """ResourceQuota. The row's `wanted` is the percent of `fullest`."""

    resources: list[QuotaResource]
    """The fullest first."""
    fullest: str
    scopes: list[str]


class Limit(TypedDict, total=False):
    """Texts as Kubernetes writes them."""

    type: str
    """`Container`, `Pod`, `PersistentVolumeClaim`."""
    resource: str
    default: str
    """Limit of whoever names none."""
    default_request: str
    min: str
    max: str
    ratio: str


class LimitRangeDetails(TypedDict, total=False):
    """LimitRange."""

    limits: list[Limit]


class MetricSeen(TypedDict, total=False):
    """What an autoscaler sees, as Kubernetes writes it: `80%`, `500m`."""

    name: str
    """`cpu`, `memory`, or the metric's own."""
    type: str
    """`Resource`, `ContainerResource`, `Pods`, `Object`, `External`."""
    current: str
    """Empty: it sees nothing."""
    target: str


class AutoscalerDetails(TypedDict, total=False):
    """HorizontalPodAutoscaler. The row's `ready` is how many there are, `wanted` how many it wants."""

    target: str
    """`Deployment/web`."""
    min: int
    max: int
    metrics: list[MetricSeen]
    scaled_at: float
    conditions: list[Condition]
    """`AbleToScale`, `ScalingActive`, `ScalingLimited`."""


class PriorityClassDetails(TypedDict, total=False):
    """PriorityClass."""

    value: int
    default: bool
    preemption: str
    description: str


class Taint(TypedDict, total=False):
    """`effect`: `NoSchedule`, `PreferNoSchedule`, `NoExecute`."""

    key: str
    value: str
    effect: str


class NodeDetails(TypedDict, total=False):
    """Node. What is allocatable of cores and memory is in the row itself."""

    roles: list[str]
    taints: list[Taint]
    pressure: list[str]
    """`MemoryPressure`, `DiskPressure`, `PIDPressure`, `NetworkUnavailable`: those that are so."""
    unschedulable: bool
    capacity_cpu_m: int
    capacity_memory_mb: int
    pods: int
    """How many fit."""
    version: str
    """Of its kubelet."""
    runtime: str
    os: str
    kernel: str
    architecture: str
    addresses: list[str]
    """`InternalIP 10.0.0.1`."""
    zone: str
    instance: str
    """Its instance type."""
    labels: dict[str, str]
    conditions: list[Condition]


class NamespaceDetails(TypedDict, total=False):
    """Namespace."""

    labels: dict[str, str]
    security: str
    """The pod security level that is enforced: `privileged`, `baseline`, `restricted`; empty: none."""
    ours: bool
    """Sluiceway's label is on it."""
    conditions: list[Condition]
    """Why it does not end, while it is deleted."""
