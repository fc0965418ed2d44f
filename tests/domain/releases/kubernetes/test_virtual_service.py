"""Rendered VirtualServices lead the traffic as the HTTPRoutes of the same state do."""

from hypothesis import given

from domain.clusters import metadata
from domain.core.documents import Node
from domain.releases.kubernetes import http_route, virtual_service
from domain.releases.kubernetes.traffic import ANNOTATION, read
from tests.domain.releases.kubernetes.strategies import EDGE, traffics
from tests.support.played_gateway import rules_of


def led(rendered):
    """Host to path, redirect and backends of each rule, whatever kind of route it is."""
    found = {}
    for one in rendered:
        (host,), rules = rules_of(one.manifest)
        found[host] = [(rule.path, rule.redirect, rule.backends) for rule in rules if rule.path or not rule.headers]
    return found


@given(traffics())
def test_both_kinds_of_route_lead_a_state_s_requests_alike(traffic):
    assert led(virtual_service.routes(traffic, EDGE)) == led(http_route.routes(traffic, EDGE))


@given(traffics())
def test_a_virtual_service_answers_with_its_sign_first_and_carries_the_state(traffic):
    for one in virtual_service.routes(traffic, EDGE):
        first = Node(one.manifest).at("spec", "http").first()
        assert first["match"].value == [{"uri": {"exact": one.path}}]
        assert first.at("redirect", "authority").text().startswith(f"{one.sign}.")
        assert read(metadata.annotations(one.manifest)[ANNOTATION]) == traffic
