"""The judge of several clusters: what pooling keeps and adds. Its rates on simulated services are in tests/judge."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.judge import explain
from domain.releases.judge.judge import Judge
from domain.releases.judge.policy import Policy
from domain.releases.judge.pooled import LATE, Pool
from domain.releases.judge.ticks import Arm, Tick
from domain.releases.judge.wave import doubt, proved

counts = st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
rows = st.tuples(counts, counts)
clusters = st.integers(2, 4).flatmap(
    lambda n: st.integers(1, 10).flatmap(
        lambda t: st.lists(st.lists(rows, min_size=t, max_size=t), min_size=n, max_size=n)
    )
)
Row = tuple[tuple[int, int], tuple[int, int]]


def tick(number: int, row: Row, percent: float = 10) -> Tick:
    canary, stable = (Arm(n, {"errors": x, "slow90": x // 2, "slow99": x // 3}) for x, n in row)
    return Tick(number, canary, stable, percent)


def pooled(columns: list[list[Row]], announced: int = 0, names: str = "abcdefgh") -> Pool:
    """A pool that was fed one column per cluster, tick by tick."""
    pool = Pool(Policy(), announced or len(columns))
    for name, _ in zip(names, columns, strict=False):
        pool.join(name, {"errors": 1.5})
    for number in range(max(len(column) for column in columns)):
        for name, column in zip(names, columns, strict=False):
            if number < len(column):
                pool.feed(name, tick(number, column[number]))
    return pool


def shown(pool: Pool) -> list[float]:
    """Evidence against the version, and for each weight."""
    return [
        *(one.process.evidence for one in pool.evidence.values()),
        *(one.process.excess for one in pool.evidence.values()),
        *(accept.evidence for accept in pool.accepts.values()),
    ]


def near(values: list[float]) -> object:
    return pytest.approx(values, rel=1e-9, abs=1e-7)


@given(st.lists(rows, min_size=1, max_size=12))
def test_one_cluster_is_judged_as_a_release_to_one_place_is(column):
    judge, pool = Judge(Policy(), {"errors": 1.5}), pooled([column])
    for number, row in enumerate(column):
        judge.feed(tick(number, row))

    alone = [
        *(one.process.evidence for one in judge.evidence.values()),
        *(one.process.excess for one in judge.evidence.values()),
        *(accept.evidence for accept in judge.accepts.values()),
    ]
    assert shown(pool) == near(alone)
    assert [one.threshold for one in pool.evidence.values()] == [one.threshold for one in judge.evidence.values()]
    assert bool(pool.failing) == bool(judge.failing) == bool(pool.failed)


@given(clusters, st.randoms())
def test_the_order_of_clusters_does_not_matter(columns, random):
    mixed = random.sample(columns, len(columns))

    assert shown(pooled(mixed)) == near(shown(pooled(columns)))


@given(clusters, st.randoms())
def test_it_does_not_matter_which_cluster_reports_first(columns, random):
    pool, names = Pool(Policy(), len(columns)), "abcd"[: len(columns)]
    for name in names:
        pool.join(name, {"errors": 1.5})
    left = {name: [tick(i, row) for i, row in enumerate(column)] for name, column in zip(names, columns, strict=True)}
    while any(left.values()):
        behind = max(len(ticks) for ticks in left.values())
        name = random.choice([one for one, ticks in left.items() if ticks and behind - len(ticks) < LATE])
        pool.feed(name, left[name].pop(0))

    assert shown(pool) == shown(pooled(columns))
    assert pool.rounds == len(columns[0])


@given(clusters)
def test_a_cluster_without_traffic_changes_nothing(columns):
    silent = [((0, 0), (0, 0))] * len(columns[0])
    beside = pooled([*columns, silent], len(columns) + 1)

    assert shown(beside) == near(shown(pooled(columns, len(columns) + 1)))


@given(clusters, st.data())
def test_more_failures_of_the_new_version_in_any_cluster_never_lower_the_evidence(columns, data):
    at, number = data.draw(st.integers(0, len(columns) - 1)), data.draw(st.integers(0, len(columns[0]) - 1))
    (x_c, n_c), stable = columns[at][number]
    worse = [list(column) for column in columns]
    worse[at][number] = ((min(x_c + 1, n_c), n_c), stable)

    before, after = pooled(columns).evidence["errors"], pooled(worse).evidence["errors"]
    assert after.process.evidence >= before.process.evidence - 1e-9


@given(st.lists(rows, min_size=1, max_size=20), st.integers(1, 3))
def test_one_bad_cluster_never_takes_back_those_without_a_failure(bad, others):
    clean = [((0, 100), (1, 100))] * len(bad)

    assert pooled([bad, *[clean] * others]).failing is None


def test_several_clusters_find_together_what_none_finds_alone() -> None:
    column = [((1, 40), (0, 120))] * 4
    pool = pooled([column] * 8)

    assert pool.failed == []
    assert pool.failing is pool.evidence["errors"]
    said = explain.together(8, pool.failing)
    assert "whichever of 8 clusters is left out: failed: 32 of 1,280 (2.5 %)" in said


def test_different_base_rates_and_weights_cannot_pass_for_a_difference() -> None:
    """Simpson: in sum the new version fails 4.6 % and the stable one 1.4 %; in each cluster both fail alike."""
    noisy, calm = [((50, 1000), (5, 100))] * 30, [((1, 100), (10, 1000))] * 30

    assert pooled([noisy, calm]).failing is None
    assert pooled([noisy, calm]).amber == []


def test_clusters_too_small_to_prove_anything_alone_prove_it_together() -> None:
    pool = pooled([[((0, 12), (0, 38))] * 20] * 6)

    assert not any(one.judge.safe(100.0) for one in pool.members.values())
    assert (100.0 in proved(pool), doubt(pool)) == (True, "")


@given(clusters)
def test_nothing_is_proven_amid_suspicion_of_all_together(columns):
    pool = pooled(columns)

    assert not (pool.amber and proved(pool))
    assert bool(pool.amber) <= bool(doubt(pool))
    assert all(pool.together_safe(percent) for percent in proved(pool))


def test_a_cluster_that_went_back_by_itself_is_no_doubt_about_the_others() -> None:
    clean = [((0, 100), (0, 900))] * 3
    pool = pooled([clean, [((90, 100), (0, 900))] * 3, clean])
    assert pool.failed == ["b"]
    assert "b" in doubt(pool)

    pool.leave("b")
    assert doubt(pool) == ""


def test_suspicion_in_one_cluster_holds_further_ones_and_so_does_an_incident() -> None:
    clean = [((0, 200), (0, 900))] * 40
    suspicious = [((4, 50), (0, 900)), *clean[1:]]
    incident = [*clean[1:], ((60, 200), (270, 900))]

    for column in (suspicious, incident):
        assert doubt(pooled([clean, column])) == "suspicious, or amid an incident: b"


def test_a_later_wave_adds_to_what_the_first_has_shown() -> None:
    bad, pool = [((1, 40), (0, 120))] * 5, Pool(Policy(), 3)
    pool.join("a", {"errors": 1.5})
    for number in range(5):
        pool.feed("a", tick(number, bad[number]))
    pool.leave("a")
    for name in "bc":
        pool.join(name, {"errors": 1.5})
    for number in range(5):
        for name in "bc":
            pool.feed(name, tick(number, bad[number]))

    assert pool.rounds == 10
    assert pool.failing
    assert pool.failing.canary == (15, 15 * 40)
    assert pooled([bad, bad], 3).failing is None
    assert pool.feed("a", tick(5, bad[0])) == 0  # it has left


def test_rounds_do_not_wait_for_ever_for_a_cluster_that_is_cut_off_and_its_ticks_count_later() -> None:
    row, pool = ((1, 40), (0, 120)), Pool(Policy(), 2)
    for name in "ab":
        pool.join(name)
    closed = [pool.feed("a", tick(number, row)) for number in range(LATE + 2)]
    assert closed == [0] * LATE + [1, 1]

    assert sum(pool.feed("b", tick(number, row)) for number in range(LATE + 2)) == LATE
    assert pool.leave("a") == 2
    assert pool.evidence["errors"].canary == (2 * (LATE + 2), 2 * 40 * (LATE + 2))


def test_a_repeated_tick_counts_once() -> None:
    pool = pooled([[((1, 40), (0, 120))]] * 2)

    assert [pool.feed(name, tick(0, ((40, 40), (0, 120)))) for name in "ab"] == [0, 0]
    assert pool.evidence["errors"].canary == (2, 80)


def test_what_was_not_announced_is_refused() -> None:
    pool = pooled([[((0, 1), (0, 1))]] * 2)

    with pytest.raises(ValueError, match="c joins as one of 2 clusters"):
        pool.join("c")
    with pytest.raises(KeyError):
        pool.feed("c", tick(0, ((0, 1), (0, 1))))
    with pytest.raises(ValueError, match="0 clusters"):
        Pool(Policy(), 0)
