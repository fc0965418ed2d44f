"""API clients by cluster, and the discovery cache of each server."""

from __future__ import annotations

from pathlib import Path

from activities.kubernetes.client import Kube
from activities.kubernetes.port import NoClusterError
from domain.clusters.access import Access


def discovery(clusters: Path, name: str) -> Path:
    """The folder of discovery caches: beside the clusters, since deleted ones are queried too."""
    return clusters.parent / "discovery" / f"{name}.json"


class Kubes:
    """Keeps clients by cluster: discovery takes a while."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[tuple[Access, str, float], Kube] = {}

    def open(self, access: Access, cluster: str) -> Kube:
        """A rewritten kubeconfig is read again: the name may belong to another cluster now.

        Raises:
            NoClusterError: SLW943, it was created here, and is deleted. A foreign cluster's kubeconfig may be away
                briefly.
        """
        path = Path(access.reference.removeprefix("file:"))
        if path.is_relative_to(self._root) and not path.exists():
            raise NoClusterError("SLW943", f"cluster {cluster} no longer exists", why="its cluster was deleted")
        written = path.stat().st_mtime if path.exists() else 0.0
        key = (access, cluster, written)
        if key not in self._known:
            for old in [known for known in self._known if known[1] == cluster]:
                self._known.pop(old).close()
            self._known[key] = Kube(access, discovery(self._root, cluster))
        return self._known[key]
