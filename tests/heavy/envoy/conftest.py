"""One cluster for all tests of this folder: its Gateway is Istio's, with Envoy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from activities.clusters.providers.local.host import HostProvider
from domain.clusters.spec import ClusterSpec, Network, NodePool
from tests.support.built_programs import built, needs_host
from tests.support.made_clusters import made
from tests.support.release_cluster import NAMESPACE, ReleaseCluster

SPEC = ClusterSpec(
    "envoy",
    "host",
    network=Network(pods="10.146.0.0/16", services="10.145.0.0/16", nodes="10.98.1.0/24"),
    pools=(NodePool("web", 1),),
    parts={"gateway": "istio", "registry": "docker-registry"},
)


@pytest.fixture(scope="package")
def envoy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseCluster]:
    """One real node, Istio and an Envoy."""
    needs_host()
    root = tmp_path_factory.mktemp("envoy")
    provider = HostProvider(root / "clusters", built())
    if why := provider.blocker(SPEC):
        pytest.skip(why)
    with made(provider, SPEC, root) as cluster:
        cluster.kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
        yield ReleaseCluster(cluster, provider, SPEC)
