"""One node and no server: what the tests of pods share."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.authority.everything import Everything
from activities.kubernetes.impersonation import nobody
from activities.kubernetes.kubeconfigs import AddressBook
from activities.kubernetes.memory import MemoryKube
from activities.pods import watch as pod_watch
from activities.pods.activities import PodActivities
from activities.pods.objects import ObjectActivities
from activities.secrets.broker import Broker
from activities.secrets.stores.memory import MemorySecrets
from activities.storage.stores.folder import FolderStore
from domain.clusters.access import Access
from domain.core.documents import Manifest
from domain.pods import manifest as pod_manifest
from domain.pods.manifest import PodSpec
from domain.secrets.rules import SecretRule
from tests.support.lab import Lab
from workers.client.clusters import Clusters
from workers.worker.temporal import Activity
from workflows.pods.messages import PodInput


def node(ready: str = "True") -> Manifest:
    """A node with that condition."""
    return {"metadata": {"name": "n1"}, "status": {"conditions": [{"type": "Ready", "status": ready}]}}


@pytest.fixture
def kube() -> MemoryKube:
    return MemoryKube(nodes={"n1": node()})


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


class Told(Client):
    """A client of Temporal that keeps what workflows are told."""

    def __init__(self, refusing=False):
        self.signals, self.refusing = [], refusing

    def get_workflow_handle(self, workflow_id, **_):
        return SimpleNamespace(signal=partial(self._signal, workflow_id))

    async def _signal(self, id_, name, sightings):
        if self.refusing:
            raise RPCError("away", RPCStatusCode.UNAVAILABLE, b"")
        self.signals.append((id_, [one.phase for one in sightings]))


def book(folder):
    """That knows the cluster of these tests."""
    known = AddressBook(folder / "addresses")
    known.remember("memory", Access("file:/k"))
    return known


def owned(name: str = "web") -> Manifest:
    return {"kind": "Pod", **pod_manifest.with_ownership({"spec": {}}, name, "a", f"pod/{name}")}


RULES = [SecretRule(secret=name, by_hand=True) for name in ("cloud-token", "no-such")]


@pytest.fixture
async def clusters(temporal_address, tmp_path, kube, store, monkeypatch):
    monkeypatch.setattr(pod_watch, "NODES_S", 0.2)
    made = PodActivities(
        lambda access, cluster: kube,
        store,
        Broker(MemorySecrets(cloud_token="hunter2hunter2"), lambda: RULES),
        permits=Everything(),
        hands=nobody,
    )
    activities: list[Activity] = [
        made.create,
        made.explain,
        made.look,
        made.node_exists,
        made.end,
        made.remove,
        made.watch,
        ObjectActivities(lambda access, cluster: kube, book(tmp_path), permits=Everything(), hands=nobody).act,
    ]
    async with Lab.on(temporal_address, tmp_path, activities) as lab:
        yield Clusters(lab.engine)


@pytest.fixture
def asked(request):
    """In a namespace of its own: the watches of all tests are on one server."""
    space = request.node.name.removeprefix("test_")[:50].replace("_", "-").strip("-")
    return PodInput(Access("file:/k"), "memory", space, "web", pod_manifest.manifest(PodSpec("x")))
