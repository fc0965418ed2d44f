"""The shape of an environment's place in Kubernetes: one cluster, or several in waves."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.releases import image_name, registries
from domain.releases.kubernetes.allowed import Power
from domain.releases.kubernetes.counted import ADDRESS, LABEL, SERVICE, TOKEN
from domain.releases.kubernetes.drift_classes import EVERY_S
from domain.releases.waves.spec import MOST_CLUSTERS, MOST_WAVES
from pipeline_defs.core.blocks import Block, Duration, Name, Texts

Label = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,61}[a-zA-Z0-9])?$", examples=["eu"])]
LabelKey = Annotated[
    str, Field(pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._/-]{0,252}$", examples=["region", "example.com/region"])
]
Kind = Annotated[
    str, Field(pattern=r"^([a-z0-9.-]+/)?v[a-z0-9]+/[A-Z][A-Za-z0-9]*$", examples=["keda.sh/v1alpha1/ScaledObject"])
]
Shared = Annotated[
    str,
    Field(pattern=r"^(ConfigMap|Secret|PersistentVolumeClaim)/[a-z0-9][a-z0-9.-]*$", examples=["Secret/registry"]),
]
Registry = Annotated[str, Field(pattern=image_name.REGISTRY, max_length=261)]
HostPattern = r"^([a-z0-9.-]|\{service\})*$"


class Wave(Block):
    """Clusters that a release reaches together, after the waves before it are proven."""

    clusters: Texts = Field(
        min_length=1, max_length=MOST_CLUSTERS, description="Names, or selectors such as `region=eu,tier!=canary`."
    )
    soak: Duration = Field(0.0, description="How long they must have run the version before the next wave begins.")
    at_once: int = Field(1, ge=1, le=MOST_CLUSTERS, description="How many of them are under way at a time.")


class Allow(Block):
    """What releases may have beyond their own pods; nothing of it by default."""

    kinds: list[Kind] = Field([], max_length=50, description="Further kinds of the namespace.")
    powers: list[Power] = Field([], max_length=20, description="What of a pod reaches beyond it.")
    accounts: list[Name] = Field([], max_length=50, description="Service accounts whose tokens pods may have.")
    shared: list[Shared] = Field([], max_length=100, description="Objects of the namespace that pods may read.")
    labels: list[LabelKey] = Field([], max_length=50, description="Labels that pods keep from their source.")
    annotations: list[LabelKey] = Field(
        [], max_length=50, description="Annotations that something in the cluster takes for orders."
    )


class Prometheus(Block):
    """A Prometheus that scrapes the router's pods; `{cluster}` stands for the name of the cluster."""

    address: Annotated[str, Field(pattern=ADDRESS, examples=["https://prometheus.example.com"])] = Field(
        "", max_length=500, description="Its base address, as the worker reaches it."
    )
    service: Annotated[str, Field(pattern=SERVICE, examples=["monitoring/prometheus:9090"])] = Field(
        "", max_length=200, description="Or `NAMESPACE/NAME:PORT` of a Service, asked through the cluster's API server."
    )
    token: Annotated[str, Field(pattern=TOKEN, examples=["monitoring/prometheus-token"])] = Field(
        "",
        max_length=300,
        description="`NAMESPACE/NAME` of a Secret of the cluster with the `token` it asks for.",
    )
    labels: dict[Annotated[str, Field(pattern=LABEL)], Annotated[str, Field(max_length=200)]] = Field(
        {}, max_length=20, description="Labels of the router's series beside their own, such as `job` or `cluster`."
    )


class Counters(Block):
    """Who counts the requests of versions, if not the router's own pods."""

    prometheus: Prometheus


class RegistryLogin(Block):
    """How a registry is logged in to: the password or token is a secret, by its name."""

    registry: Registry = Field(description="HOST or HOST:PORT, as names of images have it.", examples=["ghcr.io"])
    user: Annotated[str, Field(pattern=registries.USER)]
    secret: Name = Field(description="Name of a secret that a rule gives to the runs that release here.")
    realms: list[Registry] = Field(
        [],
        max_length=10,
        description="Further hosts that the login is sent to for a token, where the registry names them.",
        examples=[["gitlab.com"]],
    )


class KubernetesPlace(Block):
    """A namespace of one cluster, or of several that are released to in waves."""

    cluster: Name | Literal[""] = Field("", description="A cluster of this installation.")
    clusters: dict[Name, dict[LabelKey, Label]] = Field(
        {}, max_length=MOST_CLUSTERS, description="Several clusters, each with the labels that `waves` select by."
    )
    namespace: Name = Field(description="Namespace of the services.")
    gateway: Annotated[str, Field(pattern=r"^([a-z0-9-]+/[a-z0-9.-]+)?$", examples=["infra/public"])] = Field(
        "", description="The Gateway of the services, as `NAMESPACE/NAME`."
    )
    host: Annotated[str, Field(pattern=HostPattern, max_length=253, examples=["{service}.example.com"])] = Field(
        "", description="Host name of a service at the Gateway; `{service}` stands for its name."
    )
    probe: str = Field(
        "", max_length=500, description="Image, with busybox, of the pod that asks a mesh; for `router: linkerd`."
    )
    pull_secret: Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$", examples=["registry"])] = Field(
        "",
        max_length=253,
        description="A Secret of the namespace that every pod pulls with; instead of one made of `logins`.",
    )
    logins: list[RegistryLogin] = Field(
        [], max_length=20, description="Logins of registries: for tags, and as the pull secret of each release."
    )
    allow: Allow = Allow()
    counters: Counters | None = Field(None, description="Default: the router's pods are asked themselves.")
    drift: Literal["heal", "tell"] = Field(
        "heal", description="What is done about a workload that somebody else has changed; routes are always healed."
    )
    drift_every: Duration = Field(
        EVERY_S, description="How often drift is looked for; 0: only when somebody asks by `sluiceway rescan`."
    )
    waves: list[Wave] = Field([], max_length=MOST_WAVES, description="Default: all clusters, one at a time.")
    unreachable: Literal["hold", "skip"] = Field(
        "hold", description="What a wave does about a cluster that does not answer: wait for it, or go on without it."
    )
    hold: Duration = Field(
        86_400.0, description="How long a wave that failed waits for people; then everything goes back."
    )


class Elsewhere(Block):
    """Services that run outside of the worker's machine."""

    kubernetes: KubernetesPlace
