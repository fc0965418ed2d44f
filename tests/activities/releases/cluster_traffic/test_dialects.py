"""Recorded pages of routers, each with the trap of its dialect."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.releases.cluster_traffic.dialects import DIALECTS, Named, read

SHOP = Named("prod", "shop", "shop-r1", "2/0")
ROUTE = "httproute-prod-shop-gw-infra-edge-ep-web-1-5fffd61eeb53feb31624-svc-prod-shop-r1-0@kubernetesgateway"
PREVIEW = ROUTE.replace("shop-gw", "shop-preview-gw")
COPY = ROUTE.replace("shop-r1-0", "shop-r1-preview-0")
OTHER = ROUTE.replace("shop-r1-0", "shop-r11-0")

PAGES = {
    "traefik": f"""
# TYPE traefik_service_requests_total counter
traefik_service_requests_total{{code="200",method="GET",protocol="http",service="{ROUTE}"}} 90
traefik_service_requests_total{{code="502",method="GET",protocol="http",service="{ROUTE}"}} 10
traefik_service_requests_total{{code="200",method="GET",protocol="http",service="{PREVIEW}"}} 5000
traefik_service_requests_total{{code="200",method="GET",protocol="http",service="{COPY}"}} 5000
traefik_service_requests_total{{code="200",method="GET",protocol="http",service="{OTHER}"}} 5000
traefik_service_request_duration_seconds_bucket{{code="200",method="GET",protocol="http",service="{ROUTE}",le="0.1"}} 80
traefik_service_request_duration_seconds_bucket{{code="200",method="GET",protocol="http",service="{ROUTE}",le="+Inf"}} 90
traefik_service_request_duration_seconds_count{{code="200",method="GET",protocol="http",service="{ROUTE}"}} 90
traefik_service_request_duration_seconds_count{{code="502",method="GET",protocol="http",service="{ROUTE}"}} 10
traefik_entrypoint_requests_total{{code="200",entrypoint="web",method="GET",protocol="http"}} 7777
""",
    "envoy-gateway": """
envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="httproute/prod/shop/rule/2/backend/0"} 90
envoy_cluster_upstream_rq_xx{envoy_response_code_class="5",envoy_cluster_name="httproute/prod/shop/rule/2/backend/0"} 10
envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="httproute/prod/shop/rule/2/backend/1"} 5000
envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="httproute/prod/shop/rule/2"} 5000
envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name="httproute/prod/shop/rule/2/backend/0",le="100"} 80
envoy_cluster_upstream_rq_time_count{envoy_cluster_name="httproute/prod/shop/rule/2/backend/0"} 100
""",
    "istio": """
istio_requests_total{reporter="source",response_code="200",destination_service_name="shop-r1",destination_service_namespace="prod"} 90
istio_requests_total{reporter="source",response_code="503",destination_service_name="shop-r1",destination_service_namespace="prod"} 10
istio_requests_total{reporter="destination",response_code="200",destination_service_name="shop-r1",destination_service_namespace="prod"} 90
istio_requests_total{reporter="source",response_code="200",destination_service_name="shop-r1",destination_service_namespace="test"} 5000
istio_request_duration_milliseconds_bucket{reporter="source",destination_service_name="shop-r1",destination_service_namespace="prod",le="100"} 80
istio_request_duration_milliseconds_count{reporter="source",destination_service_name="shop-r1",destination_service_namespace="prod"} 100
istio_request_duration_milliseconds_count{reporter="destination",destination_service_name="shop-r1",destination_service_namespace="prod"} 90
""",
    "istio-clusters": """
envoy_cluster_upstream_rq{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local",response_code="200"} 90
envoy_cluster_upstream_rq{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local",response_code="503"} 10
envoy_cluster_upstream_rq{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local",response_code_class="2xx"} 90
envoy_cluster_upstream_rq{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local",response_code_class="5xx"} 10
envoy_cluster_upstream_rq{cluster_name="outbound|8080||shop-r1.prod2.svc.cluster.local",response_code_class="2xx"} 5000
envoy_cluster_upstream_rq{cluster_name="outbound|8080||shop-r1-preview.prod.svc.cluster.local",response_code_class="2xx"} 5000
envoy_cluster_upstream_rq{cluster_name="inbound|8080||",response_code_class="2xx"} 5000
envoy_cluster_external_upstream_rq{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local",response_code_class="2xx"} 90
envoy_cluster_upstream_rq_total{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local"} 100
envoy_cluster_upstream_rq_time_bucket{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local",le="100"} 80
envoy_cluster_upstream_rq_time_count{cluster_name="outbound|8080||shop-r1.prod.svc.cluster.local"} 100
""",
    "linkerd": """
response_total{direction="outbound",dst_service="shop-r1",dst_namespace="prod",status_code="200",classification="success"} 90
response_total{direction="outbound",dst_service="shop-r1",dst_namespace="prod",status_code="500",classification="failure"} 10
response_total{direction="inbound",dst_service="shop-r1",dst_namespace="prod",status_code="200",classification="success"} 90
response_latency_ms_bucket{direction="outbound",dst_service="shop-r1",dst_namespace="prod",status_code="200",le="100"} 80
response_latency_ms_count{direction="outbound",dst_service="shop-r1",dst_namespace="prod",status_code="200"} 100
""",
}


def shop(dialect, pages):
    (found,) = read(DIALECTS[dialect], pages, [SHOP])
    return found


@pytest.mark.parametrize("dialect", PAGES)
def test_a_version_s_requests_are_counted_once_and_nobody_else_s(dialect):
    found = shop(dialect, {"one": PAGES[dialect]})
    assert (found.answered, sum(found.errors.values()), sum(found.timed.values())) == (100, 10, 100)
    assert {bound: sum(series.values()) for bound, series in found.within.items()} == {0.1: 80}


@pytest.mark.parametrize("dialect", PAGES)
def test_several_router_processes_are_summed_and_each_restarts_by_itself(dialect):
    found = shop(dialect, {"one": PAGES[dialect], "two": PAGES[dialect]})
    assert found.answered == 200
    assert {name.split(" ", 1)[0] for name in found.requests} == {"one", "two"}


def test_an_older_traefik_names_a_backend_by_its_service_alone():
    page = 'traefik_service_requests_total{code="200",service="prod-shop-r1-http-8080@kubernetesgateway"} 3\n'
    other = page.replace("shop-r1", "shop-r1-preview")
    assert shop("traefik", {"one": page + other}).answered == 3


def test_without_filters_of_its_own_a_backend_of_envoy_gateway_has_no_counters():
    (found,) = read(DIALECTS["envoy-gateway"], {"one": PAGES["envoy-gateway"]}, [Named("prod", "shop", "shop-r1")])
    assert found.answered == 0


@given(st.sampled_from(sorted(PAGES)), st.text(max_size=80))
def test_a_page_of_a_stranger_is_read_as_far_as_it_goes(dialect, text):
    start = DIALECTS[dialect].requests
    found = shop(dialect, {"one": f"{start}{text}\n{start}{{{text}}} 1\n{start}{{}} NaN\n" + PAGES[dialect]})
    assert found.answered >= 100


def test_an_envoy_without_the_counters_of_istio_is_read_by_cluster_and_one_with_both_once():
    clusters, both = PAGES["istio-clusters"], PAGES["istio"] + PAGES["istio-clusters"]
    assert shop("istio", {"one": clusters}).answered == shop("istio", {"one": both}).answered == 100
    assert shop("istio", {"one": PAGES["istio"], "two": clusters}).answered == 200
