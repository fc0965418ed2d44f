"""What a Prometheus has scraped is what the router's pods say, older; what it does not know is no zero."""

import base64
import json
import re
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.releases.cluster_traffic import prometheus
from activities.releases.cluster_traffic.dialects import DIALECTS, Named, of_samples
from activities.releases.cluster_traffic.dialects import read as read_pages
from activities.releases.cluster_traffic.prometheus import LATE_S, read, through
from domain.core.documents import Manifest
from domain.core.errors import RefusedError, SluicewayError
from domain.releases.counters import increase
from domain.releases.kubernetes.counted import Prometheus
from tests.activities.releases.cluster_traffic.test_dialects import PAGES, SHOP
from tests.support.played_gateway import PlayedApi
from tests.support.played_prometheus import PlayedPrometheus, matchers

NEXT = replace(SHOP, service="shop-r2", place="2/1")
TRAEFIK, HERE = DIALECTS["traefik"], Prometheus(address="http://prometheus")
SERIES = 'traefik_service_requests_total{{code="200",service="httproute-prod-shop-gw-infra-edge-ep-web-1-5f-svc-prod-{}-0@kubernetesgateway"}}'


given_tokens: list[str] = []


def page(dialect, *lines):
    return "\n".join((f"{DIALECTS[dialect].alive} 1", *lines, ""))


def counted(requests, service="shop-r1"):
    return page("traefik", f"{SERIES.format(service)} {requests}")


def flat(found):
    within = {bound: sum(series.values()) for bound, series in found.within.items()}
    return found.answered, sum(found.errors.values()), sum(found.timed.values()), within


@pytest.fixture
def played():
    return PlayedPrometheus()


@pytest.fixture
def served_text():
    """An address, and what it answers: status, location and text, one request after the other."""
    answers: list[tuple[int, str, str]] = []
    given_tokens.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, location, text = answers.pop(0)
            given_tokens.append(self.headers.get("Authorization", ""))
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()


@pytest.mark.parametrize("dialect", PAGES)
def test_both_sources_count_the_same_of_the_same_pages(played, dialect):
    pages = {"10.0.0.1:9100": page(dialect, PAGES[dialect]), "10.0.0.2:9100": page(dialect, PAGES[dialect])}
    for process, text in pages.items():
        played.scrape(process, text)
    asked = "istio" if dialect == "istio-clusters" else dialect
    scraped = [flat(one) for one in read(played, HERE, DIALECTS[asked], [SHOP, NEXT])]
    assert scraped == [flat(one) for one in read_pages(DIALECTS[asked], pages, [SHOP, NEXT])]
    assert scraped[0] == (200, 20, 200, {0.1: 160})


@pytest.mark.parametrize("target", [{"service": "traefik", "namespace": "edge"}, {"pod": "p", "container": "c"}])
def test_a_label_of_the_target_hides_no_version(played, target):
    played.scrape("one", counted(7), **target)
    (found,) = read(played, HERE, TRAEFIK, [SHOP])
    assert found.answered == 7


def test_a_version_without_a_request_has_none_only_while_its_router_is_scraped(played):
    played.scrape("one", counted(7))
    assert [one.answered for one in read(played, HERE, TRAEFIK, [SHOP, NEXT])] == [7, 0]
    played.miss("one")
    with pytest.raises(SluicewayError, match="no counters") as refused:
        read(played, HERE, TRAEFIK, [SHOP, NEXT])
    assert (refused.value.code, refused.value.transient) == ("SLW869", True)
    assert "traefik_config_last_reload_success" in refused.value.why


def test_a_router_that_is_counted_in_another_dialect_has_no_counters(played):
    played.scrape("one", page("linkerd", PAGES["linkerd"]))
    with pytest.raises(SluicewayError, match="no counters"):
        read(played, HERE, TRAEFIK, [SHOP])


def test_scrapes_that_are_too_old_are_none(played):
    played.scrape("one", counted(7))
    played.now += LATE_S
    (found,) = read(played, HERE, TRAEFIK, [SHOP])
    assert (found.at, found.age_s) == (played.now - LATE_S, LATE_S)
    played.now += 1
    with pytest.raises(SluicewayError) as refused:
        read(played, HERE, TRAEFIK, [SHOP])
    assert "151 s ago" in refused.value.why


