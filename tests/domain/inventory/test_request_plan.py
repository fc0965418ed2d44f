"""A plan says what changes, whether it fits, and whom it meets."""

from __future__ import annotations

from dataclasses import replace

from domain.clusters.requests import RequestKind
from domain.inventory.model import ObjectRow
from domain.inventory.request_plan import Room, plan_of, used
from tests.domain.clusters.test_requests import MORE, NOW, OPENS, SPEC

BIG = {"containers": [{"name": "main", "cpu_m": 900, "memory_mb": 900}]}
PODS = tuple(
    ObjectRow(
        cluster="edge", kind="Pod", namespace="shop", name=f"web-{one}", status="Running", owner="Deployment/web",
        cpu_m=3_000, memory_mb=900, details=BIG,
    )
    for one in range(3)
)  # fmt: skip
ENDED = replace(PODS[0], name="old", status="Completed")
WEB = ObjectRow(cluster="edge", kind="Deployment", namespace="shop", name="web", wanted=3, ready=3)
SCALER = ObjectRow(
    cluster="edge", kind="HorizontalPodAutoscaler", namespace="shop", name="web", ready=3, details={"max": 9}
)
ROWS = (*PODS, ENDED, WEB, SCALER)


def test_what_is_used_is_the_sum_of_what_runs_and_a_quota_knows_better() -> None:
    assert used(ROWS)["cpu"] == 9.0
    quota = {"resources": [{"name": "requests.cpu", "used": "5", "used_number": 5.0}]}
    said = ObjectRow(cluster="edge", kind="ResourceQuota", namespace="shop", name="tenant", details=quota)
    assert used((*ROWS, said)) == {**used(ROWS), "cpu": 5.0}


def test_a_quota_below_what_is_used_does_not_fit_and_names_what_has_to_wait() -> None:
    plan = plan_of(SPEC, ROWS, replace(MORE, values={"cpu": 2.0, "pods": 5.0}), NOW)
    assert plan.possible
    assert not plan.fits
    assert [(one.before, one.after, one.used) for one in plan.changes] == [(8.0, 2.0, 9.0), (40.0, 5.0, 3.0)]
    assert {(one.kind, one.name) for one in plan.affected} == {("Deployment", "web"), (SCALER.kind, "web")}


def test_a_quota_beyond_what_nodes_have_says_so() -> None:
    asked, free = replace(MORE, values={"cpu": 20.0}), Room(cpu_m=16_000, asked_cpu_m=9_000)
    assert plan_of(SPEC, ROWS, asked, NOW, free).room == (
        "its pods could ask for 11 cores more, and the nodes have 7 free",
    )
    assert plan_of(SPEC, ROWS, asked, NOW, replace(free, cpu_m=40_000)).fits
    assert plan_of(SPEC, ROWS, asked, NOW).fits


def test_workloads_above_a_new_limit_are_named_once_with_their_pods() -> None:
    asked = replace(MORE, kind=RequestKind.LIMITS, values={"container_cpu": 0.5})
    (met,) = plan_of(SPEC, ROWS, asked, NOW).affected
    assert (met.kind, met.name) == ("Deployment", "web")
    assert "3 pods" in met.why


def test_an_exception_says_what_it_opens_and_who_is_reached() -> None:
    plan = plan_of(SPEC, ROWS, replace(OPENS, allow_to=("10.0.0.0/8:443",)), NOW)
    assert plan.opens == (
        "pods of namespace batch may connect to pods of shop",
        "pods of shop may connect to 10.0.0.0/8:443",
    )
    assert [(one.kind, one.name) for one in plan.affected] == [("Deployment", "web")]


def test_what_cannot_be_asked_for_has_no_changes() -> None:
    assert plan_of(SPEC, ROWS, replace(MORE, reason=""), NOW).wrong.keys() == {"reason"}
    refused = plan_of(SPEC, ROWS, replace(MORE, namespace="other"), NOW)
    assert (refused.possible, refused.changes) == (False, ())
