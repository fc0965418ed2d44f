"""The judge of several clusters on simulated services: ten clusters of five requests a second, fixed seeds.

As in test_acceptance.py: few replications with wide intervals here, `sluiceway judge simulate` for the figures.
"""

from __future__ import annotations

from statistics import median

import pytest

from domain.releases.judge.simulation import fleet, services
from tests.judge.simulation import Numpy
from tests.judge.test_acceptance import quantile
from tests.support.profile import first_of, times

REPLICATIONS = times(quick=4, full=100)

HEALTHY = [
    fleet.alike(services.null(0.001)),
    fleet.alike(services.null(0.01)),
    fleet.alike(services.incident(5)),
    fleet.alike(services.BURSTY),
    fleet.alike(services.COLD),
    fleet.simpson(),
]


@pytest.mark.parametrize("row", first_of(*HEALTHY), ids=[row.name for row in HEALTHY])
def test_a_version_that_is_no_worse_anywhere_hardly_ever_goes_back_anywhere(row: fleet.Fleet) -> None:
    ended = [fleet.release(row, seed, Numpy, limit_s=1800) for seed in range(REPLICATIONS)]

    assert sum(bool(one.back or one.pooled_s) for one in ended) <= quantile(REPLICATIONS, 0.01)


TOGETHER = [
    # fleet, median seconds at most, and failed requests of the new version in all clusters
    (fleet.alike(services.worse(0.05)), 40, 25),
    (fleet.alike(services.worse(0.01)), 210, 35),
    (fleet.alike(services.TIMES5), 600, 50),
    (fleet.alike(services.SLOWER), 330, 10),
    (fleet.alike(services.TAIL), 240, 10),
]


@pytest.mark.parametrize(("row", "seconds", "failures"), TOGETHER, ids=[row.name for row, *_ in TOGETHER])
def test_all_clusters_find_together_and_soon_what_each_alone_finds_late(
    row: fleet.Fleet, seconds: float, failures: float
) -> None:
    ended = [fleet.release(row, seed, Numpy) for seed in range(REPLICATIONS)]
    alone = [fleet.release(row, seed, Numpy, pooling=False, limit_s=seconds) for seed in range(REPLICATIONS)]

    assert all(one.pooled_s for one in ended)
    assert median(one.pooled_s for one in ended) <= seconds
    assert median(one.failures for one in ended) <= failures
    assert median(len(one.back) for one in alone) <= 4  # of ten


ONE = [fleet.one_of(services.DOWN), fleet.one_of(services.worse(0.05))]


@pytest.mark.parametrize("row", ONE, ids=[row.name for row in ONE])
def test_a_cluster_that_alone_is_bad_goes_back_alone(row: fleet.Fleet) -> None:
    ended = [fleet.release(row, seed, Numpy, limit_s=900) for seed in range(REPLICATIONS)]

    assert all(list(one.back) == [0] for one in ended)
    assert not any(one.pooled_s for one in ended)


def test_counts_summed_over_clusters_would_convict_a_healthy_version() -> None:
    assert all(fleet.summed_alarm(fleet.simpson(), seed, Numpy, 600) for seed in range(REPLICATIONS))


def test_an_average_excess_exactly_at_the_margin_is_rarely_called_safe() -> None:
    replications = times(quick=20, full=300)

    assert sum(fleet.false_safety(seed, Numpy) for seed in range(replications)) <= quantile(replications, 0.05)
