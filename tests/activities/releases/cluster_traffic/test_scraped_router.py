"""A router whose counters a Prometheus keeps: what is older than the question proves nothing."""

from dataclasses import dataclass, field, replace

import pytest

from activities.core import serialization
from activities.releases.cluster_traffic.prometheus import LATE_S
from activities.releases.histories import Histories
from activities.releases.later_counters import later_counters
from activities.releases.metric_sources.port import Comparison
from activities.releases.metric_sources.registry import sources
from activities.releases.metric_sources.router import RouterSource
from activities.releases.router_counters import Counters
from activities.releases.routers.gateway_api.router import GatewayApiRouter
from activities.releases.routers.port import Backend
from domain.core.errors import SluicewayError
from domain.releases.counters import usable
from domain.releases.deployment import Deployment
from domain.releases.judge.policy import Metric, Policy
from domain.releases.kubernetes.counted import Prometheus
from domain.releases.spec import RolloutSpec
from domain.releases.traffic_baseline import Baseline
from tests.support.played_gateway import PlayedGateway
from tests.support.played_prometheus import PlayedPrometheus

EVERY_S = 15.0


@dataclass
class Scene:
    """A Gateway, a Prometheus in its cluster that scrapes its pods every 15 s, and a release that is counted there."""

    played: PlayedGateway = field(default_factory=PlayedGateway)
    scraping: bool = True
    prometheus: PlayedPrometheus = field(default_factory=PlayedPrometheus)

    def __post_init__(self) -> None:
        self.pages = self.played.api.raw
        setattr(self.played.api, "raw", self.raw)  # noqa: B010  (a method of an object in memory is replaced)
        self.router = GatewayApiRouter(lambda name: self.played.api, self.played.plane)
        self.began = self.prometheus.now = self.played.clock.now()
        self.next = self.began

    def raw(self, path, query=None):
        assert path == "/api/v1/namespaces/monitoring/services/prometheus:9090/proxy/api/v1/query"
        self.prometheus.now = self.played.clock.now()
        while self.scraping and self.next <= self.prometheus.now:
            self.scrape(self.next)
            self.next += EVERY_S
        return self.prometheus(query["query"])

    def scrape(self, at):
        for process in self.played.processes:
            page = f"traefik_config_last_reload_success 1\n{self.pages(f'/p-{process}:9100/')}"
            self.prometheus.scrape(process, page, at=at)

    def backend(self, instance):
        one = self.played.release(instance)
        assert one.spec.kubernetes is not None
        counters = Prometheus(service="monitoring/prometheus:9090")
        here = replace(one.spec.kubernetes, place=replace(one.spec.kubernetes.place, counters=counters))
        return Backend(replace(one, spec=replace(one.spec, kubernetes=here)))


@pytest.fixture
def scene():
    return Scene()


async def test_the_registered_prometheus_counts_instead_of_the_pods(scene):
    old, new = scene.backend("r1"), scene.backend("r2")
    await scene.router.split(new, old, 25)
    for process in scene.played.processes:
        for _ in range(20):
            await scene.played.request(type("To", (), {"host": process}), "shop.example", "/")
    counted = await later_counters(scene.router, scene.played.clock, new.deployment, old.deployment)
    assert sum(one.answered for one in counted) == 60
    assert {one.at for one in counted} == {scene.next - EVERY_S}


def test_who_counts_is_recorded_with_a_version(scene):
    one = scene.backend("r1").deployment
    assert serialization.load(Deployment, serialization.dump(one)) == one


async def test_a_release_that_prometheus_could_not_judge_is_refused_before_it_begins(scene):
    scene.scraping = False
    judged = scene.backend("r2").deployment
    judged = replace(judged, spec=replace(judged.spec, strategy="canary", rollout=RolloutSpec(judged=True)))
    (refused,) = await scene.router.refusals(judged)
    assert "traefik_config_last_reload_success" in refused


