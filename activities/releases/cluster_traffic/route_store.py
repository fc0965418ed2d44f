"""A service's routes in a cluster's API: read, written and guarded against others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from temporalio import activity

from activities.kubernetes.port import ApplyApi
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.kubernetes import drift, ownership
from domain.releases.kubernetes.naming import TRAFFIC
from domain.releases.kubernetes.traffic import ANNOTATION, Traffic, read


@dataclass(frozen=True)
class Kind:
    """Of a route."""

    api_version: str
    name: str


@dataclass(frozen=True)
class Stored:
    """The routes of a service as the API has them."""

    traffic: Traffic
    versions: dict[str, str]
    """Name of a route to its resource version."""


class ChangedMeanwhileError(SluicewayError):
    """Another worker has written the route since it was read: read it again."""

    transient = True


@dataclass(frozen=True)
class RouteStore:
    """Blocking. `told`: who is told that somebody else had changed a route."""

    kube: ApplyApi
    kind: Kind
    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    """Of the service and its environment, as its routes have them."""
    told: Callable[[str], None] = activity.logger.warning

    def stored(self, *names: str) -> Stored:
        """The state is that of the first route that has one; its number is the highest of all.

        A state that was not written here counts as none: the next change replaces it.

        Raises:
            RefusedError: SLW961, a route of this name leads the traffic of another service or environment.
        """
        found = {name: self.kube.get(self.kind.api_version, self.kind.name, name, self.namespace) for name in names}
        present = {name: one for name, one in found.items() if one is not None}
        for name, one in present.items():
            self._check(name, one)
        states = [state for name in names if name in present and (state := self._state(name, present[name]))]
        traffic = states[0] if states else Traffic()
        newest = max((state.generation for state in states), default=0)
        versions = {name: Node(one).at("metadata", "resourceVersion").text() for name, one in present.items()}
        return Stored(replace(traffic, generation=newest), versions)

    def _check(self, name: str, one: Object) -> None:
        if others := ownership.whose_route(self.labels, one):
            what = f"{self.kind.name} {name} in {self.namespace} leads the traffic of {others}"
            raise RefusedError("SLW961", what, fix="give each environment a namespace of its own")

    def _state(self, name: str, one: Object) -> Traffic | None:
        try:
            return read(metadata.annotations(one)[ANNOTATION])
        except (KeyError, ValueError) as wrong:
            self.told(f"the state of the route {self.namespace}/{name} cannot be read, and is replaced: {wrong}")
            return None

    def write(self, manifest: Manifest, version: str) -> Object:
        """Applies a route over the resource version that was read; empty: there was none.

        A field that somebody else has set is taken back, and told: a way back must not wait for them.

        Raises:
            ChangedMeanwhileError: SLW879.
            SluicewayError: SLW943, the server refuses it.
        """
        made = self._written(manifest, version)
        if more := drift.selecting(manifest, made):
            self.kube.patch("v1", "Service", metadata.name(manifest), more, self.namespace)
        return made

    def _written(self, manifest: Manifest, version: str) -> Object:
        guarded = _guarded(manifest, version)
        try:
            return self.kube.apply(guarded, manager=TRAFFIC, force=False)
        except SluicewayError as refused:
            if refused.status != 409:
                raise
            if "conflict with" not in refused.why:
                raise _meanwhile(manifest, refused) from refused
            self.told(f"the route {metadata.full_name(manifest)} was changed by others: {refused.why}")
        try:
            return self.kube.apply(guarded, manager=TRAFFIC)
        except SluicewayError as refused:
            raise (_meanwhile(manifest, refused) if refused.status == 409 else refused) from refused

    def foreign(self, manifest: Manifest) -> str:
        """Who has changed what of a route, in the server's words; empty: nobody."""
        try:
            self.kube.apply(manifest, dry_run=True, manager=TRAFFIC, force=False)
        except SluicewayError as refused:
            if refused.status != 409:
                raise
            return refused.why
        return ""

    def differing(self, wanted: Iterable[Manifest], stored: Stored) -> list[str]:
        """What became of each of these routes since they were written, one line each. `stored`: as they were read."""
        lines: list[str] = []
        for one in wanted:
            if metadata.name(one) not in stored.versions:
                lines.append(f"{Node(one)['kind'].text()} {metadata.name(one)} is gone")
                continue
            lines += filter(None, [self.foreign(one)])
            if Node(one)["kind"].text() == "Service":
                lines += drift.selects_less(one, self.read_again(metadata.name(one)) or {})
        return lines

    def remove(self, name: str) -> None:
        """Deletes a route; a missing one is fine."""
        self.kube.delete(self.kind.api_version, self.kind.name, name, self.namespace)

    def read_again(self, name: str) -> Object | None:
        """The route as it is now, with its status."""
        return self.kube.get(self.kind.api_version, self.kind.name, name, self.namespace)


def _guarded(manifest: Manifest, version: str) -> Manifest:
    if not version:
        return manifest
    return {**manifest, "metadata": {**Node(manifest)["metadata"].object(), "resourceVersion": version}}


def _meanwhile(manifest: Manifest, refused: SluicewayError) -> ChangedMeanwhileError:
    what = f"another worker has changed the route {metadata.full_name(manifest)} meanwhile"
    return ChangedMeanwhileError("SLW879", what, why=refused.why)