def test_counters_are_those_of_one_moment_at_which_every_process_was_scraped(played):
    played.scrape("one", counted(5), at=played.now - 20)
    played.scrape("two", counted(100), at=played.now - 12)
    played.scrape("one", counted(6), at=played.now - 10)
    played.scrape("two", counted(200), at=played.now - 2)
    (found,) = read(played, HERE, TRAEFIK, [SHOP])
    assert (found.at, found.answered) == (played.now - 10, 106)


def test_a_process_that_missed_a_scrape_does_not_count_from_zero_again(played):
    for process in ("one", "two"):
        played.scrape(process, counted(1000))
    (before,) = read(played, HERE, TRAEFIK, [SHOP])
    played.now += 15
    played.scrape("one", counted(1003))
    played.miss("two")
    (during,) = read(played, HERE, TRAEFIK, [SHOP])
    played.now += 15
    played.scrape("one", counted(1003))
    played.scrape("two", counted(1004))
    (after,) = read(played, HERE, TRAEFIK, [SHOP])
    assert increase(before.requests, during.requests) == 3
    assert increase(during.requests, after.requests) == 4


def test_a_process_that_is_gone_takes_nothing_back_and_holds_nobody_up(played):
    for process in ("one", "two"):
        played.scrape(process, counted(10))
    (before,) = read(played, HERE, TRAEFIK, [SHOP])
    for _ in range(30):
        played.now += 15
        played.scrape("one", counted(11))
        played.miss("two")
    (after,) = read(played, HERE, TRAEFIK, [SHOP])
    assert (after.age_s, increase(before.requests, after.requests)) == (0, 1)


def test_a_restarted_process_counts_from_zero(played):
    played.scrape("one", counted(1000))
    (before,) = read(played, HERE, TRAEFIK, [SHOP])
    played.now += 15
    played.scrape("one", counted(4))
    (after,) = read(played, HERE, TRAEFIK, [SHOP])
    assert increase(before.requests, after.requests) == 4


def test_a_process_that_two_jobs_scrape_is_refused_until_one_is_chosen(played):
    played.scrape("one", counted(7), job="pods")
    played.scrape("one", counted(7), job="monitor")
    with pytest.raises(SluicewayError) as refused:
        read(played, HERE, TRAEFIK, [SHOP])
    assert "labels" in refused.value.advice
    (found,) = read(played, replace(HERE, labels={"job": "pods"}), TRAEFIK, [SHOP])
    assert found.answered == 7


def test_one_of_several_clusters_is_chosen_by_its_labels(played):
    played.scrape("one", counted(7), cluster="eu")
    played.scrape("two", counted(9), cluster="us")
    chosen = Prometheus(address="http://prometheus", labels={"cluster": "{cluster}"}).of("us")
    (found,) = read(played, chosen, TRAEFIK, [SHOP])
    assert found.answered == 9


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-1"])
def test_what_is_no_count_is_not_counted(played, value):
    played.scrape("one", page("traefik", f"{SERIES.format('shop-r1')} {value}"))
    (found,) = read(played, HERE, TRAEFIK, [SHOP])
    assert found.requests == {}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("", "SLW881"),
        ("[]", "SLW881"),
        ("null", "SLW881"),
        ("[" * 100_000, "SLW881"),
        ('{"status":"success","data":{"result":{}}}', "SLW881"),
        ('{"status":"success","data":{"result":[1, null, {"metric": [], "value": ["a"]}]}}', "SLW881"),
        ('{"status":"success","data":{"result":[{"metric":{},"value":[1e9,"NaN"]}]}}', "SLW869"),
        ('{"status":"success","data":{"result":[]},"warnings":["a store is away"]}', "SLW881"),
        ('{"status":"error","error":"it would be too expensive"}', "SLW882"),
    ],
)
def test_an_answer_that_is_none_is_told_and_never_counted(answer, code):
    with pytest.raises(SluicewayError) as refused:
        read(lambda query: answer, HERE, TRAEFIK, [SHOP])
    assert refused.value.code == code


