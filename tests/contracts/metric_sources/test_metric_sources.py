"""The contract of every source of counters: what was sent is what is counted, by version, errors from the first one."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import httpx2
import pytest

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.metric_sources.port import Comparison, MetricSource
from activities.releases.metric_sources.prometheus import PrometheusSource, as_of, fill
from activities.releases.metric_sources.registry import sources
from activities.releases.metric_sources.router import RouterSource
from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.supervisor.service import free_port
from domain.core.errors import SluicewayError
from domain.releases.counters import CounterSample, arm, merged, usable
from domain.releases.judge.policy import Metric, Policy
from domain.releases.judge.ticks import Arm
from domain.releases.traffic_baseline import BUCKETS_S, Baseline
from tests.support.lab import until
from tests.support.machine import Machine, on_a_machine, version
from tests.support.scraping import scraping

BASELINE = Baseline(10.0, BUCKETS_S[20], BUCKETS_S[24])
CUSTOM = Policy(
    metrics=(
        Metric(name="errors", share=0.5),
        Metric(
            name="bad",
            share=0.5,
            events='traefik_service_requests_total{service="{{service}}_{{environment}}_{{instance}}@file",code="500"}',
            total='traefik_service_requests_total{service="{{service}}_{{environment}}_{{instance}}@file"}',
        ),
    )
)


@dataclass
class Traffic:
    """Two versions behind one router, the newer one at 25 % and failing every second time, for all tests of this file."""

    machine: Machine
    watched: Comparison
    sent: int = 0

    async def send(self, requests: int) -> None:
        """Eights of them, so that the versions' shares are whole."""
        assert requests % 8 == 0
        for _ in range(requests):
            await self.machine.ask()
        self.sent += requests

    async def complete(self, source: MetricSource) -> CounterSample | None:
        """A reading that knows of all that was sent."""
        reading = await source.read(self.watched)
        total = sum(value for one in reading.arms.values() for value in one.get("requests", {}).values())
        return reading if total == self.sent else None

    async def counted(self, source: MetricSource) -> dict[str, dict[str, int]]:
        """What a source says of 40 requests, ten of them to the new version, which fails every second one."""
        await self.send(8)  # so that every series exists
        before = await until(lambda: self.complete(source))
        await self.send(40)
        now = await until(lambda: self.complete(source))
        assert usable(before, now)
        found = {name: arm(before.arms[name], now.arms[name], self.watched.policy) for name in now.arms}
        return {name: {"requests": one.requests, **one.events} for name, one in found.items()}


@pytest.fixture(scope="module")
async def traffic(tmp_path_factory) -> AsyncIterator[Traffic]:
    async with on_a_machine(tmp_path_factory.mktemp("machine")) as machine:
        old, new = version("1", "r1"), version("2", "r2", env={"FAIL_EVERY": "2"})
        await asyncio.gather(machine.start(old), machine.start(new))
        await machine.shift(new, old, 25)
        yield Traffic(machine, Comparison(new, old, Policy(), BASELINE, 25))


@pytest.fixture(scope="module")
async def prometheus(traffic: Traffic, tmp_path_factory) -> AsyncIterator[str]:
    """The address of a real server that scrapes the router each 200 ms."""
    router = traffic.machine.router
    scrape = {
        "job_name": "router",
        "authorization": {"credentials": router.token()},
        "static_configs": [{"targets": [f"127.0.0.1:{router.ports.api}"]}],
    }
    async with scraping(tmp_path_factory.mktemp("prometheus"), [scrape]) as address:
        yield address


EXPECTED = {
    "canary": {"requests": 10, "errors": 5, "slow90": 0, "slow99": 0},
    "stable": {"requests": 30, "errors": 0, "slow90": 0, "slow99": 0},
}


async def test_the_router_counts_what_was_sent(traffic):
    assert await traffic.counted(RouterSource(routers(traffic.machine.router))) == EXPECTED


async def test_prometheus_counts_what_was_sent(traffic, prometheus):
    assert await traffic.counted(PrometheusSource(prometheus, builtin=True)) == EXPECTED


async def test_custom_metrics_come_from_prometheus_beside_the_routers_own(traffic, prometheus):
    policy = Policy(metrics=CUSTOM.metrics, prometheus=prometheus)
    both = sources(routers(traffic.machine.router))(policy)
    watched = replace(traffic.watched, policy=policy)
    await traffic.send(8)
    await until(lambda: traffic.complete(PrometheusSource(prometheus, builtin=True)))

    async def read() -> CounterSample:
        return merged([await source.read(watched) for source in both])

    before = await read()
    await traffic.send(8)

    async def seen() -> Arm | None:
        one = arm(before.arms["canary"], (await read()).arms["canary"], policy)
        return one if one.totals.get("bad") == 2 else None

    one = await until(seen)
    assert one.count("bad") == (1, 2)
    assert one.count("errors") == (1, 2)


def test_every_series_is_read_as_of_one_scrape() -> None:
    samples = {"old": [(1.0, 5.0), (2.0, 7.0)], "new": [(2.0, 1.0)]}

    assert as_of(1.0, samples) == {"old": 5.0}
    assert as_of(2.0, samples) == {"old": 7.0, "new": 1.0}


async def test_a_scrape_between_two_queries_leaves_no_failure_out() -> None:
    scrapes = iter([1, 2, 3, 4])

    def answer(request: httpx2.Request) -> httpx2.Response:
        upto = next(scrapes)  # one more scrape with every query
        values = [[at, str(at)] for at in range(1, upto + 1)]
        return httpx2.Response(200, json={"status": "success", "data": {"result": [{"metric": {}, "values": values}]}})

    one = version("1", "r1")
    source = PrometheusSource("http://127.0.0.1", builtin=False, transport=httpx2.MockTransport(answer))
    reading = await source.read(Comparison(one, one, CUSTOM, BASELINE))

    assert reading.arms["canary"] == {"total:bad": {"": 1.0}, "events:bad": {"": 1.0}}


async def test_a_scrape_that_has_not_come_yet_makes_no_tick(traffic, prometheus):
    await traffic.send(8)
    source = PrometheusSource(prometheus, builtin=True)
    first = await until(lambda: traffic.complete(source))
    same = await source.read(traffic.watched)
    while usable(first, same):
        first, same = same, await source.read(traffic.watched)
    assert first.at == same.at


async def test_a_source_that_does_not_answer_says_so(tmp_path):
    nobody = Ports(free_port(), free_port())
    watched = Comparison(version("2", "r2"), version("1", "r1"), Policy(), BASELINE)
    for source in (
        RouterSource(routers(Traefik(tmp_path, nobody))),
        PrometheusSource(f"http://127.0.0.1:{nobody.web}", builtin=True),
    ):
        with pytest.raises(SluicewayError):
            await source.read(watched)


async def test_the_memory_source_splits_by_weight() -> None:
    source = MemorySource()
    source.error_rate = {"2": 0.1}
    watched = Comparison(version("2", "r2"), version("1", "r1"), Policy(), Baseline(), 25)
    before, now = await source.read(watched), await source.read(watched)

    assert arm(before.arms["canary"], now.arms["canary"], Policy()).count("errors") == (25, 250)
    assert arm(before.arms["stable"], now.arms["stable"], Policy()).count("errors") == (0, 750)


def test_a_version_cannot_break_out_of_a_query() -> None:
    hostile = version('1"} or vector(1)\n', "r1")

    assert fill('x_total{version="{{version}}"}', hostile) == 'x_total{version="1\\"} or vector(1)"}'
