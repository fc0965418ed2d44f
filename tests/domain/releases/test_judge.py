"""The judge: golden vectors and properties. What it must show on simulated services is in tests/judge."""

from __future__ import annotations

import json
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.releases.judge.dispersion import dispersion
from domain.releases.judge.eprocess import RESTART_EVERY, AcceptE, RollbackE, onset
from domain.releases.judge.interval import interval
from domain.releases.judge.judge import Judge, Verdict
from domain.releases.judge.policy import OnInconclusive, Policy, first_percent
from domain.releases.judge.ramp import Goal, RampDecision, decide
from domain.releases.judge.recording import Series, judge_series
from domain.releases.judge.ticks import Arm, Tick, arm_from, arm_to, tick_from

counts = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
ticks = st.tuples(counts, counts).map(lambda arms: (*arms[0], *arms[1]))


def evidence(process: RollbackE | AcceptE, rows: list[tuple[int, int, int, int]]) -> list[float]:
    return [process.update(*row) for row in rows]


GOLDEN = [
    (RollbackE(ratio=1, phi=1), (0, 10, 0, 90), 0.0),
    (None, (1, 10, 0, 90), 0.9410809869),
    (None, (2, 10, 0, 90), 4.4972976942),
    (None, (3, 12, 1, 88), 8.294727272),
    (None, (0, 0, 5, 100), 8.294727272),
    (None, (4, 11, 0, 95), 16.5809935421),
    (AcceptE(margin=0.02, phi=1), (0, 50, 0, 450), 0.4756731245),
    (None, (0, 50, 1, 450), 1.2414397913),
    (None, (1, 50, 0, 450), 0.267976397),
    (None, (0, 0, 3, 500), 0.267976397),
    (None, (0, 50, 0, 450), 0.8919075403),
]


def test_the_golden_vectors_hold() -> None:
    process: RollbackE | AcceptE | None = None
    for start, row, wanted in GOLDEN:
        process = start or process
        assert process is not None
        assert process.update(*row) == pytest.approx(wanted, abs=1e-9)
    late = RollbackE(ratio=1.1, phi=2)
    assert evidence(late, [(2, 20, 1, 180)] * 8)[-1] == pytest.approx(8.3499579817, abs=1e-9)
    assert late.excess == pytest.approx(0.0944444444)
    assert late.reserve == 0.25
    fano = [[0, 1, 0, 0, 8, 0, 1, 0], [5, 6, 4, 5], [0] * 50, [5] * 20 + [6000] * 20 + [5] * 20]
    assert [dispersion(row) for row in fano] == pytest.approx([4.7333333333, 1, 1, 1.2490016639])


@given(st.lists(ticks, min_size=1, max_size=12), st.integers(0, 11))
def test_more_failures_of_the_canary_never_lower_the_evidence_and_of_the_stable_never_raise_it(rows, at):
    at %= len(rows)
    x_c, n_c, x_s, n_s = rows[at]
    plain = evidence(RollbackE(ratio=1.1), rows)[-1]
    if x_c < n_c:
        assert (
            evidence(RollbackE(ratio=1.1), [*rows[:at], (x_c + 1, n_c, x_s, n_s), *rows[at + 1 :]])[-1] >= plain - 1e-9
        )
    if x_s < n_s:
        assert (
            evidence(RollbackE(ratio=1.1), [*rows[:at], (x_c, n_c, x_s + 1, n_s), *rows[at + 1 :]])[-1] <= plain + 1e-9
        )


@given(st.lists(ticks, min_size=RESTART_EVERY, max_size=RESTART_EVERY), st.randoms())
def test_the_order_of_ticks_between_two_new_bets_does_not_matter(rows, random):
    shuffled = random.sample(rows, len(rows))

    assert evidence(RollbackE(), shuffled)[-1] == pytest.approx(evidence(RollbackE(), rows)[-1], abs=1e-7)


@given(counts, counts, st.integers(1, 40), st.integers(1, 40))
def test_a_tick_may_be_split_at_the_same_shares(canary, stable, a, b):
    (x_c, _), (x_s, _) = canary, stable
    first = (min(x_c, a), a * 3, min(x_s, a), a * 7)
    second = (min(x_c, b), b * 3, min(x_s, b), b * 7)
    whole = tuple(p + q for p, q in zip(first, second, strict=True))

    split = evidence(RollbackE(), [first, second])[-1]
    assert split == pytest.approx(evidence(RollbackE(), [whole, (0, 0, 0, 0)])[-1], abs=1e-7)


