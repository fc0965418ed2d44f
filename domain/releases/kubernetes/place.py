"""Where a release to Kubernetes goes, and what its objects are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.releases.kubernetes.allowed import Allowed


@dataclass(frozen=True, kw_only=True)
class Place:
    """A namespace of a cluster, as the registered environment names it; never taken from a commit."""

    cluster: str
    namespace: str
    gateway: str = ""
    """The Gateway that carries the service's traffic, as `NAMESPACE/NAME`; for routers that have one."""
    host: str = ""
    """Host name of a service at the Gateway, with `{service}` for its name."""
    allowed: Allowed = Allowed()
    """What its releases may have beyond their own pods."""

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


@dataclass(frozen=True, kw_only=True)
class KubernetesSpec:
    """The part of a deployment that only the target `kubernetes` has."""

    place: Place
    source: ObjectSource = ObjectSource()
    rendered: str = ""
    """SHA-256 of the rendered objects in the store; empty: not rendered yet."""
