"""A request in a cluster that was made elsewhere: what it changes there, and why it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.clusters import request_ground
from domain.clusters.request_ground import Ground
from domain.clusters.requests import ClusterRequest, RequestKind
from domain.core.documents import Manifest, Node

QUOTA: Manifest = {
    "kind": "ResourceQuota",
    "metadata": {"name": "compute"},
    "spec": {"hard": {"cpu": "8", "pods": "40"}},
}
RANGE: Manifest = {
    "kind": "LimitRange",
    "metadata": {"name": "limits"},
    "spec": {"limits": [{"type": "Container", "max": {"cpu": "2"}, "default": {"cpu": "2"}, "min": {"cpu": "100m"}}]},
}
CLOSED: Manifest = {
    "kind": "NetworkPolicy",
    "metadata": {"name": "default-deny"},
    "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
}
MORE = ClusterRequest("dc", "shop", RequestKind.QUOTA, values={"cpu": 12.0, "claims": 3.0}, reason="r")
LESS = ClusterRequest("dc", "shop", RequestKind.LIMITS, values={"container_cpu": 0.5}, reason="r")
OPENS = ClusterRequest("dc", "shop", RequestKind.EXCEPTION, allow_from=("batch",), reason="r", until=10**10)


def ground(*objects: Manifest) -> Ground:
    return Ground(objects=objects)


def test_the_object_that_has_a_limit_is_changed_and_what_nobody_limits_is_added() -> None:
    here = ground(QUOTA)
    assert request_ground.bound(here, MORE).before == {"cpu": 8.0, "claims": 0.0}
    changed, added = request_ground.edits(here, MORE)
    assert changed.object is QUOTA
    assert {name: (one.before, one.after) for name, one in changed.fields.items()} == {"cpu": ("8", "12")}
    assert (added.object, list(added.fields)) == (None, ["persistentvolumeclaims"])
    assert not list(request_ground.refusals("dc", here, MORE))


def test_no_default_of_a_container_is_above_what_it_may_have() -> None:
    (edit,) = request_ground.edits(ground(RANGE), LESS)
    assert {name: one.after for name, one in edit.fields.items()} == {"max.cpu": "0.5", "default.cpu": "0.5"}


def test_an_exception_opens_what_is_named_and_nothing_else() -> None:
    both = replace(OPENS, allow_to=("10.9.0.0/16:5432",))
    spec = Node(request_ground.policy("request/dc/7@0123456789abcdef", both))["spec"]
    assert spec["policyTypes"].texts() == ["Ingress", "Egress"]
    (way_in,), (way_out,) = list(spec["ingress"]), list(spec["egress"])
    assert len(list(way_in["from"])) == 1
    assert way_out["to"].first().at("ipBlock", "cidr").text() == "10.9.0.0/16"
    only = Node(request_ground.policy("request/dc/7@0123456789abcdef", OPENS))["spec"]
    assert (only["policyTypes"].texts(), only["egress"].value) == (["Ingress"], None)


@pytest.mark.parametrize(
    ("here", "asked", "why"),
    [
        (Ground(trouble="it is away"), MORE, "cannot be asked"),
        (Ground(denied=("may not patch",)), MORE, "may not patch"),
        (Ground(exists=False), MORE, "no namespace shop"),
        (ground(QUOTA), replace(MORE, values={"cpu": 8.0}), "already"),
        (ground(QUOTA), replace(MORE, values={"cpu": 0.0}), "not remove it"),
        (ground(QUOTA, {**QUOTA, "metadata": {"name": "other"}}), MORE, "2 objects of shop limit cpu"),
        (ground(QUOTA), replace(MORE, namespace="kube-system"), "the cluster's own"),
        (ground(RANGE), replace(LESS, values={"container_cpu": 0.05}), "below the minimum"),
        (ground(), OPENS, "would be closed"),
        (ground(CLOSED), replace(OPENS, allow_from=(), allow_to=("10.0.0.0/8",)), "would be closed"),
        (ground({**CLOSED, "spec": {"podSelector": {"matchLabels": {"a": "b"}}}}), OPENS, "would be closed"),
        (ground(CLOSED), replace(OPENS, allow_from=("shop",)), "other namespaces"),
    ],
)
def test_what_cannot_be_done_there_is_said_before_anybody_agrees(here, asked, why) -> None:
    assert why in " ".join(request_ground.refusals("dc", here, asked))


def test_an_exception_of_ours_closes_nothing_for_the_next_one() -> None:
    ours = request_ground.policy("request/dc/1@0123456789abcdef", OPENS)
    assert list(request_ground.refusals("dc", ground(ours), OPENS))
    assert not list(request_ground.refusals("dc", ground(ours, CLOSED), OPENS))


def test_who_sets_an_object_back_is_named() -> None:
    helm: Manifest = {**QUOTA, "metadata": {"name": "compute", "annotations": {"meta.helm.sh/release-name": "shop"}}}
    assert [tool for _, tool in request_ground.managed(ground(helm), MORE)] == ["Helm"]
    assert not list(request_ground.managed(ground(QUOTA), MORE))


def test_a_limit_that_was_changed_since_is_asked_for_again() -> None:
    asked = request_ground.bound(ground(QUOTA), MORE)
    assert not request_ground.moved(ground(QUOTA), asked)
    lowered: Manifest = {**QUOTA, "spec": {"hard": {"cpu": "4"}}}
    assert "cpu of shop was changed" in request_ground.moved(ground(lowered), asked)
