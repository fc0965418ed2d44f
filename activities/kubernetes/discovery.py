"""API clients by cluster, and the discovery cache of each server."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

from activities.kubernetes.client import Kube
from activities.kubernetes.far import Far, through
from activities.kubernetes.port import NoClusterError
from domain.clusters.access import Access
from domain.clusters.impersonation import Impersonated

MOST_PEOPLE = 64
"""Clients in people's names that are kept at once, of all clusters."""


def discovery(clusters: Path, name: str) -> Path:
    """The folder of discovery caches: beside the clusters, since deleted ones are queried too."""
    return clusters.parent / "discovery" / f"{name}.json"


class Kubes:
    """Keeps clients by cluster: discovery takes a while."""

    def __init__(self, root: Path, far: Far | None = None) -> None:
        """`far`: how clusters that dial out are asked; None: they are not."""
        self._root, self.far = root, far
        self._known: dict[tuple[Access, str, float], Kube] = {}
        self._people: dict[tuple[Access, str, float, Impersonated], Kube] = {}
        self._lock = threading.Lock()

    def open(self, access: Access, cluster: str, person: Impersonated | None = None) -> Kube:
        """A rewritten kubeconfig is read again: the name may belong to another cluster now. `person`: in whose name;
        None: the engine's own.

        Raises:
            NoClusterError: SLW943, it was created here, and is deleted. A foreign cluster's kubeconfig may be away
                briefly.
        """
        path = Path(access.reference.removeprefix("file:"))
        if path.is_relative_to(self._root) and not path.exists():
            raise NoClusterError("SLW943", f"cluster {cluster} no longer exists", why="its cluster was deleted")
        written = path.stat().st_mtime if path.exists() else 0.0
        key = (access, cluster, written)
        if person is not None:
            return self._of(person, key)
        if key not in self._known:
            for old in [known for known in self._known if known[1] == cluster]:
                self._known.pop(old).close()
            self._known[key] = self._made(access, cluster, None)
        return self._known[key]

    def _made(self, access: Access, cluster: str, person: Impersonated | None) -> Kube:
        far = partial(through, cluster=cluster, far=self.far) if access.dials_out and self.far else None
        return Kube(access, discovery(self._root, cluster), person=person, far=far)

    def _of(self, person: Impersonated, key: tuple[Access, str, float]) -> Kube:
        access, cluster, _ = key
        with self._lock:
            found = self._people.pop((*key, person), None)
            found = found or self._made(access, cluster, person)
            self._people[(*key, person)] = found  # the one that was used last is the last
            while len(self._people) > MOST_PEOPLE:
                self._people.pop(next(iter(self._people))).close()
        return found
