"""What a real Prometheus has scraped of recorded pages is what the pages say, in each dialect of a cluster's routers.

Its short sibling is tests/activities/releases/cluster_traffic/test_prometheus.py, with one in memory.
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from activities.releases.cluster_traffic.dialects import DIALECTS, Named
from activities.releases.cluster_traffic.dialects import read as read_pages
from activities.releases.cluster_traffic.prometheus import read, through
from domain.core.errors import SluicewayError
from domain.releases.kubernetes.counted import Prometheus
from tests.activities.releases.cluster_traffic.test_dialects import PAGES, SHOP
from tests.support.lab import until
from tests.support.played_gateway import PlayedApi
from tests.support.scraping import scraping

pytestmark = pytest.mark.system
TEXTS = {f"/{name}": f"{DIALECTS[name].alive} 1\n{text.strip()}\n" for name, text in PAGES.items()}
NOBODY = Named("prod", "shop", "shop-r9", "2/9")


@pytest.fixture(scope="module")
async def prometheus(tmp_path_factory):
    """The address of a server that scrapes each page as a job of two processes, whose target has a label `service`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            text = TEXTS[self.path].encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_): ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        hosts = [f"{host}:{server.server_port}" for host in ("127.0.0.1", "localhost")]
        jobs = [
            {
                "job_name": name,
                "metrics_path": f"/{name}",
                "static_configs": [{"targets": hosts, "labels": {"service": "router", "namespace": "edge"}}],
            }
            for name in PAGES
        ]
        twice = {**jobs[0], "job_name": "once more"}
        try:
            async with scraping(tmp_path_factory.mktemp("prometheus"), [*jobs, twice]) as address:
                yield address
        finally:
            server.shutdown()


def flat(found):
    within = {bound: sum(series.values()) for bound, series in found.within.items()}
    return found.answered, sum(found.errors.values()), sum(found.timed.values()), within


@pytest.mark.parametrize("dialect", PAGES)
async def test_both_sources_count_the_same(prometheus, dialect):
    spoken = DIALECTS["istio" if dialect == "istio-clusters" else dialect]
    chosen = Prometheus(address=prometheus, labels={"job": dialect})
    pages = dict.fromkeys(("one", "two"), TEXTS[f"/{dialect}"])
    expected = [flat(one) for one in read_pages(spoken, pages, [SHOP, NOBODY])]

    def scraped():
        found = read(through(PlayedApi(), chosen), chosen, spoken, [SHOP, NOBODY])
        return [flat(one) for one in found] == expected and all(one.at for one in found)

    assert await until(scraped)


async def test_a_process_that_two_jobs_scrape_is_refused(prometheus):
    chosen = Prometheus(address=prometheus)

    def refused():
        with pytest.raises(SluicewayError, match="SLW869") as told:
            read(through(PlayedApi(), chosen), chosen, DIALECTS["traefik"], [SHOP])
        return "2 jobs or replicas" in told.value.why

    assert await until(refused)


async def test_what_it_refuses_is_told_in_its_words(prometheus):
    chosen = Prometheus(address=prometheus, labels={"no name": "x"})
    with pytest.raises(SluicewayError, match="SLW882") as refused:
        read(through(PlayedApi(), chosen), chosen, DIALECTS["traefik"], [SHOP])
    assert "parse error" in refused.value.why
