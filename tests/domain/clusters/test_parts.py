"""Programs beside a cluster's nodes have the rights that they need and no more, and are found under their address."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import metadata
from domain.clusters.beside import firewall, gateway, image_registry, outside, resource_metrics
from domain.clusters.manifests import OURS
from domain.core.documents import Node, Object

PORT = st.integers(1, 65535)
WORDS = st.text("abcdefghij-", min_size=1, max_size=15)
PARTS = {
    "gateway": gateway.objects("traefik", "10.99.0.1", 8080, 8081),
    "metrics": resource_metrics.objects("10.99.0.1", 4443, "LS0t"),
    "firewall": firewall.objects(),
    "registry": image_registry.objects("10.99.0.1:5000"),
}


def of_kind(kind: str, objects: Sequence[Object]) -> list[Node]:
    return [Node(one) for one in objects if Node(one)["kind"].value == kind]


@pytest.mark.parametrize("name", PARTS)
def test_every_object_of_a_part_is_marked_as_ours_and_named_once(name):
    objects = PARTS[name]
    assert all(metadata.labels(one).items() >= OURS.items() for one in objects)
    named = [(Node(one)["kind"].text(), metadata.full_name(one)) for one in objects]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("name", PARTS)
def test_a_program_only_reads_and_tells_the_state_of_routes(name):
    rules = [rule for role in of_kind("ClusterRole", PARTS[name]) for rule in role["rules"]]
    writing = [rule for rule in rules if set(rule["verbs"].texts()) - set(outside.READ)]
    assert all(resource.endswith("/status") for rule in writing for resource in rule["resources"].texts())
    assert not any("*" in [*rule["resources"].texts(), *rule["apiGroups"].texts()] for rule in rules)


@given(PORT, PORT, st.dictionaries(WORDS, st.tuples(PORT, PORT), min_size=1, max_size=4))
def test_a_service_leads_to_the_port_of_the_program(shown, port, more):
    ports = {**more, "main": (shown, port)}
    service, found = outside.address("space", "name", "10.99.0.1", ports)
    assert metadata.labels(found)["kubernetes.io/service-name"] == metadata.name(service)
    assert metadata.namespace(found) == metadata.namespace(service)
    leads = {one["name"].text(): one["port"].value for one in Node(found)["ports"]}
    said = {
        one["name"].text(): (one["port"].value, one["targetPort"].value) for one in Node(service).at("spec", "ports")
    }
    assert said == ports
    assert leads == {word: target for word, (_, target) in ports.items()}
    assert "selector" not in Node(service)["spec"].object()  # pods of that label would take its place


@given(PORT, PORT)
def test_the_router_and_its_counters_are_found_by_the_name_of_the_gateway(port, metrics):
    objects = gateway.objects("traefik", "10.99.0.1", port, metrics)
    marked = [one for one in objects if metadata.labels(one).get(gateway.GATEWAY_NAME) == gateway.NAME]
    assert [Node(one)["kind"].text() for one in marked] == ["Service", "EndpointSlice"]
    (listener,) = of_kind("Gateway", objects)[0].at("spec", "listeners")
    assert listener["port"].value == port  # Traefik serves a listener at its entry point of the same port
    leads = {one["name"].text(): one["port"].value for one in Node(marked[1])["ports"]}
    assert leads == {gateway.HTTP: port, gateway.METRICS: metrics}


def test_a_clusters_registry_is_found_as_clusters_say_it():
    (told,) = image_registry.objects("10.99.0.1:5000")
    assert image_registry.host_of(told) == "10.99.0.1:5000"
    assert image_registry.host_of({"data": {image_registry.KEY: "host: x"}}) == ""
    assert image_registry.host_of({}) == ""
