"""A request changes what it names and nothing else, and can be taken back to what was before, whatever came between."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import requests
from domain.clusters.manifests import tenant
from domain.clusters.requests import DAY_S, FIELDS, ClusterRequest, RequestKind
from domain.clusters.spec import ClusterSpec, Network, Priority, Quota
from domain.core.documents import Node

NOW = 1_800_000_000
SPEC = ClusterSpec(
    "edge",
    "local",
    network=Network(isolated=True),
    priorities=(Priority("low", -1),),
    quotas=(Quota("shop", cpu=8.0, pods=40, allow_from=("gateway",)), Quota("pay", cpu=4.0)),
)
OPENS = ClusterRequest(
    "edge", "shop", RequestKind.EXCEPTION, allow_from=("batch",), reason="r", until=NOW + 86_400, requester="ann"
)
MORE = ClusterRequest("edge", "shop", RequestKind.QUOTA, values={"cpu": 10.0}, reason="r", requester="ann")

names = st.sampled_from(["gateway", "batch", "a", "b", "c"])
classes = st.sampled_from(["low", "high"])
ranges = st.sampled_from(["10.0.0.0/8", "10.1.0.0/16:443", "192.0.2.0/24"])


@st.composite
def asked(draw: st.DrawFn) -> ClusterRequest:
    kind = draw(st.sampled_from(RequestKind))
    if kind is RequestKind.EXCEPTION:
        comes, goes = draw(st.sets(names, max_size=3)), draw(st.sets(ranges, max_size=2))
        return replace(OPENS, allow_from=tuple(comes), allow_to=tuple(goes))
    if kind is RequestKind.PRIORITY:
        values = {"value": float(draw(st.integers(-5, 5))), "preempts": float(draw(st.booleans()))}
        return replace(MORE, namespace="", kind=kind, name=draw(classes), values=draw(st.sampled_from([values, {}])))
    fields = draw(st.sets(st.sampled_from(FIELDS[kind]), min_size=1))
    return replace(MORE, kind=kind, values={name: float(draw(st.integers(0, 50))) for name in fields})


@given(asked())
def test_taking_back_what_was_applied_gives_the_cluster_of_before(request: ClusterRequest) -> None:
    bound = requests.bound(SPEC, request)
    bound = replace(bound, allow_from=tuple(one for one in bound.allow_from if one != "gateway"))
    now = requests.applied(SPEC, bound)
    assert requests.without(now, bound) == SPEC
    assert now in requests.states_before(SPEC, bound)


@given(st.lists(asked(), min_size=2, max_size=4), st.randoms())
def test_one_of_several_is_found_wherever_it_stands_when_it_is_taken_back(several, random) -> None:
    spec, kept = SPEC, list[ClusterRequest]()
    for request in several:
        bound = requests.bound(spec, request)
        if not list(requests.refusals(spec, bound)):
            spec, kept = requests.applied(spec, bound), [*kept, bound]
    if not kept:
        return
    one = random.choice(kept)
    after = requests.without(spec, one)
    assert after == spec or spec in requests.states_before(after, one)


@given(asked())
def test_a_request_touches_its_own_namespace_or_its_own_class_alone(request: ClusterRequest) -> None:
    after = requests.applied(SPEC, requests.bound(SPEC, request))
    if request.kind is RequestKind.PRIORITY:
        assert replace(after, priorities=SPEC.priorities) == SPEC
        assert {*after.priorities} ^ {*SPEC.priorities} <= {
            one for one in (*after.priorities, *SPEC.priorities) if one.name == request.name
        }
        return
    assert replace(after, quotas=SPEC.quotas) == SPEC
    assert after.quotas[1] == SPEC.quotas[1]


@given(asked())
def test_what_people_sign_is_the_whole_request(request: ClusterRequest) -> None:
    bound = replace(requests.bound(SPEC, request), environment="production", reason='a "<b>" é')
    assert requests.request_of(requests.scope_of("request/edge/1", bound)) == bound


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (replace(MORE, namespace="Shop"), "namespace"),
        (replace(MORE, reason="  "), "reason"),
        (replace(MORE, values={}), "values"),
        (replace(MORE, values={"nodes": 1}), "nodes"),
        (replace(MORE, values={"pods": 1.5}), "pods"),
        (replace(MORE, values={"cpu": float("inf")}), "cpu"),
        (replace(OPENS, until=0), "until"),
        (replace(OPENS, until=NOW + int(31 * DAY_S)), "until"),
        (replace(OPENS, until=NOW - 1), "until"),
        (replace(OPENS, allow_from=()), "allow_from"),
        (replace(OPENS, allow_from=("a b",)), "allow_from"),
        (replace(OPENS, allow_to=("10.0.0.0",)), "allow_to"),
        (replace(OPENS, allow_from=tuple(f"n{one}" for one in range(21))), "allow_from"),
    ],
)
def test_what_is_wrong_is_said_of_its_field(wrong: ClusterRequest, field: str) -> None:
    assert field in dict(requests.complaints(wrong, NOW))


@pytest.mark.parametrize(
    ("spec", "request_", "why"),
    [
        (replace(SPEC, provider="registered"), MORE, "registered"),
        (SPEC, replace(MORE, namespace="other"), "no quota"),
        (SPEC, replace(MORE, values={"cpu": 8.0}), "already"),
        (replace(SPEC, network=Network()), OPENS, "not isolated"),
        (SPEC, replace(OPENS, allow_from=("gateway",)), "open already"),
        (SPEC, replace(OPENS, allow_from=("shop",)), "each other"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused_with_its_reason(spec, request_, why) -> None:
    assert why in " ".join(requests.refusals(spec, request_))


def test_what_fits_has_no_complaint_and_no_refusal() -> None:
    for request in (MORE, OPENS):
        assert not list(requests.complaints(request, NOW))
        assert not list(requests.refusals(SPEC, request))


def test_a_limit_of_a_container_is_in_its_limit_range_and_admits_whoever_names_none() -> None:
    made = {Node(one)["kind"].text(): Node(one) for one in tenant(Quota("shop", container_cpu=0.05), isolated=False)}
    assert "ResourceQuota" not in made
    (limits,) = made["LimitRange"].at("spec", "limits")
    assert (limits["max"].strings(), limits["default"].strings()) == ({"cpu": "0.05"}, {"cpu": "0.05"})
    assert limits.at("defaultRequest", "cpu").text() == "50m"
