"""Where a release to Kubernetes goes, and what its objects are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.releases.kubernetes.allowed import Allowed
from domain.releases.kubernetes.counted import Prometheus
from domain.releases.registries import Login


@dataclass(frozen=True, kw_only=True)
class Place:
    """A namespace of a cluster, as the registered environment names it; never taken from a commit."""

    cluster: str = ""
    namespace: str = ""
    gateway: str = ""
    """The Gateway that carries the service's traffic, as `NAMESPACE/NAME`; for routers that have one."""
    host: str = ""
    """Host name of a service at the Gateway, with `{service}` for its name."""
    probe: str = ""
    """Image of the pod that asks a mesh what is in force; for routers of meshes."""
    allowed: Allowed = Allowed()
    """What its releases may have beyond their own pods."""
    counters: Prometheus | None = None
    """Who counts its requests; None: the router's own pods."""
    pull_secret: str = ""
    """A Secret of the namespace that its pods pull with; empty: one of the release's own, where there is a login."""
    logins: tuple[Login, ...] = ()
    """Of the registries that its images come from; the values are secrets, by name."""

    beside_git: bool = False
    """The Deployments that its releases are made of are applied from git as well, without pods."""

    def host_of(self, service: str) -> str:
        """The service's host name."""
        return self.host.replace("{service}", service)


class SourceKind(StrEnum):
    """What objects are rendered from."""

    CONTAINER = "container"
    MANIFESTS = "manifests"
    KUSTOMIZE = "kustomize"
    HELM = "helm"


@dataclass(frozen=True, kw_only=True)
class ObjectSource:
    """What a release's objects are rendered from, at its commit; `container` needs the image alone."""

    kind: SourceKind = SourceKind.CONTAINER
    paths: tuple[str, ...] = ()
    """Files or folders of manifests; the kustomization; or the chart."""
    values: tuple[str, ...] = ()
    """Helm: files with values, in their order."""
    settings: dict[str, str] = field(default_factory=dict)
    """Helm: single values by their dotted name."""


class Capacity(StrEnum):
    """How many pods a new version has before it gets its share of the traffic."""

    BY_WEIGHT = "by-weight"
    FULL = "full"


@dataclass(frozen=True, kw_only=True)
class Autoscale:
    """An autoscaler of a version; a source of its own kind brings its own."""

    least: int = 1
    most: int
    cpu_percent: int = 80
    """Of the requested CPU."""


@dataclass(frozen=True, kw_only=True)
class Migration:
    """A change of data: a Job of the source by its name, or a command in the version's image."""

    job: str = ""
    command: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The schema of the data that a version works with."""

    needs: int = 0
    """The one that its `expand` makes; 0: it has none."""
    works_with: tuple[int, ...] = ()
    """Schemas whose versions go on working after it."""


class Ends(StrEnum):
    """What becomes of an imported Deployment when nobody goes back to it any more."""

    SCALE = "scale"
    """It stays, with no pods."""
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """A Deployment that ran before its service was released here; nothing of it is written but its number of pods."""

    workload: str
    """Its name."""
    selector: dict[str, str]
    """Labels that its pods have, and no others."""
    port: int
    """Of the Service that routes name."""
    target: str
    """Port of the pods, a number or a name."""
    protocol: str = ""
    """`appProtocol` of the Service that led to it."""
    led_by: str = ""
    """The Service that was named as leading to it."""
    route: str = ""
    """HTTPRoute that led to it, and gave way; empty: there was none."""
    former: str = ""
    """That route as it was, as JSON: here and not in the cluster, where a tenant could write another one."""
    ends: Ends = Ends.SCALE
    template: str = ""
    """Of its pods as they were, as JSON; empty: too long, or an earlier engine has imported it."""


@dataclass(frozen=True, kw_only=True)
class KubernetesSpec:
    """The part of a deployment that only the target `kubernetes` has."""

    place: Place = Place()
    """Empty in a plan: it comes from the registered environment, when the job runs."""
    source: ObjectSource = ObjectSource()
    rendered: str = ""
    """SHA-256 of the rendered objects in the store; empty: not rendered yet, or a container, which needs no store."""
    digests: dict[str, str] = field(default_factory=dict)
    """Images of the objects by tag to the same by digest, as they were admitted."""
    capacity: Capacity = Capacity.BY_WEIGHT
    autoscale: Autoscale | None = None
    disruption: str = "25%"
    """Pods, as a number or a percentage, that evictions may take at once."""
    expand: Migration | None = None
    contract: Migration | None = None
    schema: Schema = Schema()
    adopted: Adopted | None = None
    """The version is no objects of a release's own, but what ran before."""
