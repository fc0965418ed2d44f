"""Rendered routes: whole, exact, and each with the sign of its state."""

import json
import re

from hypothesis import given

from domain.clusters import metadata
from domain.releases.kubernetes.http_route import (
    SIGN_DOMAIN,
    Edge,
    features,
    lacking,
    routes,
    service_of,
)
from domain.releases.kubernetes.traffic import ANNOTATION, PARTS, Traffic, read, sign
from domain.releases.spec import Routing
from tests.domain.releases.kubernetes.strategies import EDGE, traffics

SHOP = Traffic().all_to("r1").split("r2", "r1", 10, Routing())


def rules(rendered):
    return rendered.manifest["spec"]["rules"]


def default(rendered):
    return rules(rendered)[-1]["backendRefs"]


def by_name(traffic, edge=EDGE):
    return {metadata.name(one.manifest): one for one in routes(traffic, edge)}


@given(traffics())
def test_the_service_s_route_holds_every_weight_and_keeps_who_has_none_warm(traffic):
    if not traffic.leads:
        assert "shop" not in by_name(traffic)
        return
    backends = {one["name"]: one["weight"] for one in default(by_name(traffic)["shop"])}
    assert backends == {service_of("shop", name): parts for name, parts in traffic.weights.items()}
    assert sum(backends.values()) == PARTS


@given(traffics())
def test_every_route_answers_with_its_state_s_sign_and_carries_the_state(traffic):
    for one in routes(traffic, EDGE):
        first = rules(one)[0]
        assert first["matches"] == [{"path": {"type": "Exact", "value": one.path}}]
        redirect = first["filters"][0]["requestRedirect"]
        assert redirect == {"hostname": f"{sign(traffic)}.{SIGN_DOMAIN}", "statusCode": 302}
        assert read(metadata.annotations(one.manifest)[ANNOTATION]) == traffic


@given(traffics())
def test_every_version_can_be_asked_at_the_preview_host_before_it_gets_a_weight(traffic):
    preview = by_name(traffic)["shop-preview"]
    asked = {
        rule["matches"][0]["headers"][0]["value"]: rule["backendRefs"][0]["name"]
        for rule in rules(preview)
        if "headers" in rule["matches"][0]
    }
    assert asked == {name: service_of("shop", name) for name in traffic.weights}
    assert preview.manifest["spec"]["hostnames"] == ["preview.shop.example"]


@given(traffics())
def test_both_arms_get_a_cookie_or_none_does(traffic):
    for one in routes(traffic, EDGE)[1:]:
        with_cookie = {each["name"] for each in default(one) if "Set-Cookie" in json.dumps(each)}
        leading = {each["name"] for each in default(one) if each["weight"]}
        assert with_cookie in (set(), leading)


@given(traffics())
def test_a_route_fits_the_limits_of_its_kind(traffic):
    for one in routes(traffic, EDGE):
        assert 1 <= len(rules(one)) <= 16
        assert all(len(rule["matches"]) <= 8 for rule in rules(one))


@given(traffics())
def test_preview_requests_and_copies_are_counted_apart_from_the_service_s(traffic):
    for one in routes(traffic, EDGE):
        for rule in rules(one):
            named = json.dumps(rule.get("filters", []))
            assert not re.search(r'"shop-r\d"', named), "a mirror never goes to the judged Service"


def test_a_header_and_a_cookie_lead_to_the_preview():
    routing = Routing(header="x-canary: yes", cookie="canary=a.b")
    shop = by_name(SHOP.previewed("r2", routing))["shop"]
    header, cookie = (rule["matches"][0]["headers"][0] for rule in rules(shop)[1:3])
    assert (header["name"], header["value"]) == ("x-canary", "yes")
    pattern = re.compile(cookie["value"])
    assert all(pattern.fullmatch(text) for text in ("canary=a.b", "one=1; canary=a.b", "canary=a.b; two=2"))
    assert not any(pattern.search(text) for text in ("canary=axb", "xcanary=a.b", "canary=a.bc"))


def test_what_a_class_cannot_is_named():
    routing = Routing(mirror_percent=10, sticky=True)
    asked = SHOP.split("r2", "r1", 50, routing).previewed("r2", routing)
    assert lacking(asked, EDGE.features) == []
    assert "HTTPRouteRequestMirror" in lacking(asked, frozenset())
    assert "HTTPRouteResponseHeaderModification" in lacking(asked, frozenset())
    assert lacking(SHOP, frozenset()) == []
    silent, telling = (lacking(asked, features("istio.io/gateway-controller", told)) for told in ([], ["Gateway"]))
    assert silent == []  # Istio's class tells nothing of its features
    assert telling != []
    assert lacking(asked, features("example.org/own", [])) == telling


def test_a_backend_has_a_filter_of_its_own_only_where_the_router_counts_by_it():
    plain = json.dumps(default(by_name(SHOP)["shop"]))
    counted = default(by_name(SHOP, Edge(**{**EDGE.__dict__, "per_backend": True}))["shop"])
    assert "filters" not in plain
    assert all(one["filters"][0]["type"] == "RequestHeaderModifier" for one in counted)
