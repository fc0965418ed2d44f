"""Facts of a cluster are told whole, read within bounds, and only ever take capabilities away."""

import json

from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.facts import (
    MOST_CLASSES,
    STALE_S,
    Answers,
    ClusterFacts,
    GatewayClass,
    age,
    document,
    facts_of,
    observed,
)
from domain.clusters.metadata import epoch
from domain.clusters.policies import ENFORCE, Engine
from domain.core.documents import Object
from domain.core.values import Json
from domain.releases.capabilities import CAPABILITIES, Capability, there
from domain.releases.kubernetes.http_route import BACKEND_HEADERS, MIRROR, RESPONSE_HEADERS

FEATURES = st.frozensets(st.sampled_from([MIRROR, RESPONSE_HEADERS, BACKEND_HEADERS, "Gateway"])).map(
    lambda one: tuple(sorted(one))
)
NAMES = st.sampled_from(["edge", "public", "infra/public"])
CLASSES = st.builds(GatewayClass, name=NAMES, controller=st.sampled_from(["", "a.io/b"]), features=FEATURES)
FACTS = st.builds(
    ClusterFacts,
    cluster=st.just("edge"),
    read_at=st.just("2026-11-29T17:00:00Z"),
    version=st.just("v1.34.4"),
    classes=st.lists(CLASSES, max_size=3).map(tuple),
    meshes=st.sampled_from([(), ("istio",)]),
    metrics=st.booleans(),
    policies=st.sampled_from([(), (Engine("Gatekeeper", ("K8sRepos",)), Engine("Kyverno"))]),
    pod_security=st.dictionaries(NAMES, st.sampled_from(["baseline", "restricted"])),
    network=st.sampled_from(["", "Calico"]),
    gateways=st.dictionaries(NAMES, NAMES),
)
ROUTERS = st.sampled_from(["gateway-api", "istio", "linkerd", "service", "none"])


def _fields(one):
    return st.dictionaries(st.sampled_from(["kind", "cluster", "gateway-classes", "features", "name"]), one)


JSON = st.recursive(st.none() | st.booleans() | st.text(max_size=3), lambda one: st.lists(one) | _fields(one))


@given(FACTS)
def test_a_file_says_what_was_read(facts):
    assert facts_of(json.loads(json.dumps(document(facts)))) == facts


@given(FACTS, ROUTERS)
def test_facts_give_no_capability_that_a_router_has_not(facts, router):
    has = there(router, facts)
    assert has <= CAPABILITIES["kubernetes", router]
    assert (Capability.SCALE in has) <= facts.metrics
    more = ClusterFacts(**{**vars(facts), "metrics": True, "meshes": ("istio",)})
    assert has <= there(router, more)


@given(FACTS)
def test_a_class_that_can_is_enough_and_none_is_not(facts):
    able = any(MIRROR in one.features for one in facts.classes)
    assert (Capability.MIRROR in there("gateway-api", facts)) is able
    assert (Capability.WEIGHTS in there("gateway-api", facts)) is bool(facts.classes)


@given(FACTS, NAMES)
def test_a_gateway_can_what_its_own_class_can(facts, gateway):
    own = [one for one in facts.classes if one.name == facts.gateways.get(gateway)]
    has = there("gateway-api", facts, gateway)
    assert has <= there("gateway-api", facts)
    assert (Capability.MIRROR in has) is any(MIRROR in one.features for one in own or facts.classes)


def test_without_a_mesh_a_router_of_meshes_splits_nothing():
    bare, meshed = ClusterFacts(cluster="edge"), ClusterFacts(cluster="edge", meshes=("linkerd",))
    assert Capability.WEIGHTS not in there("linkerd", bare)
    assert Capability.WEIGHTS in there("linkerd", meshed)


def test_what_a_class_tells_counts_and_what_its_controller_is_known_for_only_where_it_tells_nothing():
    def of(*features: str) -> frozenset[Capability]:
        one = GatewayClass(name="istio", controller="istio.io/gateway-controller", features=features)
        return there("gateway-api", ClusterFacts(cluster="edge", classes=(one,)))

    assert Capability.MIRROR in of()
    assert Capability.MIRROR not in of("Gateway")


@given(st.floats(0, 10 * STALE_S))
def test_facts_say_how_old_they_are_and_that_they_are_stale(old_s):
    facts = ClusterFacts(cluster="edge", read_at="2026-11-29T17:00:00Z")
    assert age(facts, epoch(facts.read_at) + old_s).endswith("stale") is (old_s > STALE_S)
    assert "nobody knows" in age(ClusterFacts(cluster="edge", read_at="once"), old_s)


@given(st.dictionaries(st.sampled_from([*document(ClusterFacts(cluster="edge"))]), JSON))
def test_a_strangers_file_is_never_an_error(body):
    facts_of(body)
    found = facts_of({**body, "kind": "ClusterFacts", "cluster": "x", "gateway-classes": [{"features": [1]}] * 999})
    assert found is not None
    assert len(found.classes) == MOST_CLASSES


def test_what_an_api_server_says_is_read():
    features: list[Json] = [{"name": MIRROR}, {"name": "Gateway"}, 7]
    classes: list[Object] = [
        {"metadata": {"name": "edge"}, "spec": {"controllerName": "a.io/b"}, "status": {"supportedFeatures": features}},
    ]
    groups = ["apps", "metrics.k8s.io", "networking.istio.io"]
    gateways: list[Object] = [
        {"metadata": {"namespace": "infra", "name": "public"}, "spec": {"gatewayClassName": "edge"}}
    ]
    namespaces: list[Object] = [
        {"metadata": {"name": name, "labels": {ENFORCE: level}}}
        for name, level in [("shop", "restricted"), ("odd", "none")]
    ]
    engines = [Engine("Kyverno", ("tags",))]
    said = Answers(
        version="v1.34.4",
        groups=groups,
        classes=classes,
        gateways=gateways,
        policies=engines,
        namespaces=namespaces,
        network="Calico",
    )
    assert observed("edge", "now", said) == ClusterFacts(
        cluster="edge",
        read_at="now",
        version="v1.34.4",
        classes=(GatewayClass(name="edge", controller="a.io/b", features=("Gateway", MIRROR)),),
        meshes=("istio",),
        metrics=True,
        policies=tuple(engines),
        pod_security={"shop": "restricted"},
        network="Calico",
        gateways={"infra/public": "edge"},
    )
