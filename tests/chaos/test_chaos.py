"""The list of a chaos run, and a short run of it."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.__main__ import chaos
from tests.chaos.plan import KILLS, MIN_KILLS, MIN_PHASE, OTHERS, PHASES, draw, fits

SEED = 7

seeds = st.integers(0, 10_000)


@given(seeds)
def test_two_hundred_points_have_every_phase_and_every_kill_often_enough(seed: int) -> None:
    plan = draw(seed)
    phases, kinds = Counter(p.phase for p in plan.points), Counter(p.kind for p in plan.points)

    assert len(plan.points) == 200
    assert all(phases[phase] >= MIN_PHASE for of in PHASES.values() for phase in of)
    assert all(kinds[kind] >= MIN_KILLS for kind in KILLS)
    assert all(kinds[kind] >= least for kind, least in OTHERS.items())
    assert len({(p.run, p.phase) for p in plan.points}) == 200


@given(seeds, st.integers(1, 40))
def test_a_seed_gives_the_same_list_and_every_point_has_something_to_hurt(seed: int, count: int) -> None:
    plan = draw(seed, count)
    assert plan == draw(seed, count)
    assert len(plan.points) == count
    for point in plan.points:
        assert point.phase in PHASES[plan.runs[point.run]]
        assert fits(point.kind, point.phase, point.run)


@pytest.mark.system
@pytest.mark.timeout(300)
async def test_a_short_run_holds_every_promise(tmp_path: Path) -> None:
    """The eight points of one seed; `make chaos` has two hundred, and test_kills.py one kill in the suite of every change."""
    plan = draw(SEED, 8)
    outcome = await chaos(plan, tmp_path, cut_s=8)

    assert outcome.wrong == []
    assert {hurt.point for one in outcome.carried for hurt in one.hurts} == {*plan.points}
    assert len({point.kind for point in plan.points}) >= 6
