"""Clusters for the tests of a module: made through a provider alone, gone when the module has ended."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from activities.clusters.providers.local.host import FIRST, HostProvider
from activities.clusters.providers.local.host_node import HostNode
from activities.clusters.providers.local.kwok import KwokProvider
from activities.clusters.providers.local.provider import LocalProvider
from activities.kubernetes.client import Kube
from activities.kubernetes.kubeconfigs import AddressBook
from domain.clusters import metadata
from domain.clusters.access import Access
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec, Network, NodePool, Quota
from domain.jobs.job_pod import HOME
from tests.support.built_programs import built, needs_host
from tests.support.lab import Lab
from tests.support.patience import patient

NAME = "edge"
IMAGE = "sluiceway.local/busybox:1"


@dataclass
class Made:
    name: str
    access: Access
    kube: Kube

    machine: str = ""
    """The address of this machine in the network of its nodes."""
    ctr: Sequence[str] = ()
    """The command line of its first node's containerd; empty: its nodes have none."""

    def known_to(self, lab: Lab) -> None:
        AddressBook(lab.settings.addresses).remember(self.name, self.access)

    def left(self, home_hash: str) -> list[str]:
        """What of an installation's jobs is still in the cluster."""
        found = self.kube.items("v1", "Pod", labels=f"{HOME}={home_hash}")
        found += self.kube.items("v1", "Secret", labels=f"{HOME}={home_hash}")
        found += self.kube.items("networking.k8s.io/v1", "NetworkPolicy", labels=f"{HOME}={home_hash}")
        return [f"{one['kind']} {metadata.name(one)}" for one in found]


@pytest.fixture(scope="module")
def real_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """One node with a kubelet, and a namespace `small` with a quota."""
    with on_this_machine(tmp_path_factory.mktemp("host")) as cluster:
        yield cluster


@contextmanager
def on_this_machine(root: Path) -> Iterator[Made]:
    """What `real_node` is, for whoever shares it with more than a module."""
    tools = built()
    needs_host()
    spec = ClusterSpec(
        NAME,
        "host",
        network=Network(isolated=True),
        pools=(NodePool("web", 1),),
        quotas=(Quota("small", cpu=1, memory_mb=256, pods=2),),
    )
    provider = HostProvider(root / "clusters", tools)
    with made(provider, spec, root) as cluster:
        cluster.ctr = HostNode(provider.plane(NAME), FIRST).ctr
        yield cluster


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """A real control plane with three nodes that kwok plays."""
    root = tmp_path_factory.mktemp("kwok")
    spec = ClusterSpec("played", "kwok", pools=(NodePool("web", 3),), quotas=(Quota("team", cpu=4, pods=20),))
    with made(KwokProvider(root / "clusters", built()), spec, root) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def one_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """What clusters that are made elsewhere are, in tests of how they are asked for."""
    root = tmp_path_factory.mktemp("under")
    with made(KwokProvider(root / "clusters", built()), ClusterSpec("under", "kwok"), root) as cluster:
        yield cluster


@contextmanager
def made(provider: LocalProvider, spec: ClusterSpec, root: Path) -> Iterator[Made]:
    try:
        for phase in list(Phase)[1:]:
            provider.apply(phase, spec, lambda words: None)
            _done(provider, phase, spec)
        access = Access(provider.reference(spec))
        kube = Kube(access, root / "discovery.json")
        yield Made(spec.name, access, kube, str(ipaddress.ip_network(spec.network.nodes)[1]))
        kube.close()
    finally:
        for phase in reversed(list(Phase)):
            provider.undo(phase, spec, lambda words: None)
        assert provider.leftovers(spec) == []


def _done(provider: LocalProvider, phase: Phase, spec: ClusterSpec) -> None:
    deadline = time.monotonic() + patient(90)
    while missing := provider.missing(phase, spec):
        assert time.monotonic() < deadline, missing
        time.sleep(0.05)
