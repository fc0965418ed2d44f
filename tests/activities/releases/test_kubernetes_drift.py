"""What a target in a cluster says of a version that it has started: nothing, or who changed what and when."""

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from tests.activities.releases.test_kubernetes_target import ONE, SCALER, rendered
from tests.contracts.targets.kubernetes import TableRouter


@pytest.fixture
def kube():
    return MemoryObjects()


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "store")


@pytest.fixture
def target(kube, store):
    return KubernetesTarget({"edge": kube}.__getitem__, store, {"gateway-api": TableRouter()})


async def test_a_released_version_has_none(kube, store, target):
    one = rendered(store, ONE, SCALER)
    await target.start(one, 3)
    kube.edit("Deployment", "web-r1", {"spec": {"replicas": 5}}, "shop", manager="horizontal-pod-autoscaler")
    assert await target.drift(one) == []


async def test_who_changed_what_and_when_is_named(kube, target):
    await target.start(ONE)
    kube.edit("Deployment", "web-r1", {"spec": {"replicas": 7}}, "shop", manager="kubectl-scale")
    (line,) = await target.drift(ONE)
    assert line.startswith("Deployment web-r1: kubectl-scale has set .spec.replicas at 2026-01-01T00:00:")


async def test_what_is_gone_is_told(kube, target):
    await target.start(ONE)
    kube.delete("v1", "Service", "web-r1", "shop")
    assert await target.drift(ONE) == ["Service web-r1 is gone"]


async def test_a_version_that_does_not_run_is_one_line(target):
    assert await target.drift(ONE) == ["web-r1 is gone"]
