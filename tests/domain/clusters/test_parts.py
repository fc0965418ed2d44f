"""Programs beside a cluster's nodes have the rights that they need and no more, and are found under their address."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import metadata
from domain.clusters.beside import (
    envoy,
    file_volumes,
    firewall,
    gateway,
    image_registry,
    istio,
    outside,
    resource_metrics,
)
from domain.clusters.manifests import DEFAULT_CLASS, OURS
from domain.core.documents import Node, Object

PORT = st.integers(1, 65535)
WORDS = st.text("abcdefghij-", min_size=1, max_size=15)
PARTS = {
    "gateway": gateway.objects("traefik", "10.99.0.1", 8080, 8081),
    "istio": istio.objects("10.99.0.1", 8080, 8081),
    "metrics": resource_metrics.objects("10.99.0.1", 4443, "LS0t"),
    "firewall": firewall.objects(),
    "registry": image_registry.objects("10.99.0.1:5000"),
    "storage": file_volumes.objects(default=True),
}


def of_kind(kind: str, objects: Sequence[Object]) -> list[Node]:
    return [Node(one) for one in objects if Node(one)["kind"].value == kind]


@pytest.mark.parametrize("name", PARTS)
def test_every_object_of_a_part_is_marked_as_ours_and_named_once(name):
    objects = PARTS[name]
    assert all(metadata.labels(one).items() >= OURS.items() for one in objects)
    named = [(Node(one)["apiVersion"].text(), Node(one)["kind"].text(), metadata.full_name(one)) for one in objects]
    assert len(set(named)) == len(named)


@pytest.mark.parametrize("name", sorted(PARTS.keys() - {"storage"}))
def test_a_program_only_reads_and_tells_the_state_of_routes(name):
    rules = [rule for role in of_kind("ClusterRole", PARTS[name]) for rule in role["rules"]]
    own = [rule for role in of_kind("Role", PARTS[name]) for rule in role["rules"]]
    assert not any("secrets" in rule["resources"].texts() for rule in own)
    writing = [rule for rule in rules if set(rule["verbs"].texts()) - set(outside.READ)]
    assert all(resource.endswith("/status") for rule in writing for resource in rule["resources"].texts())
    assert not any("*" in [*rule["resources"].texts(), *rule["apiGroups"].texts()] for rule in rules)


def test_a_driver_of_volumes_writes_volumes_and_snapshots_and_reads_no_secrets() -> None:
    (role,) = of_kind("ClusterRole", PARTS["storage"])
    written = {
        name for rule in role["rules"] if "create" in rule["verbs"].texts() for name in rule["resources"].texts()
    }
    of_snapshots = {"volumesnapshots", "volumesnapshotcontents"}
    assert written == {"persistentvolumes", "persistentvolumeclaims", "events"} | of_snapshots
    assert not {"*", "secrets"} & {name for rule in role["rules"] for name in rule["resources"].texts()}


@pytest.mark.parametrize("default", [True, False])
def test_claims_without_a_class_get_the_drivers_only_where_the_cluster_has_no_other(default):
    (one,) = of_kind("StorageClass", file_volumes.objects(default=default))
    assert one.at("metadata", "annotations", DEFAULT_CLASS).text() == ("true" if default else "false")
    assert one["provisioner"].text() == file_volumes.DRIVER


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


@given(PORT, PORT, st.sampled_from(["traefik", "istio"]))
def test_the_router_and_its_counters_are_found_by_the_name_of_the_gateway(port, metrics, program):
    made = {"traefik": lambda *at: gateway.objects("traefik", *at), "istio": istio.objects}[program]
    objects = made("10.99.0.1", port, metrics)
    marked = [one for one in objects if metadata.labels(one).get(gateway.GATEWAY_NAME) == gateway.NAME]
    assert [Node(one)["kind"].text() for one in marked] == ["Service", "EndpointSlice"]
    (listener,) = of_kind("Gateway", objects)[0].at("spec", "listeners")
    assert listener["port"].value == port  # a router serves a listener at the same port of its own
    leads = {one["name"].text(): one["port"].value for one in Node(marked[1])["ports"]}
    assert leads == {gateway.HTTP: port, gateway.METRICS: metrics}


def test_both_gateways_of_istio_choose_its_envoy_and_listen_where_nodes_reach_it():
    objects = istio.objects("10.99.0.1", 8080, 8081)
    (service,), (bound,) = of_kind("Service", objects), of_kind("EnvoyFilter", objects)
    proxy = envoy.bootstrap(envoy.Proxy("edge", "sluiceway", istio.LABELS, "10.99.0.1", 8081, 8082, 8083), [0.001])
    labels = Node(proxy).at("node", "metadata", "LABELS").strings()
    for chosen in (service.at("spec", "selector"), of_kind("Gateway", objects)[1].at("spec", "selector")):
        assert chosen.strings() == labels
    (patch,) = bound.at("spec", "configPatches")
    listens = patch.at("patch", "value", "address", "socket_address")
    assert (listens["address"].value, listens["port_value"].value) == ("10.99.0.1", 8080)


def test_an_envoy_shows_its_counters_to_the_nodes_and_the_rest_of_its_administration_to_nobody():
    told = Node(envoy.bootstrap(envoy.Proxy("edge", "sluiceway", {}, "10.99.0.1", 8081, 8082, 8083), [0.001]))
    assert told.at("admin", "address", "socket_address", "address").value == envoy.LOOPBACK
    (shown,) = told.at("static_resources", "listeners")
    assert shown.at("address", "socket_address").object() == {"address": "10.99.0.1", "port_value": 8081}
    manager = shown["filter_chains"].first()["filters"].first()["typed_config"]
    (route,) = manager.at("route_config", "virtual_hosts").first()["routes"]
    assert route["match"].object() == {"path": envoy.STATS}


def test_a_clusters_registry_is_found_as_clusters_say_it():
    (told,) = image_registry.objects("10.99.0.1:5000")
    assert image_registry.host_of(told) == "10.99.0.1:5000"
    assert image_registry.host_of({"data": {image_registry.KEY: "host: x"}}) == ""
    assert image_registry.host_of({}) == ""
