"""The shape of clusters and of their templates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.clusters.spec import HIGHEST_PRIORITY
from pipeline_defs.core.blocks import MAX_MEMORY_MB, Block, Env, Fields, Name, Text, Value
from pipeline_defs.core.document import Document, Parameter

Cidr = Annotated[str, Field(pattern=r"^[0-9a-fA-F.:]+/\d{1,3}$", examples=["10.244.0.0/16"])]
Workload = Annotated[
    str, Field(pattern=r"^((Deployment|StatefulSet)/)?[a-z0-9][a-z0-9.-]*$", examples=["web", "StatefulSet/db"])
]


class TaintBlock(Block):
    """Keeps pods away that do not tolerate it."""

    key: str = Field(description="Key.")
    value: Text = Field("", description="Value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = Field("NoSchedule", description="Effect.")


class Pool(Block):
    """A pool of identical nodes."""

    name: Name = Field(description="Part of the node names.")
    count: int = Field(1, ge=0, le=5000, description="Node pools.")
    max_count: int = Field(0, ge=0, le=5000, description="Autoscaling limit; 0: no autoscaling.")
    min_count: int | None = Field(None, ge=0, le=5000, description="Autoscaling minimum; default: the count.")
    cpu: float = Field(2, gt=0, le=4096, description="CPU cores per node.")
    memory_mb: int = Field(4096, gt=0, le=MAX_MEMORY_MB, description="Memory per node.")
    pods: int = Field(110, gt=0, le=5000, description="Maximum pods per node.")
    labels: Env = Field({}, description="Node labels.")
    taints: list[TaintBlock] = Field([], description="Node taints.")
    zones: list[Name] = Field([], description="Zones to distribute the nodes over.")


class NetworkBlock(Block):
    """IP ranges in CIDR notation, which must not overlap, and the CNI plugin."""

    pods: Cidr = Field("10.244.0.0/16", description="Pod range; each node takes a /24.")
    services: Cidr = Field("10.96.0.0/16", description="Service range.")
    nodes: Cidr = Field("10.99.0.0/24", description="Node range.")
    plugin: Literal["bridge", "calico", "flannel", "weave", "cilium"] = Field("bridge", description="CNI plugin.")
    isolated: bool = Field(False, description="Namespaces of `quotas` deny all traffic that no policy allows.")
    others: Literal["leave", "tell", "deny"] = Field(
        "tell", description="If isolated: what happens to namespaces that no definition names and no policy isolates."
    )


class QuotaBlock(Block):
    """Quota of a tenant, in a namespace of its own."""

    namespace: Name = Field(description="Namespace; created.")
    cpu: float = Field(0, ge=0, le=1_000_000, description="CPU cores that pods may request; 0: no limit.")
    memory_mb: int = Field(0, ge=0, le=1000 * MAX_MEMORY_MB, description="Memory that pods may request; 0: no limit.")
    pods: int = Field(0, ge=0, le=1_000_000, description="Number of pods; 0: no limit.")
    storage_gb: int = Field(0, ge=0, le=1_000_000_000, description="Storage that claims may request; 0: no limit.")
    claims: int = Field(0, ge=0, le=1_000_000, description="Number of volume claims; 0: no limit.")
    allow_from: list[Name] = Field([], description="Namespaces whose pods may connect, if namespaces are isolated.")
    allow_to: list[str] = Field([], description="Allowed egress of its pods then: `CIDR` or `CIDR:PORT`.")
    container_cpu: float = Field(0, ge=0, le=1_000_000, description="CPU cores of one container; 0: no limit.")
    container_memory_mb: int = Field(
        0, ge=0, le=1000 * MAX_MEMORY_MB, description="Memory of one container; 0: no limit."
    )


class ScalingBlock(Block):
    """A HorizontalPodAutoscaler. The cluster needs the metrics API for it."""

    namespace: Name = Field(description="Namespace of the workload.")
    workload: Workload = Field(description="A Deployment by name, or `StatefulSet/NAME`.")
    min: int = Field(1, ge=1, le=1000, description="Minimum replicas.")
    max: int = Field(3, ge=1, le=1000, description="Maximum replicas.")
    cpu: int = Field(80, ge=1, le=1000, description="Target CPU utilisation, in percent of the request.")


class PriorityBlock(Block):
    """A PriorityClass. Pods name it; when nodes are full, those of a higher one may take the place of others."""

    name: Name = Field(description="Name of the class; not `system-…`.")
    value: int = Field(ge=-HIGHEST_PRIORITY, le=HIGHEST_PRIORITY, description="Pods without a class have 0.")
    preempts: bool = Field(True, description="Whether its pods may take the place of others.")


class PartsBlock(Block):
    """What the cluster has beside its nodes, as processes on this machine. Only the provider `host` has them."""

    dns: Literal["", "coredns"] = Field("", description="Names of services, in `cluster.local`.")
    metrics: Literal["", "metrics-server"] = Field("", description="The API metrics.k8s.io, for autoscaling.")
    firewall: Literal["", "kube-router"] = Field("", description="Enforces network policies.")
    gateway: Literal["", "traefik", "istio"] = Field(
        "", description="A controller of the Gateway API, with one Gateway. istio: and one of Istio's kind."
    )
    registry: Literal["", "docker-registry"] = Field("", description="A registry that the nodes pull from.")
    storage: Literal["", "csi-files"] = Field(
        "", description="A CSI driver, with a storage class and a snapshot class."
    )


class ClusterBlock(Block):
    """Desired state of a cluster."""

    provider: Literal["host", "kwok", "kind", "cluster-api", "terraform"] = Field(
        description="Provider that creates it."
    )
    connection: dict[str, Text] = Field(
        {},
        description="Settings of the provider. Credentials are names of secrets: `secret:NAME`. With"
        ' `impersonate: "true"` people act in the cluster under their own names; with `audit: metadata` the API'
        " server writes its audit log (providers host and kwok).",
    )
    version: Annotated[str, Field(pattern=r"^(\d+\.\d+(\.\d+)?)?$", examples=["1.34"])] = Field(
        "", description="Kubernetes version; default: the provider's own."
    )
    runtime: Literal["containerd", "docker", "cri-o"] = Field("containerd", description="Container runtime.")
    network: NetworkBlock = Field(NetworkBlock(), description="IP ranges and CNI plugin.")
    pools: list[Pool] = Field([Pool(name="default")], min_length=1, description="Node pools.")
    storage: Literal["", "local-path", "longhorn", "ceph", "glusterfs"] = Field(
        "", description="Default storage class."
    )
    monitoring: list[Literal["prometheus", "grafana"]] = Field([], description="Monitoring add-ons.")
    logging: Literal["", "elk"] = Field("", description="Log collection.")
    mesh: Literal["", "istio", "linkerd"] = Field("", description="Service mesh.")
    policy: Literal["", "gatekeeper"] = Field("", description="Admission policies (OPA).")
    parts: PartsBlock = Field(PartsBlock(), description="Cluster DNS, metrics, policy firewall, gateway, registry.")
    quotas: list[QuotaBlock] = Field([], description="Quotas of tenants.")
    scaling: list[ScalingBlock] = Field([], description="Horizontal autoscaling of workloads.")
    priorities: list[PriorityBlock] = Field([], max_length=100, description="Priority classes of pods.")


class ClusterTemplate(Document):
    """A cluster with parameters. `${{ params.NAME }}` may stand for any value of its `cluster`."""

    kind: Literal["ClusterTemplate"]
    name: Name = Field(description="Lower case letters, digits and dashes.")
    description: str = Field("", description="One line, shown to people.")
    params: dict[str, Parameter] = Field({}, description="Typed parameters.")
    cluster: Fields = Field(description="Desired state: see ClusterBlock.")


class Cluster(Document):
    """A cluster, written out or made from a template. Values in this file override the template's."""

    kind: Literal["Cluster"]
    name: Name = Field(description="Name of the cluster.")
    description: str = Field("", description="One line, shown to people.")
    template: str = Field("", description="A ClusterTemplate, by path relative to this file.")
    with_: dict[str, Value] = Field({}, description="Parameters of the template.")
    cluster: Fields = Field({}, description="Desired state: see ClusterBlock.")
