"""One node and no server: what the tests of pods share."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.kubernetes.memory import MemoryKube
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Manifest
from domain.pods import manifest as pod_manifest


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


def owned(name: str = "web") -> Manifest:
    return {"kind": "Pod", **pod_manifest.with_ownership({"spec": {}}, name, "a", f"pod/{name}")}
