"""The target kubernetes on a real API server, whose nodes are played: what memory plays is what a server does."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from activities.releases.port import NotReadyError
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.clusters import metadata
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from tests.contracts.targets.kubernetes import PLACE, TableRouter, in_cluster
from tests.heavy.releases.objects import SCALER, job, rendered
from tests.support.made_clusters import Made
from tests.support.patience import patient

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(170)]
SPACE = replace(PLACE, cluster="played", namespace="team")
ONE, TWO = (in_cluster(version, f"r{version}", place=SPACE) for version in "12")


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "store")


@pytest.fixture
def target(simulated: Made, store) -> Iterator[KubernetesTarget]:
    yield KubernetesTarget(lambda name: simulated.kube, store, {"gateway-api": TableRouter()})
    deadline = time.monotonic() + patient(60)
    while left := _left(simulated):
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _left(cluster: Made) -> list[str]:
    found = [one for kind in KINDS for one in cluster.kube.items(*kind, "team", "sluiceway.dev/service=web")]
    return [metadata.name(one) for one in found]


KINDS = (("apps/v1", "Deployment"), ("v1", "Pod"), ("v1", "ConfigMap"))


async def test_a_version_is_started_scaled_twice_and_ended_with_nothing_left(simulated, store, target):
    one = rendered(store, ONE, SCALER)
    ready = await target.preflight(one, None)
    assert (ready.refusals, ready.instances, ready.stable) == ((), 2, 0)
    for _ in range(2):
        await target.start(one)
    assert (await target.backend(one)).ready == 2
    await target.scale(one, 3)
    assert (await target.backend(one)).ready == 3
    assert await target.drift(one) == []
    await target.stop(one)
    await target.stop(one)


async def test_who_changed_what_is_named_and_not_forced_back(simulated, target):
    await target.start(ONE)
    resource = simulated.kube._resource("apps/v1", "Deployment")
    change = {"spec": {"replicas": 4, "template": {"spec": {"containers": [{"name": "web", "image": "evil:1"}]}}}}
    resource.patch(
        serialize=False,
        body=change,
        name="web-r1",
        namespace="team",
        content_type="application/strategic-merge-patch+json",
        field_manager="kubectl-edit",
    )
    told = [line for line in await target.drift(ONE) if line.startswith("Deployment")]  # its pods follow
    assert sorted(line.split(" at ")[0] for line in told) == [
        "Deployment web-r1: kubectl-edit has set .spec.replicas",
        'Deployment web-r1: kubectl-edit has set .spec.template.spec.containers[name="web"].image',
    ]
    with pytest.raises(SluicewayError) as refused:
        await target.scale(ONE, 3)
    assert refused.value.code == "SLW961"
    assert "kubectl-edit" in refused.value.why
    await target.stop(ONE)


async def test_a_full_quota_is_told_before_and_at_once(simulated, target):
    many = replace(TWO, spec=replace(TWO.spec, instances=30, cpu=1, memory_mb=10))
    ready = await target.preflight(many, None)
    assert any("30 pods need 30 of" in line for line in ready.refusals)
    with pytest.raises(NotReadyError) as late:
        await target.start(many)
    assert "the namespace's quota is exhausted" in late.value.why


async def test_a_namespace_that_is_not_there_and_rights_that_are_missing_are_refusals(simulated, target):
    lost = in_cluster("1", "r1", place=replace(SPACE, namespace="nowhere"))
    assert 'namespaces "nowhere" not found' in (await target.preflight(lost, None)).refusals[0]


async def test_a_job_that_pod_security_refuses_is_found_before_and_told_at_once(simulated, store, target):
    one = rendered(store, ONE, job("expand", safe=False))
    assert "violates PodSecurity" in (await target.preflight(one, None)).refusals[0]
    assert "its pods are refused" in await target.hook(one, "expand")
    await target.stop(one)


async def test_a_hook_is_a_job_that_runs_once(simulated, store, target):
    one = rendered(store, ONE, job("expand"))
    assert [await target.hook(one, "expand") for _ in range(2)] == ["", ""]
    made = simulated.kube.get("batch/v1", "Job", "web-r1-expand", "team")
    assert Node(made).at("spec", "backoffLimit").whole(9) == 0
    await target.stop(one)
