"""What a cluster has beside its nodes: chosen by a word each, checked before anything is made."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters import plan
from domain.clusters.beside import cluster_dns, gateway
from domain.clusters.parts import (
    MEMORY_MB,
    PROGRAMS,
    PROVIDERS,
    Role,
    chosen,
    complaints,
    dns_address,
    memory_mb,
    phase_of,
)
from domain.clusters.plan import Phase
from domain.clusters.spec import ClusterSpec
from domain.clusters.spec import complaints as all_complaints
from domain.core.documents import Node

ROLES = st.dictionaries(st.sampled_from(list(Role)), st.booleans())


@given(ROLES)
def test_a_part_is_chosen_by_its_role_with_or_without_its_program(roles):
    words = [f"{role}={PROGRAMS[role][0]}" if named else role for role, named in roles.items()]
    assert chosen(",".join(words)) == {role: PROGRAMS[role][0] for role in roles}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("dsn", "'dsn' is no part"),
        ("dns=bind", "'bind' cannot be its dns"),
        ("dns,dns=coredns", "'dns' is given twice"),
    ],
)
def test_what_is_no_part_is_refused_by_name(text, why):
    with pytest.raises(ValueError, match=why):
        chosen(text)


@given(ROLES, st.sampled_from(["host", "kwok", "kind", "terraform"]))
def test_only_a_provider_that_runs_parts_is_given_any(roles, provider):
    wanted = {role.value: PROGRAMS[role][0] for role in roles}
    assert [path for path, _ in complaints(provider, wanted)] == (
        [] if provider in PROVIDERS else [("parts", role) for role in wanted]
    )


def test_an_unknown_program_is_told_at_its_own_key():
    assert [path for path, _ in all_complaints(ClusterSpec("c", "host", parts={"dns": "bind"}))] == [("parts", "dns")]


@given(ROLES)
def test_each_part_is_one_line_of_the_plan_in_its_phase(roles):
    spec = ClusterSpec("c", "host", parts={role.value: PROGRAMS[role][0] for role in roles})
    items = plan.items(spec)
    assert {one.name: one.phase for one in items if one.kind == plan.PART} == {role: phase_of(role) for role in roles}
    assert [list(Phase).index(one.phase) for one in items] == sorted(list(Phase).index(one.phase) for one in items)


@given(st.integers(0, 2**16 - 1), st.integers(12, 24))
def test_names_are_asked_at_an_address_of_the_services(number, bits):
    services = ipaddress.ip_network((number << 16, bits), strict=False)
    assert ipaddress.ip_address(dns_address(str(services))) in services


def test_names_are_asked_by_either_protocol_at_the_port_that_policies_let_through():
    service, behind = cluster_dns.objects("10.99.0.1", "10.96.0.10")[-2:]
    assert Node(service).at("spec", "clusterIP").text() == "10.96.0.10"
    for ports in (Node(service).at("spec", "ports"), Node(behind)["ports"]):
        assert {(one["protocol"].text("TCP"), one["port"].whole()) for one in ports} == {("UDP", 53), ("TCP", 53)}


def test_a_gateway_is_told_as_environments_name_it_with_its_address() -> None:
    made = gateway.gateway("traefik", 8000)
    assert gateway.told(made) == "sluiceway/edge"
    found = {**made, "status": {"addresses": [{"value": "10.99.0.1"}]}}
    assert gateway.told(found) == "sluiceway/edge at 10.99.0.1:8000"


@given(ROLES, st.integers(1, 9), st.integers(0, 9))
def test_every_part_takes_memory_once_and_the_firewall_on_each_node(roles, nodes, more):
    wanted = {str(role): PROGRAMS[role][0] for role in roles}
    whole = memory_mb(wanted, (), nodes, nodes)
    firewall = MEMORY_MB["kube-router"] if Role.FIREWALL in roles else 0
    assert whole == sum(MEMORY_MB[one] for one in wanted.values()) + firewall * (nodes - 1)
    assert memory_mb(wanted, wanted, nodes + more, more) == firewall * more
    assert whole + firewall * more == memory_mb(wanted, (), nodes + more, more)


def test_of_each_program_it_is_known_what_it_takes():
    assert {one for programs in PROGRAMS.values() for one in programs} == {*MEMORY_MB}
