"""Clients by cluster, and what each server was found to be able to do."""

from __future__ import annotations

from pathlib import Path

from activities.kubernetes.client import Kube
from activities.kubernetes.port import NoClusterError
from domain.clusters.access import Access


def discovery(clusters: Path, name: str) -> Path:
    """Where a client keeps what a server can do: beside the clusters, since it is asked of those that are gone too."""
    return clusters.parent / "discovery" / f"{name}.json"


class Kubes:
    """Clients that are kept, by cluster: finding out what a server can do takes a while."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[tuple[Access, str, float], Kube] = {}

    def open(self, access: Access, cluster: str) -> Kube:
        """A kubeconfig that was rewritten is read again: a cluster of that name may be another one now.

        Raises:
            NoClusterError: SLW943, it was made here, and is no more. Of others a kubeconfig may be away for a moment.
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