def test_more_series_than_can_be_those_of_two_versions_are_refused(monkeypatch, played):
    monkeypatch.setattr(prometheus, "MAX_SERIES", 1)
    for process in ("one", "two"):
        played.scrape(process, counted(7))
    with pytest.raises(SluicewayError) as refused:
        read(played, HERE, TRAEFIK, [SHOP])
    assert "more than 1" in refused.value.why


@given(st.text())
def test_no_label_of_an_environment_ends_its_quotes(value):
    played = PlayedPrometheus()
    with pytest.raises(SluicewayError):
        read(played, replace(HERE, labels={"job": value}), TRAEFIK, [SHOP])
    (query,) = played.asked
    inside = re.fullmatch(r"timestamp\(\w+\{(.*)\}\)", query, re.DOTALL)
    assert inside is not None
    assert matchers(inside[1]) == [("job", "=", value)]


@given(st.text(alphabet="abz09.-", min_size=1, max_size=20), st.text(alphabet="abz09.-", max_size=20))
def test_a_query_finds_a_version_by_its_whole_name_and_nobody_else_s_counts_as_its(name, more):
    played = PlayedPrometheus()
    played.scrape("one", counted(7, name))
    played.scrape("two", counted(9, f"{name}{more}x"))
    (found,) = read(played, HERE, TRAEFIK, [Named("prod", "shop", name)])
    assert found.answered == 7


def test_without_samples_nothing_is_counted():
    assert [one.answered for one in of_samples(TRAEFIK, [], [SHOP])] == [0]


def test_a_service_of_the_cluster_is_asked_through_its_api_server():
    asked = []

    class Api(PlayedApi):
        def raw(self, path, query=None):
            asked.append((path, query))
            return "{}"

    through(Api(), Prometheus(service="monitoring/prometheus:9090"))("up")
    assert asked == [("/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query", {"query": "up"})]


def test_an_address_is_asked_itself_and_leads_nowhere_else(monkeypatch, served_text):
    address, answers = served_text
    answers += [(200, "", json.dumps({"status": "success"})), (302, "http://127.0.0.1:1/", ""), (200, "", "x" * 100)]
    ask = through(PlayedApi(), Prometheus(address=address))
    assert json.loads(ask("up")) == {"status": "success"}
    with pytest.raises(OSError, match="302"):
        ask("up")
    monkeypatch.setattr(prometheus, "MAX_BYTES", 99)
    with pytest.raises(OSError, match="longer"):
        ask("up")


def holding(address, token):
    """An API with a Secret that is for an address."""
    api = PlayedApi()
    notes: Manifest = {"sluiceway.dev/prometheus": address} if address else {}
    meta: Manifest = {"name": "prometheus", "namespace": "monitoring", "annotations": notes}
    data: Manifest = {"token": base64.b64encode(token).decode()}
    api.apply({"apiVersion": "v1", "kind": "Secret", "metadata": meta, "data": data})
    return api


def test_a_token_goes_to_the_address_that_its_secret_names(served_text):
    address, answers = served_text
    answers += [(200, "", "{}"), (200, "", "{}")]
    ask = through(holding(address, b"abc.d-e_f~g+h/i==\n"), Prometheus(address=address, token="monitoring/prometheus"))
    assert [ask("up"), ask("up")] == ["{}", "{}"]
    assert given_tokens == ["Bearer abc.d-e_f~g+h/i=="] * 2


@pytest.mark.parametrize(
    ("api", "word"),
    [
        (PlayedApi(), "none of this name"),
        (holding("", b"t"), "does not say"),
        (holding("https://prometheus.example", b"t"), "does not say"),
        (holding("https://a.example", b""), "no token"),
        (holding("https://a.example", b"s3cret\r\nHost: b"), "no token"),
        (holding("https://a.example", b"\xff\xfe"), "no token"),
    ],
)
def test_no_other_secret_is_sent_anywhere(monkeypatch, api, word):
    monkeypatch.setattr(httpx2, "Client", None)
    ask = through(api, Prometheus(address="https://a.example", token="monitoring/prometheus"))
    with pytest.raises(RefusedError) as refused:
        ask("up")
    assert refused.value.code == "SLW869"
    assert word in refused.value.why
    assert "s3cret" not in str(refused.value)
