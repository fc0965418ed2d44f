"""One cluster for all tests of this folder that need a real one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.clusters.providers.local.host import HostProvider
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from tests.support.built_programs import built, needs_host
from tests.support.made_clusters import made
from tests.support.release_cluster import NAMESPACE, SPEC, ReleaseCluster


@pytest.fixture(scope="package")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseCluster]:
    """Two real nodes with all parts."""
    needs_host()
    root = tmp_path_factory.mktemp("edge")
    provider = HostProvider(root / "clusters", built())
    if why := provider.blocker(SPEC):
        pytest.skip(why)
    with made(provider, SPEC, root) as cluster:
        cluster.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        yield ReleaseCluster(cluster, provider)


@pytest.fixture(scope="package")
def image(edge: ReleaseCluster) -> str:
    """The service that ends at once when it is told to."""
    return edge.image(VERSION="any")


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


@pytest.fixture
async def target(edge: ReleaseCluster, store: FolderStore) -> KubernetesTarget:
    """Asynchronous: what it waits for belongs to the loop of its test."""
    return KubernetesTarget(lambda name: edge.kube, store, {"gateway-api": GatewayApiRouter(lambda name: edge.kube)})
