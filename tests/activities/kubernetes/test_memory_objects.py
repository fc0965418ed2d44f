"""The API server in memory keeps what releases rely on, as a real one does (measured in the heavy suite)."""

from typing import Any

import pytest

from activities.kubernetes.memory_objects import MemoryObjects, names
from domain.clusters import metadata
from domain.core.documents import Node
from domain.core.errors import SluicewayError


def settings(name: str, owner: str = "", **data: str):
    meta = {"name": name, "namespace": "shop"} | ({"ownerReferences": [{"uid": owner}]} if owner else {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def deployment(image: str, replicas: int = 2):
    template = {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": [{"name": "main", "image": image}]}}
    spec = {"replicas": replicas, "template": template}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": spec,
    }


def test_another_managers_field_is_a_conflict_that_names_it():
    kube = MemoryObjects()
    kube.apply(settings("a", colour="red"), manager="one", force=False)
    kube.apply(settings("a", colour="red"), manager="two", force=False)
    with pytest.raises(SluicewayError) as refused:
        kube.apply(settings("a", colour="blue"), manager="two", force=False)
    assert refused.value.status == 409
    assert 'conflict with "one": .data.colour' in refused.value.why


def test_what_is_applied_no_more_goes_unless_another_has_it():
    kube = MemoryObjects()
    kube.apply(settings("a", colour="red", size="1"), manager="one")
    kube.apply(settings("a", size="1"), manager="two")
    made = kube.apply(settings("a"), manager="one")
    assert Node(made)["data"].strings() == {"size": "1"}


def test_a_dry_run_changes_nothing():
    kube = MemoryObjects()
    kube.apply(settings("a", colour="red"), True)
    assert kube.get("v1", "ConfigMap", "a", "shop") is None


def test_a_deleted_owner_takes_its_objects_along():
    kube = MemoryObjects()
    root = kube.apply(settings("root"))
    kube.apply(settings("child", metadata.uid(root)))
    kube.delete("v1", "ConfigMap", "root", "shop")
    assert names(kube.items("v1", "ConfigMap", "shop")) == []


def test_pods_and_endpoints_follow_the_deployment():
    kube = MemoryObjects(waiting={"bad": "ImagePullBackOff"})
    service: dict[str, Any] = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop", "namespace": "shop"}}
    kube.apply({**service, "spec": {"selector": {"app": "shop"}, "ports": [{"port": 80}]}})
    for image, count, ready in (("good", 2, 2), ("good", 1, 1), ("bad", 2, 0), ("good", 0, 0)):
        made = kube.apply(deployment(image, count))
        slices = kube.items("discovery.k8s.io/v1", "EndpointSlice", "shop", "kubernetes.io/service-name=shop")
        answering = [one for one in Node(slices[0])["endpoints"] if one.at("conditions", "ready").value]
        assert len(kube.items("v1", "Pod", "shop")) == count
        assert len(answering) == ready
        assert Node(made).at("status", "availableReplicas").whole() == ready


def test_changes_of_the_spec_alone_count_as_generations():
    kube = MemoryObjects()
    made = [kube.apply(deployment("good", count)) for count in (1, 1, 2)]
    assert [Node(one).at("metadata", "generation").whole() for one in made] == [1, 1, 2]
