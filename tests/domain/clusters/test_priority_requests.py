"""A priority class is made, changed and removed by request, and each can be taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.approvals.request import EnvironmentRule
from domain.authority.request_rules import rule_there
from domain.clusters import priority_requests, requests
from domain.clusters.plan import Verb, difference, items
from domain.clusters.requests import ClusterRequest, RequestKind, request_of, scope_of
from domain.clusters.spec import ClusterSpec, Priority, complaints, registered
from domain.inventory.model import ObjectRow
from domain.inventory.priority_plan import Having
from domain.inventory.request_plan import plan_of
from domain.releases.kubernetes.registered import text_of

NOW = 1_800_000_000
SPEC = ClusterSpec("edge", "local", priorities=(Priority("high", 100), Priority("low", -1, preempts=False)))
HIGHER = ClusterRequest(
    *("edge", "", RequestKind.PRIORITY), name="high", values={"value": 200.0}, reason="r", requester="ann"
)
HAVING = Having(classes={"high": 100, "low": -1, "theirs": 5}, pods={"": 7, "high": 2, "low": 4, "gone": 9})
WEB = ObjectRow(cluster="edge", kind="Deployment", namespace="shop", name="web", wanted=2, details={"priority": "high"})


def test_another_value_keeps_whether_it_preempts_and_stands_in_the_plan_of_the_cluster() -> None:
    asked = requests.bound(SPEC, replace(HIGHER, name="low"))
    assert (asked.values, asked.before) == ({"value": 200.0, "preempts": 0.0}, {"value": -1.0, "preempts": 0.0})
    changed = difference(items(requests.applied(SPEC, asked)), items(SPEC))
    (one,) = [each for each in changed if each.verb is not Verb.KEEP]
    assert (one.verb, one.name, one.before, one.after) == (
        *(Verb.UPDATE, "low"),
        *("value -1, preempts nobody", "value 200, preempts nobody"),
    )


def test_who_is_affected_is_told_before_anybody_agrees() -> None:
    plan = plan_of(SPEC, [WEB], HIGHER, NOW, having=HAVING)
    assert plan.possible
    assert plan.fits
    assert plan.room == (
        "2 pods of this class: what runs keeps its value until it is made again",
        "11 pods of a lower class may have to make room for its pods when nodes are full",
    )
    removed = plan_of(SPEC, [WEB], replace(HIGHER, values={}), NOW, having=HAVING)
    assert (removed.fits, [(one.namespace, one.name) for one in removed.affected]) == (False, [("shop", "web")])
    assert removed.room[1] == "new pods of 1 workload would be refused: they name it"


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (replace(HIGHER, values={"value": 100.0}), "high has this value already"),
        (replace(HIGHER, name="new", values={}), "the definition of edge names no priority class new"),
        (replace(HIGHER, name="new", values={"preempts": 0.0}), "new is a new priority class: say its value"),
        (replace(HIGHER, cluster="far"), "far is registered, not made here"),
        (replace(HIGHER, name="theirs"), "that no definition names: somebody else has made it"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused(asked: ClusterRequest, why: str) -> None:
    spec = registered("far", "secret:far") if asked.cluster == "far" else SPEC
    said, *_ = plan_of(spec, [], asked, NOW, having=HAVING).refusals
    assert why in said


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (replace(HIGHER, name="system-mine"), "name"),
        (replace(HIGHER, name="A"), "name"),
        (replace(HIGHER, namespace="shop"), "namespace"),
        (replace(HIGHER, values={"value": 1e10}), "value"),
        (replace(HIGHER, values={"value": 1.5}), "value"),
        (replace(HIGHER, values={"value": float("nan")}), "value"),
        (replace(HIGHER, values={"value": 1.0, "preempts": 2.0}), "preempts"),
        (replace(HIGHER, values={"value": 1.0, "cpu": 2.0}), "cpu"),
    ],
)
def test_what_is_no_priority_class_is_told_with_its_field(asked: ClusterRequest, field: str) -> None:
    assert field in dict(requests.complaints(asked, NOW))


def test_a_class_that_somebody_changed_since_is_not_taken_back() -> None:
    asked = requests.bound(SPEC, HIGHER)
    changed = replace(SPEC, priorities=(Priority("high", 300), SPEC.priorities[1]))
    assert requests.without(changed, asked) == changed
    assert priority_requests.is_moved(changed, asked)
    assert not priority_requests.is_moved(SPEC, asked)


def test_the_document_that_is_signed_holds_the_class() -> None:
    asked = requests.bound(SPEC, HIGHER)
    assert request_of(scope_of("request/edge/1", asked)) == asked


def test_any_environment_of_the_cluster_has_a_say_in_its_classes() -> None:
    here = text_of({"target": {"kubernetes": {"cluster": "edge", "namespace": "shop"}}})
    rules = [EnvironmentRule(name="shop", quorum=2, kubernetes=here), EnvironmentRule(name="elsewhere", quorum=9)]
    found = rule_there(rules, HIGHER)
    assert found is not None
    assert found.name == "shop"


def test_a_definition_says_what_is_wrong_with_its_classes() -> None:
    twice = replace(SPEC, priorities=(Priority("system-a", 1), Priority("b", 1), Priority("b", 2)))
    assert [path for path, _ in complaints(twice) if path[0] == "priorities"] == [
        ("priorities", 0, "name"),
        ("priorities", 2, "name"),
    ]
