"""What runs in a namespace before a release: which pods are a Deployment's, and what leads to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.clusters import metadata
from domain.core.documents import Node, Object

_HELM = "meta.helm.sh/release-name"
_KEEPERS = {
    "argocd.argoproj.io/instance": "Argo CD application",
    "argocd.argoproj.io/tracking-id": "Argo CD application",
    "kustomize.toolkit.fluxcd.io/name": "Flux kustomization",
    "helm.toolkit.fluxcd.io/name": "Flux Helm release",
    _HELM: "Helm release",
}
"""Labels and annotations of tools that put an object back as they know it."""


@dataclass(frozen=True, kw_only=True)
class Living:
    """Objects of a namespace at one moment."""

    deployment: Object | None = None
    replica_sets: Sequence[Object] = ()
    pods: Sequence[Object] = ()
    """All of the namespace."""
    services: Sequence[Object] = ()
    autoscalers: Sequence[Object] = ()
    routes: Sequence[Object] = ()
    """HTTPRoutes."""
    ingress: Object | None = None
    """The one that was named."""

    def own_pods(self) -> set[str]:
        """Names of the Deployment's pods, by the chain of owners; labels are no proof."""
        uid = metadata.uid(self.deployment or {})
        if not uid:
            return set()
        sets = {metadata.uid(one) for one in self.replica_sets if _owned(one, {uid})}
        return {metadata.name(one) for one in self.pods if _owned(one, {uid, *sets})}

    def chosen(self, selector: Mapping[str, str]) -> set[str]:
        """Names of the pods that a Service with this selector leads to; an empty one leads to none."""
        if not selector:
            return set()
        return {metadata.name(one) for one in self.pods if fits(selector, metadata.labels(one))}

    def service(self, name: str) -> Object | None:
        """A Service by its name."""
        return next((one for one in self.services if metadata.name(one) == name), None)

    def leading(self) -> list[str]:
        """Names of the Services that lead to one of the Deployment's pods, sorted."""
        own = self.own_pods()
        return sorted(metadata.name(one) for one in self.services if self.chosen(selector_of(one)) & own)

    def leading_alone(self) -> list[str]:
        """Those of them that lead to no other pods."""
        own = self.own_pods()
        return [name for name in self.leading() if self.chosen(selector_of(self.service(name) or {})) <= own]


def _owned(one: Object, uids: set[str]) -> bool:
    return any(owner["uid"].text() in uids for owner in metadata.owners(one))


def fits(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether labels have all that a selector names."""
    return all(labels.get(key) == value for key, value in selector.items())


def selector_of(service: Object) -> dict[str, str]:
    """Of a Service."""
    return Node(service).at("spec", "selector").strings()


def keepers(one: Object) -> list[str]:
    """Tools that put it back as they know it, such as `Helm release shop`."""
    told = {**metadata.labels(one), **metadata.annotations(one)}
    found = {f"{what} {told[key].partition(':')[0][:63]}" for key, what in _KEEPERS.items() if told.get(key)}
    return sorted(found)


def scalers(living: Living) -> list[str]:
    """Names of the autoscalers that set the Deployment's number of pods, sorted."""
    name = metadata.name(living.deployment or {})
    return sorted(metadata.name(one) for one in living.autoscalers if _scaled(one) == ("Deployment", name))


def _scaled(one: Object) -> tuple[str, str]:
    target = Node(one).at("spec", "scaleTargetRef")
    return target["kind"].text(), target["name"].text()