@given(st.lists(ticks, min_size=1, max_size=5), st.integers(0, 300))
def test_a_tick_without_events_or_with_one_empty_arm_says_nothing(rows, n):
    for empty in ((0, n, 0, 2 * n), (0, 0, n, n), (n, n, 0, 0)):
        known, process = RollbackE(), RollbackE()
        before = evidence(known, rows)[-1]
        evidence(process, rows)
        assert process.update(*empty) == pytest.approx(before, abs=1e-9)


def test_huge_counts_stay_finite() -> None:
    process = RollbackE()

    assert isfinite(process.update(10**7, 10**7, 0, 10**7))
    assert isfinite(AcceptE(margin=0.005).update(10**7, 10**7, 0, 10**7))


@pytest.mark.parametrize("row", [(float("nan"), 1, 0, 1), (-1, 1, 0, 1), (2, 1, 0, 1), (0, float("inf"), 0, 1)])
def test_what_is_no_count_is_refused(row):
    for process in (RollbackE(), AcceptE(margin=0.01)):
        with pytest.raises(ValueError, match="no counts"):
            process.update(*row)


@given(st.integers(1, 5000))
def test_the_stakes_of_all_bets_add_up_to_at_most_one(n):
    assert sum(onset(tick) for tick in range(n)) <= 1


def tick(number: int, bad: int = 0, of: int = 50, stable_bad: int = 0, percent: float = 10, stage: int = 0) -> Tick:
    return Tick(number, Arm(of, {"errors": bad}), Arm(450, {"errors": stable_bad}), percent, stage)


@given(st.lists(ticks, min_size=1, max_size=30))
def test_a_copy_of_a_judge_goes_on_as_the_judge_would_and_leaves_it_as_it_is(rows):
    whole, halved = Judge(Policy(), {"errors": 1.5}), Judge(Policy(), {"errors": 1.5})
    for number, (x_c, n_c, x_s, n_s) in enumerate(rows):
        one = Tick(number, Arm(n_c, {"errors": x_c}), Arm(n_s, {"errors": x_s}), 10, number // 5)
        whole.feed(one)
        before, halved = halved, halved.copy()
        known = vars(before.copy())
        halved.feed(one)
        assert vars(before) == known
    assert vars(halved) == vars(whole)
    assert decide(halved, Goal(next_percent=25)) == decide(whole, Goal(next_percent=25))


def test_the_same_tick_twice_counts_once() -> None:
    judge = Judge(Policy())

    assert judge.feed(tick(0, bad=1))
    before = vars(judge.copy())
    assert not judge.feed(tick(0, bad=40))
    assert vars(judge) == before


def test_latency_is_not_judged_while_the_canary_warms_up() -> None:
    slow = Arm(50, {"errors": 0, "slow90": 50, "slow99": 50})
    judge = Judge(Policy())
    for number in range(6):
        judge.feed(Tick(number, slow, Arm(450, {"slow90": 45, "slow99": 4})))
    assert judge.failing is None
    judge.feed(Tick(6, slow, Arm(450, {"slow90": 45, "slow99": 4})))

    assert judge.failing is not None


def test_a_canary_without_traffic_is_a_fault_of_the_route_and_goes_back_after_a_minute() -> None:
    judge, calls = Judge(Policy()), []
    for number in range(8):
        judge.feed(tick(number, of=0))
        calls.append(decide(judge, Goal(next_percent=25)).call)

    assert calls == [RampDecision.FAULT] * 5 + [RampDecision.BACK] * 3  # 50 requests are due in the first tick already


def test_an_incident_of_both_holds_the_ramp_and_rolls_nothing_back() -> None:
    judge = Judge(Policy())
    for number in range(12):
        judge.feed(tick(number, bad=15, stable_bad=135))

    decision = decide(judge, Goal(next_percent=25))
    assert decision.call is RampDecision.WAIT
    assert "shared incident" in decision.reason


@pytest.mark.parametrize(
    ("rule", "call"),
    [
        (OnInconclusive.PROMOTE, RampDecision.GO),
        (OnInconclusive.HOLD, RampDecision.WAIT),
        (OnInconclusive.ROLLBACK, RampDecision.BACK),
    ],
)
def test_without_evidence_the_definition_says_what_happens_and_it_is_never_called_proven(rule, call):
    judge = Judge(Policy(on_inconclusive=rule))
    for number in range(60):
        judge.feed(tick(number, of=1))

    decision = decide(judge, Goal(next_percent=50, min_dwell_s=60, max_dwell_s=600))
    assert (decision.call, decision.proven) == (call, False)
    assert "inconclusive" in decision.reason
    assert "more requests without a failure" in decision.reason


def test_failures_at_the_start_only_do_not_hold_a_release_for_ever() -> None:
    judge, goal = (
        Judge(Policy(), {"errors": 1.0}),
        Goal(next_percent=50, min_dwell_s=60, max_dwell_s=600, suspicion_ends=True),
    )
    for number in range(59):
        judge.feed(tick(number, bad=3 if number == 0 else 0))
    waiting = decide(judge, goal)
    judge.feed(tick(59))
    decision = decide(judge, goal)

    assert (waiting.call, judge.amber) == (RampDecision.WAIT, ["errors"])
    assert "suspicious" in waiting.reason
    assert (decision.call, decision.proven) == (RampDecision.GO, True)


def test_suspicion_that_the_budget_does_not_cover_holds_the_release_at_any_time() -> None:
    judge = Judge(Policy(budget=0.00001), {"errors": 1.0})
    for number in range(200):
        judge.feed(tick(number, bad=3 if number == 0 else 0))

    assert (
        decide(judge, Goal(next_percent=50, min_dwell_s=60, max_dwell_s=600, suspicion_ends=True)).call
        is RampDecision.WAIT
    )


def test_a_held_ramp_still_rolls_back() -> None:
    judge = Judge(Policy())
    for number in range(20):
        judge.feed(tick(number))
    assert decide(judge, Goal(next_percent=25)).call is RampDecision.GO
    assert decide(judge, Goal(next_percent=25, hold=True)).call is RampDecision.WAIT
    judge.feed(tick(20, bad=40))

    assert decide(judge, Goal(next_percent=25, hold=True)).call is RampDecision.BACK


@given(st.floats(0, 1e6), st.floats(0, 1e4))
def test_the_first_weight_is_between_one_and_twenty_five_percent(per_s, dwell_s):
    assert 1 <= first_percent(per_s, dwell_s) <= 25


@pytest.mark.parametrize(("per_s", "dwell_s", "percent"), [(200, 60, 1), (200, 5, 10), (10, 60, 16.67), (5, 5, 25)])
def test_the_first_weight_gives_a_hundred_requests_in_the_shortest_dwell(per_s, dwell_s, percent):
    assert Policy(min_dwell_s=dwell_s).weights(per_s)[0] == percent
    assert Policy(min_dwell_s=dwell_s, first_percent=3).weights(per_s)[0] == 3


def test_a_release_from_before_dwells_counted_keeps_its_weights():
    assert Policy(min_dwell_s=5).weights(200, by_dwell=False) == (1, 10, 25, 50)


@given(counts, counts)
def test_an_arm_is_read_as_it_was_written(plain, custom):
    arm = Arm(plain[1], {"errors": plain[0], "checkout": custom[0]}, {"checkout": custom[1]})

    assert arm_from(json.loads(json.dumps(arm_to(arm)))) == arm


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"tick": 0, "canary": {}, "stable": {"requests": 1}},
        {"tick": -1, "canary": {"requests": 1}, "stable": {"requests": 1}},
        {"tick": 0, "canary": {"requests": 1, "errors": 2}, "stable": {"requests": 1}},
        {"tick": 0, "canary": {"requests": float("nan")}, "stable": {"requests": 1}},
        {"tick": 0.5, "canary": {"requests": 1}, "stable": {"requests": 1}},
        {"tick": True, "canary": {"requests": 1}, "stable": {"requests": 1}},
    ],
)
def test_what_is_no_tick_is_refused(line):
    with pytest.raises(ValueError, match=r"tick|expected an integer|more than"):
        tick_from(line)


