"""The shape of clusters and of their templates."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from pipeline_defs.core.blocks import Block, Env, Name, Text, Value
from pipeline_defs.core.document import Document, Parameter

Cidr = Annotated[str, Field(pattern=r"^[0-9a-fA-F.:]+/\d{1,3}$")]


class TaintBlock(Block):
    """Keeps pods away that do not tolerate it."""

    key: str = Field(description="Name.")
    value: Text = Field("", description="Value.")
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] = Field("NoSchedule", description="What it does.")


class Pool(Block):
    """Nodes of one kind."""

    name: Name = Field(description="Part of the nodes' names.")
    count: int = Field(1, ge=0, le=5000, description="Nodes.")
    max_count: int = Field(0, ge=0, le=5000, description="How far autoscaling may go; 0: it does not.")
    min_count: int | None = Field(None, ge=0, le=5000, description="Autoscaling keeps so many; default: the count.")
    cpu: float = Field(2, gt=0, description="Cores of each.")
    memory_mb: int = Field(4096, gt=0, description="Memory of each.")
    pods: int = Field(110, gt=0, description="Pods on each, at most.")
    labels: Env = Field({}, description="Labels of the nodes.")
    taints: list[TaintBlock] = Field([], description="Taints of the nodes.")
    zones: list[Name] = Field([], description="Zones, which the nodes are spread over.")


class NetworkBlock(Block):
    """Ranges in CIDR notation that do not overlap, and what connects pods."""

    pods: Cidr = Field("10.244.0.0/16", description="Of pods; each node takes a /24.")
    services: Cidr = Field("10.96.0.0/16", description="Of services.")
    nodes: Cidr = Field("10.99.0.0/24", description="Of nodes.")
    plugin: Literal["bridge", "calico", "flannel", "weave", "cilium"] = Field("bridge", description="What connects.")
    isolated: bool = Field(False, description="Namespaces of `quotas` deny what no other policy allows.")


class QuotaBlock(Block):
    """What a tenant may use, in a namespace of its own."""

    namespace: Name = Field(description="Is made.")
    cpu: float = Field(0, ge=0, description="Cores that pods may request; 0: no limit.")
    memory_mb: int = Field(0, ge=0, description="Memory that pods may request; 0: no limit.")
    pods: int = Field(0, ge=0, description="Pods; 0: no limit.")
    storage_gb: int = Field(0, ge=0, description="Storage that claims may ask for; 0: no limit.")
    claims: int = Field(0, ge=0, description="Claims of volumes; 0: no limit.")
    allow_from: list[Name] = Field([], description="Namespaces whose pods may connect, where namespaces are isolated.")
    allow_to: list[str] = Field([], description="What its pods may reach then: `CIDR` or `CIDR:PORT`.")


class ScalingBlock(Block):
    """A HorizontalPodAutoscaler. The cluster needs the metrics API for it."""

    namespace: Name = Field(description="Of the workload.")
    workload: Annotated[str, Field(pattern=r"^((Deployment|StatefulSet)/)?[a-z0-9][a-z0-9.-]*$")] = Field(
        description="A Deployment by name, or `StatefulSet/NAME`."
    )
    min: int = Field(1, ge=1, le=1000, description="Pods, at least.")
    max: int = Field(3, ge=1, le=1000, description="Pods, at most.")
    cpu: int = Field(80, ge=1, le=1000, description="Percent of the cores that pods request, on average.")


class ClusterBlock(Block):
    """What a cluster shall be."""

    provider: Literal["host", "kwok", "kind", "cluster-api", "terraform"] = Field(description="Who makes it.")
    connection: dict[str, Text] = Field(
        {}, description="Settings of the provider. Credentials are references, `env:NAME` or `file:PATH`."
    )
    version: Annotated[str, Field(pattern=r"^(\d+\.\d+(\.\d+)?)?$")] = Field(
        "", description="Of Kubernetes; default: the provider's own."
    )
    runtime: Literal["containerd", "docker", "cri-o"] = Field("containerd", description="Runs the containers.")
    network: NetworkBlock = Field(NetworkBlock(), description="Ranges and plugin.")
    pools: list[Pool] = Field([Pool(name="default")], min_length=1, description="Nodes.")
    storage: Literal["", "local-path", "longhorn", "ceph", "glusterfs"] = Field(
        "", description="Default storage class."
    )
    monitoring: list[Literal["prometheus", "grafana"]] = Field([], description="What watches it.")
    logging: Literal["", "elk"] = Field("", description="What collects logs.")
    mesh: Literal["", "istio", "linkerd"] = Field("", description="Service mesh.")
    policy: Literal["", "gatekeeper"] = Field("", description="Admission policies (OPA).")
    quotas: list[QuotaBlock] = Field([], description="Tenants and what they may use.")
    scaling: list[ScalingBlock] = Field([], description="Workloads whose pods are as many as their load asks for.")


class ClusterTemplate(Document):
    """A cluster with parameters. `${{ params.NAME }}` may stand for any value of its `cluster`."""

    kind: Literal["ClusterTemplate"]
    name: Name = Field(description="Lower case letters, digits and dashes.")
    description: str = Field("", description="One line for people.")
    params: dict[str, Parameter] = Field({}, description="Typed parameters.")
    cluster: dict[str, Any] = Field(description="What a cluster shall be: see ClusterBlock.")


class Cluster(Document):
    """A cluster: written out, or from a template. What both say, this file decides."""

    kind: Literal["Cluster"]
    name: Name = Field(description="Of the cluster.")
    description: str = Field("", description="One line for people.")
    template: str = Field("", description="A ClusterTemplate, by path relative to this file.")
    with_: dict[str, Value] = Field({}, description="Parameters of the template.")
    cluster: dict[str, Any] = Field({}, description="What a cluster shall be: see ClusterBlock.")
