"""The contract of every source of counters: what was sent is what is counted, by version, errors from the first one."""

import json
import subprocess
from contextlib import asynccontextmanager

import httpx2
import pytest

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.metric_sources.port import Comparison
from activities.releases.metric_sources.prometheus import PrometheusSource, as_of, fill
from activities.releases.metric_sources.registry import sources
from activities.releases.metric_sources.router import RouterSource
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.supervisor.service import answers, free_port
from domain.core.errors import SluicewayError
from domain.releases.counters import arm, merged, usable
from domain.releases.judge.policy import Metric, Policy
from domain.releases.traffic_baseline import BUCKETS_S, Baseline
from tests.support.lab import until
from tests.support.machine import Machine, on_a_machine, version

BASELINE = Baseline(10.0, BUCKETS_S[20], BUCKETS_S[24])
CUSTOM = Policy(
    metrics=(
        Metric("errors", 0.5),
        Metric(
            "bad",
            0.5,
            events='traefik_service_requests_total{service="{{service}}_{{environment}}_{{instance}}@file",code="500"}',
            total='traefik_service_requests_total{service="{{service}}_{{environment}}_{{instance}}@file"}',
        ),
    )
)


@asynccontextmanager
async def prometheus(folder, router: Traefik):
    """A real server that scrapes the router each 200 ms."""
    port = free_port()
    config = folder / "prometheus.yml"
    scrape = {"job_name": "router", "static_configs": [{"targets": [f"127.0.0.1:{router.ports.api}"]}]}
    config.write_text(json.dumps({"global": {"scrape_interval": "200ms"}, "scrape_configs": [scrape]}))
    command = [
        "prometheus",
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        await until(lambda: answers(port, "/-/ready"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
async def machine(tmp_path):
    async with on_a_machine(tmp_path) as made:
        yield made


async def serving(machine: Machine) -> Comparison:
    old, new = version("1", "r1"), version("2", "r2", env={"FAIL_EVERY": "2"})
    await machine.start(old)
    await machine.start(new)
    await machine.shift(new, old, 25)
    return Comparison(new, old, Policy(), BASELINE, 25)


async def counted(source, watched: Comparison, machine: Machine) -> dict[str, dict[str, int]]:
    """What a source says of 40 requests, ten of them to the new version, which fails every second one."""
    await machine.versions(8)  # so that every series exists
    before = await until(lambda: complete(source, watched, 8))
    for _ in range(40):
        await machine.ask()
    now = await until(lambda: complete(source, watched, 48))
    assert usable(before, now)
    found = {name: arm(before.arms[name], now.arms[name], watched.policy) for name in now.arms}
    return {name: {"requests": one.requests, **one.events} for name, one in found.items()}


async def complete(source, watched: Comparison, requests: int):
    reading = await source.read(watched)
    total = sum(value for one in reading.arms.values() for value in one.get("requests", {}).values())
    return reading if total == requests else None


EXPECTED = {
    "canary": {"requests": 10, "errors": 5, "slow90": 0, "slow99": 0},
    "stable": {"requests": 30, "errors": 0, "slow90": 0, "slow99": 0},
}


async def test_the_router_counts_what_was_sent(machine):
    watched = await serving(machine)

    assert await counted(RouterSource(machine.router), watched, machine) == EXPECTED


@pytest.mark.usefixtures("needs_prometheus")
async def test_prometheus_counts_what_was_sent(machine, tmp_path):
    watched = await serving(machine)
    async with prometheus(tmp_path, machine.router) as address:
        assert await counted(PrometheusSource(address, builtin=True), watched, machine) == EXPECTED


@pytest.mark.usefixtures("needs_prometheus")
async def test_custom_metrics_come_from_prometheus_beside_the_routers_own(machine, tmp_path):
    watched = await serving(machine)
    await machine.versions(8)
    async with prometheus(tmp_path, machine.router) as address:
        policy = Policy(metrics=CUSTOM.metrics, prometheus=address)
        both = sources(machine.router)(policy)

        async def read():
            reading = merged(
                [await source.read(Comparison(watched.canary, watched.stable, policy, BASELINE)) for source in both]
            )
            one = arm({}, reading.arms["canary"], policy)
            return one if one.totals.get("bad") == 2 else None

        one = await until(read)
    assert one.count("bad") == (1, 2)
    assert one.count("errors") == (1, 2)


def test_every_series_is_read_as_of_one_scrape():
    samples = {"old": [(1.0, 5.0), (2.0, 7.0)], "new": [(2.0, 1.0)]}

    assert as_of(1.0, samples) == {"old": 5.0}
    assert as_of(2.0, samples) == {"old": 7.0, "new": 1.0}


async def test_a_scrape_between_two_queries_leaves_no_failure_out():
    scrapes = iter([1, 2, 3, 4])

    def answer(request: httpx2.Request) -> httpx2.Response:
        upto = next(scrapes)  # one more scrape with every query
        values = [[at, str(at)] for at in range(1, upto + 1)]
        return httpx2.Response(200, json={"status": "success", "data": {"result": [{"metric": {}, "values": values}]}})

    one = version("1", "r1")
    source = PrometheusSource("http://127.0.0.1", builtin=False, transport=httpx2.MockTransport(answer))
    reading = await source.read(Comparison(one, one, CUSTOM, BASELINE))

    assert reading.arms["canary"] == {"total:bad": {"": 1.0}, "events:bad": {"": 1.0}}


@pytest.mark.usefixtures("needs_prometheus")
async def test_a_scrape_that_has_not_come_yet_makes_no_tick(machine, tmp_path):
    watched = await serving(machine)
    await machine.versions(8)
    async with prometheus(tmp_path, machine.router) as address:
        source = PrometheusSource(address, builtin=True)
        first = await until(lambda: complete(source, watched, 8))
        same = await source.read(watched)
        while usable(first, same):
            first, same = same, await source.read(watched)
        assert first.at == same.at


async def test_a_source_that_does_not_answer_says_so(tmp_path):
    nobody = Ports(free_port(), free_port())
    watched = Comparison(version("2", "r2"), version("1", "r1"), Policy(), BASELINE)
    for source in (
        RouterSource(Traefik(tmp_path, nobody)),
        PrometheusSource(f"http://127.0.0.1:{nobody.web}", builtin=True),
    ):
        with pytest.raises(SluicewayError):
            await source.read(watched)


async def test_the_memory_source_splits_by_weight():
    source = MemorySource()
    source.error_rate = {"2": 0.1}
    watched = Comparison(version("2", "r2"), version("1", "r1"), Policy(), Baseline(), 25)
    before, now = await source.read(watched), await source.read(watched)

    assert arm(before.arms["canary"], now.arms["canary"], Policy()).count("errors") == (25, 250)
    assert arm(before.arms["stable"], now.arms["stable"], Policy()).count("errors") == (0, 750)


def test_a_version_cannot_break_out_of_a_query():
    hostile = version('1"} or vector(1)\n', "r1")

    assert fill('x_total{version="{{version}}"}', hostile) == 'x_total{version="1\\"} or vector(1)"}'
