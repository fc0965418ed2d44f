"""Commands in containers of the clusters that this installation knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from activities.kubernetes.client import Kube
from activities.kubernetes.discovery import discovery
from activities.kubernetes.exec_socket import ExecSocket, open_exec_socket
from activities.kubernetes.kubeconfigs import AddressBook
from domain.access.principal import Principal
from domain.pods.exec_session import ExecTarget


class ClusterTerminals:
    """Implements `Terminals`: each command has a connection of its own to its cluster."""

    def __init__(self, addresses: AddressBook, clusters: Path) -> None:
        """`clusters`: the folder of clusters, beside which the caches of their APIs are."""
        self._addresses, self._clusters = addresses, clusters

    @asynccontextmanager
    async def open(self, target: ExecTarget, who: Principal | None = None) -> AsyncIterator[ExecSocket]:
        """Runs the command where the cluster is registered to be, whatever a workflow says. `who` runs it, by the
        cluster's own RBAC where it asks for that; None: the engine, for the owner of the home.
        """
        kube = await asyncio.to_thread(self._kube, target.cluster, who)
        try:
            async with open_exec_socket(
                kube, target.namespace, target.pod, target.container, target.command, tty=target.tty
            ) as socket:
                yield socket
        finally:
            kube.close()

    def _kube(self, cluster: str, who: Principal | None) -> Kube:
        person = self._addresses.person(cluster, who)
        kube = Kube(self._addresses.find(cluster), discovery(self._clusters, cluster), person=person)
        assert kube.api is not None  # reads the kubeconfig here, in this thread
        return kube
