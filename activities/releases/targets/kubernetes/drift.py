"""What differs from the objects of a version, and what has its labels without being of it. Blocking; reads only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from activities.kubernetes.port import ObjectApi
from activities.releases.targets.kubernetes.rendered import Rendered
from domain.clusters import metadata
from domain.core.documents import Node, Object
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import additions, beside_git, drift, naming
from domain.releases.kubernetes.drift_classes import Finding, Kind, of_object
from domain.releases.kubernetes.http_route import service_of

LOOKED_FOR = (("apps/v1", "Deployment"), ("v1", "Service"), ("v1", "ConfigMap"), ("v1", "Pod"))
"""Kinds of which one with a version's labels would take its requests, or pass for its configuration."""
MOST_PODS = 2
"""Pods that are told each by itself: what one has that a Deployment gives it, all have."""


@dataclass(frozen=True)
class Drift:
    """Of one version in its namespace."""

    kube: ObjectApi
    namespace: str
    rendered: Rendered
    deployment: Deployment

    def findings(self) -> list[Finding]:
        """The version's own objects first."""
        root = self.rendered.made.root
        if self._live(root) is None:
            return of_object(naming.words(root), [f"{naming.object_name(self.deployment)} is gone"], gone=True)
        return [*self._own(), *self._foreign()]

    def beside(self) -> Iterator[Finding]:
        """The Deployment that its source is in git: it has no pods, unless it was imported and has not ended yet."""
        spec = self.deployment.spec.kubernetes
        if spec is None or not spec.place.beside_git:
            return
        name = self.rendered.workload
        chosen = ",".join(f"{key}={value}" for key, value in naming.of_service(self.deployment).items())
        roots = self.kube.items("v1", "ConfigMap", self.namespace, chosen)
        if all(Node(root).at("data", "deployment").text() != name for root in roots):
            live = self.kube.get("apps/v1", "Deployment", name, self.namespace)
            yield from beside_git.findings(name, live, self.kube.items("v1", "Service", self.namespace))

    def _own(self) -> Iterator[Finding]:
        for one in self.rendered.made.standing():
            live = self._live(one)
            yield from of_object(naming.words(one), drift.lines(one, live), gone=live is None)
            for line in additions.lines(one, live) if live else ():
                yield Finding(Kind.ADDED, naming.words(one), line)

    def _foreign(self) -> Iterator[Finding]:
        chosen = ",".join(f"{key}={value}" for key, value in naming.selector(self.deployment).items())
        known = {naming.words(one) for one in self.rendered.made.every()}
        known.add(f"Service {service_of(self.deployment.service, self.deployment.instance, preview=True)}")
        own: list[Object] = []
        for version, kind in LOOKED_FOR:
            for one in self.kube.items(version, kind, self.namespace, chosen):
                name = f"{kind} {metadata.name(one)}"
                if kind == "Pod" and _is_of(one, self.deployment):
                    own.append(one)
                elif name not in known:
                    line = f"{name} has the labels of {naming.object_name(self.deployment)}, and no release has made it"
                    yield Finding(Kind.FOREIGN, name, line)
        yield from self._in_pods(own)

    def _in_pods(self, pods: Sequence[Object]) -> Iterator[Finding]:
        """Pods may have what no object of the release shows: by a webhook, a debugger, a changed ReplicaSet."""
        differing = [found for found in map(self._in_pod, pods) if found]
        for found in differing[:MOST_PODS]:
            yield from found
        if more := len(differing[MOST_PODS:]):
            yield Finding(Kind.FOREIGN, "Pods", f"{more} more of its pods are not as released")

    def _in_pod(self, pod: Object) -> list[Finding]:
        name, workload = f"Pod {metadata.name(pod)}", self.rendered.made.workload
        others = [Finding(Kind.FOREIGN, name, line) for line in additions.other_programs(workload, pod)]
        added = additions.of_pod(workload, pod, self.deployment.spec.router)
        return others + [Finding(Kind.ADDED, name, line) for line in added]

    def _live(self, one: Object) -> Object | None:
        said = Node(one)
        return self.kube.get(said["apiVersion"].text(), said["kind"].text(), metadata.name(one), self.namespace)


def _is_of(pod: Object, deployment: Deployment) -> bool:
    """A ReplicaSet or a Job of the version has made it."""
    name = naming.object_name(deployment)
    owners = [one["name"].text() for one in metadata.owners(pod)]
    return any(one == name or one.startswith(f"{name}-") for one in owners)
