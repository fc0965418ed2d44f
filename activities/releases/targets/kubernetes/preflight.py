"""Asks a cluster whether it would take a release, before anything is touched."""

from __future__ import annotations

from collections.abc import Iterator

from activities.kubernetes.port import ApplyApi
from activities.releases.targets.kubernetes.rendered import Rendered, is_as_applied, is_immutable
from domain.clusters import metadata
from domain.clusters.policies import refuser
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.releases.deployment import Deployment
from domain.releases.kubernetes import naming, ownership
from domain.releases.kubernetes.quota import lacking

CHANGES = ("get", "create", "patch", "delete")
LOOKS = (("v1", "Pod"), ("v1", "Event"), ("v1", "ResourceQuota"), ("discovery.k8s.io/v1", "EndpointSlice"))
MOST = 8
"""Refusals that are told: the first ones say what to do."""


class Preflight:
    """Rights, then a dry run of every object and of one pod, then quotas."""

    def __init__(self, kube: ApplyApi, namespace: str, deployment: Deployment, rendered: Rendered) -> None:
        self._kube, self._namespace, self._deployment, self._rendered = kube, namespace, deployment, rendered

    def of_objects(self) -> list[str]:
        """Why these objects may not be a release, whatever the cluster says; empty: they may."""
        wrong = naming.complaint(self._deployment)
        found = [wrong] if wrong else self._rendered.refusals()[:MOST]
        return found or [one for one in (self._rendered.withheld(),) if one]

    def of_cluster(self, more: int) -> list[str]:
        """Why the cluster would not take it; empty: it would. `more`: how many pods would be added."""
        found = [*self._forbidden()]
        if not found:  # a dry run asks for the same rights, and would say each of them again
            found = [*self._refused(), *self._full(more)]
        return found[:MOST]

    def _forbidden(self) -> Iterator[str]:
        applied = {_kind(one) for one in self._rendered.made.every()}
        applied |= {("v1", "Secret")} if self._rendered.has_secrets else set()
        asked = [(*kind, verb) for kind in sorted(applied) for verb in CHANGES]
        asked += [(*kind, "list") for kind in LOOKS]
        for api_version, kind, verb in asked:
            try:
                if why := self._kube.refused(api_version, kind, verb, self._namespace):
                    yield f"{verb} {kind} in {self._namespace}: {why}"
            except SluicewayError as unknown:
                if unknown.code != "SLW944":
                    raise
                if verb in ("get", "list"):
                    yield unknown.what

    def _refused(self) -> Iterator[str]:
        """Admission, quotas of objects, pod security: what the server itself says, and who it was."""
        for one in (*self._rendered.made.every(), *self._pods()):
            try:
                live = self._kube.get(*_kind(one), metadata.name(one), self._namespace)
                if why := ownership.whose(one, live):
                    yield f"{_kind(one)[1]} {metadata.name(one)} is there already, and {why}"
                elif live is None or (is_as_applied(one, live) and not is_immutable(one)):
                    self._kube.apply(one, True, manager=naming.WORKLOADS, force=False)
            except SluicewayError as refused:
                if not refused.status:
                    raise
                who = refuser(refused.why)
                yield f"{_kind(one)[1]} {metadata.name(one)}: {f'refused by {who}: ' if who else ''}{refused.why}"

    def _pods(self) -> Iterator[Manifest]:
        """A pod of each template: a Deployment and a Job pass admission where their pods do not."""
        made = self._rendered.made
        for one in (made.workload, *made.hooks.values()):
            template = Node(one).at("spec", "template")
            name = f"{metadata.name(one)}-preflight"
            meta = {**template["metadata"].object(), "name": name, "namespace": self._namespace}
            yield {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"].object()}

    def _full(self, more: int) -> list[str]:
        quotas = self._kube.items("v1", "ResourceQuota", self._namespace)
        return lacking(quotas, Node(self._rendered.made.workload).at("spec", "template", "spec"), more)


def _kind(one: Object) -> tuple[str, str]:
    return Node(one)["apiVersion"].text(), Node(one)["kind"].text()
