"""What is read of pods in clusters for people: objects, dry runs, and logs as far as they have come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from kubernetes.dynamic.exceptions import NotFoundError

from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import Kubes
from activities.kubernetes.far import Far
from activities.kubernetes.kubeconfigs import AddressBook
from domain.access.principal import Principal
from domain.clusters.access import Access
from domain.clusters.impersonation import Impersonated
from domain.core.documents import Object
from domain.core.errors import SluicewayError

FIRST_LINES = 50_000
"""The last ones of a container, when its log is first looked at."""
MOST_BYTES = 16 << 20
"""Of one container at one look."""


class PodReader(Protocol):
    """One cluster. Calls block, and raise SluicewayError with the server's message."""

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """None: it does not exist."""
        ...

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Of a namespace."""
        ...

    def apply(self, manifest: Object, dry_run: bool = False) -> Object:
        """Server-side apply; only ever dry here."""
        ...

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        """Why whoever asks may not do something to the objects of a kind; empty: they may."""
        ...

    def log(self, namespace: str, pod: str, container: str, since: str = "", *, previous: bool = False) -> str:
        """Lines of a container, each with its time: from a time on (RFC 3339), else the last ones. Empty: it has none
        yet, or is gone.
        """
        ...


@dataclass(frozen=True)
class PodClusters:
    """The clusters of an installation, as a server reaches them."""

    find: Callable[[str], Access]
    """How a cluster is reached; SLW952: it is unknown."""
    open: Callable[[str, Impersonated | None], PodReader]
    """In whose name logs are read and dry runs are made; None: the engine's. Objects are always read by the engine."""
    person: Callable[[str, Principal | None], Impersonated | None] = lambda cluster, who: None
    """As whom somebody acts in a cluster, see `AddressBook.person`."""


class KubeReader:
    """Implements `PodReader`."""

    def __init__(self, kube: Kube, hands: Kube | None = None) -> None:
        """`hands`: in the name of whoever asks; None: the engine's too."""
        self._kube, self._hands = kube, hands or kube

    def get(self, api_version: str, kind: str, name: str, namespace: str = "") -> Object | None:
        """None: it does not exist."""
        return self._kube.get(api_version, kind, name, namespace)

    def items(self, api_version: str, kind: str, namespace: str = "", labels: str = "") -> list[Object]:
        """Of a namespace."""
        return self._kube.items(api_version, kind, namespace, labels)

    def apply(self, manifest: Object, dry_run: bool = False) -> Object:
        """Server-side apply."""
        return self._hands.apply(manifest, dry_run)

    def refused(self, api_version: str, kind: str, verb: str, namespace: str) -> str:
        """See `PodReader`."""
        return self._hands.refused(api_version, kind, verb, namespace)

    def log(self, namespace: str, pod: str, container: str, since: str = "", *, previous: bool = False) -> str:
        """See `PodReader`."""
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/log"
        query = {"container": container, "timestamps": "true", "limitBytes": str(MOST_BYTES)}
        query |= {"sinceTime": since} if since else {"tailLines": str(FIRST_LINES)}
        query |= {"previous": "true"} if previous else {}
        try:
            return self._hands.raw(path, query, 2 * MOST_BYTES)
        except NotFoundError:
            return ""
        except SluicewayError as refused:
            if refused.status == 400:  # it waits to start, or there is no container before it
                return ""
            raise


def pod_clusters(addresses: AddressBook, clusters: Path, far: Far | None = None) -> PodClusters:
    """`clusters`: the folder of clusters, beside which the caches of their APIs are. `far`: how those are asked that
    dial out; None: they are not.
    """
    kubes, find = Kubes(clusters, far), partial(addresses.find, far=far is not None)

    def opened(cluster: str, person: Impersonated | None) -> PodReader:
        access = find(cluster)
        hands = kubes.open(access, cluster, person) if person else None
        return KubeReader(kubes.open(access, cluster), hands)

    return PodClusters(find, opened, addresses.person)
