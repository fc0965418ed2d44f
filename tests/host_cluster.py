"""One real node for the tests of a module: made through the provider alone, gone when the module has ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from activities.access import Access
from activities.address_book import AddressBook
from activities.kube import Kube
from activities.providers.host import HostProvider
from domain.cluster.plan import Phase
from domain.cluster.spec import ClusterSpec, Network, NodePool, Quota
from domain.job_pod import HOME
from tests.heavy_clusters import built, needs_host
from tests.lab import Lab

NAME = "edge"
IMAGE = "sluiceway.local/busybox:1"


@dataclass
class Real:
    access: Access
    kube: Kube

    def known_to(self, lab: Lab) -> None:
        AddressBook(lab.settings.addresses).remember(NAME, self.access)

    def left(self, home_hash: str) -> list[str]:
        """What of an installation is still in the cluster."""
        found = self.kube.items("v1", "Pod", labels=f"{HOME}={home_hash}")
        found += self.kube.items("v1", "Secret", labels=f"{HOME}={home_hash}")
        found += self.kube.items("networking.k8s.io/v1", "NetworkPolicy", labels=f"{HOME}={home_hash}")
        return [f"{one['kind']} {one['metadata']['name']}" for one in found]


@pytest.fixture(scope="module")
def real_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    tools, root = built(), tmp_path_factory.mktemp("host")
    needs_host()
    spec = ClusterSpec(
        NAME,
        "host",
        network=Network(isolated=True),
        pools=(NodePool("web", 1),),
        quotas=(Quota("small", cpu=1, memory_mb=256, pods=2),),
    )
    provider = HostProvider(root / "clusters", tools)
    try:
        for phase in list(Phase)[1:]:
            provider.apply(phase, spec, lambda words: None)
            _done(provider, phase, spec)
        access = Access(provider.reference(spec))
        kube = Kube(access, root / "discovery.json")
        yield Real(access, kube)
        kube.close()
    finally:
        for phase in reversed(list(Phase)):
            provider.undo(phase, spec, lambda words: None)
        assert provider.leftovers(spec) == []


def _done(provider: HostProvider, phase: Phase, spec: ClusterSpec) -> None:
    deadline = time.monotonic() + 90
    while missing := provider.missing(phase, spec):
        assert time.monotonic() < deadline, missing
        time.sleep(0.05)
