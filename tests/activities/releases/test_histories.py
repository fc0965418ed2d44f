"""What is measured before a release: from the recorded hour here, from the routers' own counters in a cluster."""

from dataclasses import dataclass, field, replace

from activities.releases.histories import Histories
from activities.releases.router_counters import Counters
from domain.releases.capabilities import Capability
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.place import KubernetesSpec, Place
from domain.releases.traffic_baseline import Baseline
from tests.support.clocks import SteppedClock

PLACE = KubernetesSpec(place=Place(cluster="c", namespace="prod"))
HERE = Deployment(service="shop", environment="production", instance="r1", spec=DeploySpec(router="counting"))
THERE = replace(HERE, spec=DeploySpec(router="counting", kubernetes=PLACE))


@dataclass
class Counting:
    """Ten requests a second, of which the router has timed a hundred before."""

    clock: SteppedClock
    capabilities: frozenset = field(default=frozenset({Capability.COUNTERS}))

    async def counters(self, *deployments):
        count = 100 + 10 * (self.clock.now() - 1_000_000)
        made = Counters(requests={"a": count}, timed={"a": count})
        made.within[0.1]["a"], made.within[0.5]["a"], made.within[2.0]["a"] = 0.9 * count, 0.95 * count, count
        return [made]


class Recorded:
    def baseline(self, deployment, tick_s):
        return Baseline(7.0)


async def test_in_a_cluster_the_rate_and_the_bounds_are_those_of_its_routers():
    clock = SteppedClock()
    found = await Histories(Recorded(), {"counting": Counting(clock)}, clock).baseline(THERE, 10)
    assert (found.requests_per_s, found.slow90_s, found.slow99_s) == (10, 0.1, 2.0)


async def test_short_ticks_are_watched_one_by_one_so_their_dispersion_is_known():
    clock = SteppedClock()
    found = await Histories(Recorded(), {"counting": Counting(clock)}, clock).baseline(THERE, 1)
    assert (found.requests_per_s, found.seconds, set(found.phi)) == (10, 12, {"errors", "slow90", "slow99"})


async def test_on_this_machine_the_recorded_hour_counts():
    clock = SteppedClock()
    found = await Histories(Recorded(), {"counting": Counting(clock)}, clock).baseline(HERE, 10)
    assert found == Baseline(7.0)


async def test_without_counters_nothing_is_measured_and_nothing_fails():
    clock = SteppedClock()
    found = await Histories(Recorded(), {"counting": Counting(clock, frozenset())}, clock).baseline(THERE, 10)
    assert found == Baseline()
