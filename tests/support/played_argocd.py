"""Argo CD's controller of Applications, played a step at a time on any API server.

It keeps `operation` until the sync has ended, writes what a comparison found before it takes the refresh annotations
away, and takes away only those that were there when the comparison began, as controller/appcontroller.go of Argo CD 3.5.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.kubernetes.port import ObjectApi
from domain.clusters import metadata
from domain.core.documents import Manifest, Node, Object
from domain.releases.argocd.application import API, KIND, REFRESH, REFRESHED_AT

NAMESPACE, NAME = "argocd", "shop"


def application(**spec: object) -> Manifest:
    """One that follows `main`, with the health of yesterday."""
    status: Manifest = {
        "sync": {"status": "Synced", "revision": "old"},
        "health": {"status": "Healthy"},
    }
    source: Manifest = {"repoURL": "https://git.example/shop", "targetRevision": "main", "path": "."}
    return {
        "apiVersion": API,
        "kind": KIND,
        "metadata": {"name": NAME, "namespace": NAMESPACE},
        "spec": {"project": "default", "source": source, **spec},  # type: ignore[dict-item]
        "status": status,
    }


@dataclass
class PlayedArgo:
    """`head`: what the followed branch is at."""

    api: ObjectApi
    head: str = "a" * 40
    health: str = "Healthy"
    """What a comparison finds."""
    seen: Manifest = field(default_factory=dict)

    def read(self) -> Object:
        found = self.api.get(API, KIND, NAME, NAMESPACE)
        assert found is not None
        return found

    def begin(self) -> None:
        """Begins what is asked for."""
        if asked := Node(self.read())["operation"].object():
            self._status(operationState={"phase": "Running", "operation": asked, "message": "applying"})

    def end(self, phase: str = "Succeeded", resources: tuple[Object, ...] = ()) -> None:
        """Ends what goes on."""
        state = Node(self.read()).at("status", "operationState")
        if state["phase"].text() != "Running":
            return
        revision = state.at("operation", "sync", "revision").text() or self.head
        result: Manifest = {"revision": revision, "resources": list(resources)}
        self._status(operationState={**state.object(), "phase": phase, "message": "said", "syncResult": result})
        self.api.patch(API, KIND, NAME, {"operation": None}, NAMESPACE)

    def look(self) -> None:
        """Begins a comparison."""
        self.seen = dict(self.read())

    def tell(self) -> None:
        """Ends a comparison: writes, and then takes away what has asked for it."""
        if not self.seen:
            return
        asked = metadata.annotations(self.seen)
        self._status(sync={"status": "Synced", "revision": self.head}, health={"status": self.health})
        if REFRESH in asked and metadata.annotations(self.read()).get(REFRESHED_AT) == asked.get(REFRESHED_AT):
            gone: Manifest = {REFRESH: None, REFRESHED_AT: None}
            self.api.patch(API, KIND, NAME, {"metadata": {"annotations": gone}}, NAMESPACE)
        self.seen = {}

    def sync(self, by: str, revision: str) -> None:
        """Somebody else's, from its beginning to its end."""
        made: Manifest = {"initiatedBy": {"username": by}, "sync": {"revision": revision}}
        self.api.patch(API, KIND, NAME, {"operation": made}, NAMESPACE)
        self.begin()
        self.end()

    def _status(self, **status: object) -> None:
        """Operations are replaced as a whole."""
        if "operationState" in status:
            self.api.patch(API, KIND, NAME, {"status": {"operationState": None}}, NAMESPACE)
        self.api.patch(API, KIND, NAME, {"status": status}, NAMESPACE)  # type: ignore[dict-item]
