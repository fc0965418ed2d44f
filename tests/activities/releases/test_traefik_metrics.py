"""What is read of the router's counters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from activities.releases.routers.traefik.metrics import parse
from domain.releases.traffic_baseline import BUCKETS_S

FIRST = f"{BUCKETS_S[0]:g}"
TEXT = f"""# HELP traefik_service_requests_total How many HTTP requests processed on a service
# TYPE traefik_service_requests_total counter
traefik_service_requests_total{{code="200",method="GET",protocol="http",service="web_production_r1@file"}} 40
traefik_service_requests_total{{code="502",method="GET",protocol="http",service="web_production_r1@file"}} 2
traefik_service_requests_total{{code="200",method="GET",protocol="http",service="api_production_r1@file"}} 1.5e+06
# TYPE traefik_service_request_duration_seconds histogram
traefik_service_request_duration_seconds_bucket{{code="200",method="GET",protocol="http",service="web_production_r1@file",le="{FIRST}"}} 31
traefik_service_request_duration_seconds_bucket{{code="200",method="GET",protocol="http",service="web_production_r1@file",le="+Inf"}} 40
traefik_service_request_duration_seconds_sum{{code="200",method="GET",protocol="http",service="web_production_r1@file"}} 0.4
traefik_service_request_duration_seconds_count{{code="200",method="GET",protocol="http",service="web_production_r1@file"}} 40
traefik_service_requests_bytes_total{{code="200",method="GET",protocol="http",service="web_production_r1@file"}} 9
traefik_open_connections{{entrypoint="web",protocol="TCP"}} 1
"""


def test_requests_errors_and_times_are_counted_by_version() -> None:
    web = parse(TEXT)["web_production_r1"]

    assert web.requests == {"200 GET http": 40, "502 GET http": 2}
    assert web.errors == {"502 GET http": 2}
    assert web.timed == {"200 GET http": 40}
    assert dict(web.within) == {BUCKETS_S[0]: {"200 GET http": 31}}


def test_values_are_read_anew_each_time() -> None:
    assert parse(TEXT)["api_production_r1"].requests == {"200 GET http": 1_500_000}
    assert parse(TEXT.replace("1.5e+06", "1600000"))["api_production_r1"].requests == {"200 GET http": 1_600_000}


def test_only_the_versions_that_are_asked_for_are_read() -> None:
    assert set(parse(TEXT, {"api_production_r1"})) == {"api_production_r1"}


@pytest.mark.parametrize("line", ["{", '{code="200} 1', '{le="x"} 1', '{code="2",code="3"} 1'])
def test_what_cannot_be_read_is_left_out(line):
    assert parse(f"traefik_service_request_duration_seconds_bucket{line}\n") == {}


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])), st.integers(0), max_size=5))
def test_any_name_of_a_service_is_read_as_prometheus_reads_it(counts):
    escaped = {name.replace("\\", r"\\").replace('"', r"\""): count for name, count in counts.items()}
    text = "".join(f'traefik_service_requests_total{{service="{name}"}} {n}\n' for name, n in escaped.items())
    expected = [one for family in text_string_to_metric_families(text) for one in family.samples]
    found = parse(text)

    assert [sum(found[one.labels["service"].removesuffix("@file")].requests.values()) for one in expected] == [
        float(one.value) for one in expected
    ]
