"""The Deployment that stays in git: releases are made of it, and its own pods are none that anybody is led to."""

import json
from dataclasses import replace

import pytest

from activities.kubernetes.memory_objects import MemoryObjects
from activities.releases.targets.kubernetes.target import KubernetesTarget
from activities.storage.stores.folder import FolderStore
from domain.core.documents import Node
from domain.core.errors import RefusedError
from domain.releases.kubernetes import adoption, container, naming
from domain.releases.kubernetes.drift_classes import Kind
from domain.releases.kubernetes.place import Adopted
from tests.contracts.targets.kubernetes import TableRouter, in_cluster


@pytest.fixture
def kube():
    return MemoryObjects()


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "store")


@pytest.fixture
def target(kube, store):
    return KubernetesTarget({"edge": kube}.__getitem__, store, {"gateway-api": TableRouter()})


def released(store, instance="r1", replicas=None):
    """A version that was rendered from what is in git."""
    one = in_cluster("1", instance)
    found = json.loads(json.dumps(container.objects(one.spec)))
    del found[0]["spec"]["replicas"]
    if replicas is not None:
        found[0]["spec"]["replicas"] = replicas
    assert one.spec.kubernetes is not None
    place = replace(one.spec.kubernetes.place, beside_git=True)
    kubernetes = replace(one.spec.kubernetes, place=place, rendered=store.put(json.dumps(found).encode()))
    return replace(one, spec=replace(one.spec, kubernetes=kubernetes))


def synced(kube, replicas=1, selector=None):
    """What a tool applies from git: the Deployment, and perhaps a Service."""
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}
    spec = {"selector": {"matchLabels": labels}, "template": template}
    if replicas is not None:
        spec["replicas"] = replicas
    meta = {"name": "web", "namespace": "shop"}
    kube.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}, manager="argocd")
    if selector:
        ports = [{"port": 80}]
        service = {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": meta,
            "spec": {"selector": selector, "ports": ports},
        }
        kube.apply(service, manager="argocd")


def replicas(kube, name="web"):
    return Node(kube.get("", "Deployment", name, "shop")).at("spec", "replicas").whole(-1)


async def test_a_release_has_the_pods_that_its_definition_says_and_the_one_in_git_none(kube, store, target):
    one = released(store)
    synced(kube, 0)
    assert (await target.preflight(one, None)).refusals == ()
    await target.start(one)
    assert (replicas(kube, "web-r1"), replicas(kube)) == (one.spec.instances, 0)
    assert await target.findings(one) == []


async def test_each_sync_leaves_it_without_pods_and_the_release_as_it_is(kube, store, target):
    synced(kube, None)
    kube.patch("apps/v1", "Deployment", "web", {"spec": {"replicas": 0}}, "shop")  # as the end of an import does
    await target.start(released(store))
    await target.start(released(store, "r2"))
    await target.shift(released(store, "r2"), released(store), 10)
    before = [kube.get("", "Deployment", name, "shop") for name in ("web-r1", "web-r2")]
    for _ in range(2):
        synced(kube, None)
    assert (replicas(kube), await target.findings(released(store))) == (0, [])
    assert [kube.get("", "Deployment", name, "shop") for name in ("web-r1", "web-r2")] == before


async def test_pods_that_a_sync_starts_later_are_told_and_taken_away_and_nothing_else_is_touched(kube, store, target):
    one = released(store)
    await target.start(one)
    synced(kube, 3)
    before = kube.get("", "Deployment", "web-r1", "shop")
    (found,) = await target.findings(one)
    assert (found.kind, found.line) == (
        Kind.WORKLOAD,
        "Deployment web, which git keeps, has 3 pods beside the release",
    )
    await target.heal(one, [found.target])
    assert (replicas(kube), await target.findings(one)) == (0, [])
    assert kube.get("", "Deployment", "web-r1", "shop") == before


async def test_pods_that_a_service_leads_to_may_serve_people_and_stay(kube, store, target):
    one = released(store)
    await target.start(one)
    synced(kube, 3, {"app": "web"})
    (found,) = await target.findings(one)
    assert found.kind is Kind.FOREIGN
    assert found.line.endswith("and Service web leads to them")
    await target.heal(one, [found.target])
    assert replicas(kube) == 3


async def test_the_first_release_is_refused_where_it_would_leave_what_serves_people_behind(kube, store, target):
    synced(kube, 2)
    (why,) = (await target.preflight(released(store), None)).refusals
    assert "has 2 pods beside the release: import it first, by `sluiceway release import`" in why


@pytest.mark.parametrize("instance", [adoption.FIRST, "r7"])
async def test_an_imported_one_keeps_its_pods_until_it_has_ended(kube, store, target, instance):
    synced(kube, 2)
    one = released(store)
    first = replace(one, instance=instance)
    kube.create(adoption.root(first, Adopted(workload="web", selector={}, port=80, target="80")))
    assert (await target.preflight(one, None)).refusals == ()
    await target.start(one)
    assert await target.findings(one) == []
    kube.delete("v1", "ConfigMap", naming.object_name(first), "shop")
    assert len(await target.findings(one)) == 1


async def test_a_source_that_gives_the_one_in_git_pods_is_refused_at_the_effect_too(kube, store, target):
    with pytest.raises(RefusedError) as refused:
        await target.start(released(store, replicas=2))
    assert refused.value.code == "SLW963"
    assert "leave this out of the source" in refused.value.why
    assert kube.every() == []