def test_a_replay_says_fail_pass_or_inconclusive_with_its_reason() -> None:
    clean, bad, thin = Series(), Series(), Series()
    for number in range(40):
        clean.add(tick(number))
        bad.add(tick(number, bad=20 if number >= 30 else 0))
        thin.add(tick(number, of=1))

    found = [judge_series(series, Policy()) for series in (clean, bad, thin, Series())]
    assert [one.verdict for one in found] == [
        Verdict.PASS,
        Verdict.FAIL,
        Verdict.INCONCLUSIVE,
        Verdict.INCONCLUSIVE,
    ]
    assert found[1].tick == 30
    assert "failed: 20 of" in found[1].reason


def test_the_interval_of_the_ratio_holds_the_truth_at_every_time() -> None:
    """Nominal 1 % at most are wrong at any time; 5 of 120 would be far beyond chance."""
    import numpy as np

    rng, wrong = np.random.default_rng(5), 0
    for ratio in (0.5, 1.0, 3.0):
        for _ in range(40):
            x_c, x_s = rng.binomial(200, 0.02 * ratio, 40), rng.binomial(800, 0.02, 40)
            rows = [(int(a), 200, int(b), 800) for a, b in zip(x_c, x_s, strict=True)]
            wrong += not interval(rows, 0.01).holds(ratio)
    assert wrong < 5


def test_the_interval_narrows_around_a_clear_difference() -> None:
    found = interval([(20, 200, 8, 800)] * 30, 0.01)

    assert 5 < found.low < 10 < found.high < 20
