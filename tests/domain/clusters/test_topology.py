"""Clusters of the Cluster API: what is asked for in both versions, and what their conditions are taken for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import topology
from domain.clusters.spec import ClusterSpec, NodePool
from domain.core.documents import Node

SPEC = ClusterSpec(
    "edge",
    "cluster-api",
    version="1.34.4",
    pools=(NodePool("web", 3, labels={"tier": "web"}), NodePool("db", 1, zones=("a", "b"))),
    connection={"class": "small", "control-planes": "3"},
)


def found(generation=2, observed=2, **conditions):
    told = [{"type": kind, "status": status, "reason": "Because"} for kind, status in conditions.items()]
    meta = {"name": "edge", "generation": generation}
    return {"metadata": meta, "status": {"observedGeneration": observed, "phase": "Provisioning", "conditions": told}}


@pytest.mark.parametrize(("version", "key"), [("v1beta1", "class"), ("v1beta2", "classRef")])
def test_the_topology_says_class_version_and_every_pool(version, key):
    made = Node(topology.cluster(SPEC, version)).at("spec", "topology")
    pools = [(one["name"].value, one["replicas"].value) for one in made.at("workers", "machineDeployments")]

    assert made[key].value == ("small" if key == "class" else {"name": "small"})
    assert (made["version"].value, made.at("controlPlane", "replicas").value) == ("v1.34.4", 3)
    assert pools == [("web", 3), ("db", 1)]


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        (None, "does not exist"),
        (found(generation=3, Available="True"), "has not observed the last change"),
        (found(), "without a condition Available or Ready"),
        (found(Available="False", InfrastructureReady="False"), "InfrastructureReady is False (Because)"),
        ({**found(), "status": {"failureMessage": "no such flavour"}}, "it failed: no such flavour"),
    ],
)
def test_what_a_cluster_waits_for_is_told_in_its_own_words(cluster, said):
    assert said in topology.waits_for(cluster)


@given(st.sampled_from(["Available", "Ready"]), st.integers(1, 9), st.integers(0, 9))
def test_a_cluster_is_there_only_when_its_controller_has_seen_the_newest(kind, generation, observed):
    seen = found(generation, observed, **{kind: "True"})

    assert (topology.waits_for(seen) == "") == (observed >= generation)


def test_what_holds_a_cluster_is_named_with_its_age() -> None:
    one = {"metadata": {"finalizers": ["cluster.x-k8s.io/a"], "deletionTimestamp": "2026-01-01T00:00:00Z"}}

    assert topology.held_by(one, 1767225600 + 90) == "cluster.x-k8s.io/a, for 90 s"