async def test_the_same_scrape_twice_makes_no_tick(scene):
    old, new = scene.backend("r1").deployment, scene.backend("r2").deployment
    source, watched = RouterSource({"gateway-api": scene.router}), Comparison(new, old, Policy(), Baseline())
    first, same = await source.read(watched), await source.read(watched)
    await scene.played.clock.sleep(EVERY_S)
    assert (usable(first, same), usable(first, await source.read(watched))) == (False, True)


ORDERS = 'orders_total{version="{{instance}}",cluster="{{cluster}}"}'
QUERIED = Policy(metrics=(Metric(name="orders", share=1, events=f"failed_{ORDERS}", total=ORDERS),))


async def test_a_definition_s_queries_go_to_the_registered_prometheus_and_nowhere_else(scene):
    old, new = scene.backend("r1").deployment, scene.backend("r2").deployment
    page = "".join(f'{n}orders_total{{version="r{i}",cluster="c"}} {i}\n' for i in (1, 2) for n in ("", "failed_"))
    scene.prometheus.scrape("app", page, job="app")
    policy = replace(QUERIED, prometheus="http://127.0.0.1:1")
    _, queried = sources({"gateway-api": scene.router}, lambda name: scene.played.api)(policy)
    found = await queried.read(Comparison(new, old, policy, Baseline()))
    assert {arm: [*one["total:orders"].values()] for arm, one in found.arms.items()} == {"canary": [2], "stable": [1]}
    with pytest.raises(SluicewayError, match="names no Prometheus"):
        await queried.read(Comparison(scene.played.deployment("r2"), old, policy, Baseline()))


class Ending(GatewayApiRouter):
    """The last request of a version ends after `ends_s`; its counters are scraped each `every_s`, or never again."""

    def __init__(self, played, ends_s, every_s):
        super().__init__(lambda name: played.api, played.plane)
        self.clock, self.began, self.ends_s, self.every_s = played.clock, played.clock.now(), ends_s, every_s
        self.last = self.began - 0.1

    async def counters(self, *deployments):
        while self.every_s and self.last + self.every_s <= self.clock.now():
            self.last += self.every_s
        age_s = self.clock.now() - self.last
        if age_s > LATE_S:
            raise SluicewayError("SLW869", "too old")
        count = 5.0 + int(min(max(self.last - self.began, 0.0), self.ends_s))
        return [Counters({"a": count}, at=self.last, age_s=age_s) for _ in deployments]


@pytest.mark.parametrize("every_s", [1.0, 15.0, 60.0])
async def test_a_version_has_drained_when_two_scrapes_after_its_last_request_say_the_same(every_s):
    played = PlayedGateway()
    router = Ending(played, 7.0, every_s)
    drained = await router.drained(Backend(played.release("r1")), 30)
    assert drained.left == 0
    assert 9.0 <= drained.seconds <= 7.0 + 2.0 + 3 * every_s
    assert router.last - router.began >= 7.0 + 2.0


async def test_a_version_whose_counters_are_not_scraped_any_more_is_not_called_drained():
    played = PlayedGateway()
    with pytest.raises(SluicewayError, match="too old"):
        await Ending(played, 7.0, 0).drained(Backend(played.release("r1")), 30)


async def test_counters_that_are_asked_for_know_of_what_was_before():
    played = PlayedGateway()
    router = Ending(played, 1e9, 15.0)
    await played.clock.sleep(20)
    asked = played.clock.now()
    (found,) = await later_counters(router, played.clock, played.deployment("r1"))
    assert asked <= found.at <= asked + 15.0


class Unrecorded:
    """Nothing of a cluster is recorded here."""

    def baseline(self, deployment, tick_s):
        raise AssertionError


async def test_a_rate_is_that_between_two_scrapes():
    played = PlayedGateway()
    router = Ending(played, 1e9, 60.0)  # a request a second
    one = played.deployment("r1")
    found = await Histories(Unrecorded(), {"gateway-api": router}, played.clock).baseline(one, 1)
    assert (found.requests_per_s, found.seconds) == (1.0, 60.0)
