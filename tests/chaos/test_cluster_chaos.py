"""The kills of a cluster's life, and one life of each kind with them."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.clusters import STAGES, Hurt, chaos, draw, fits
from tests.support.built_programs import built, needs_host


@given(st.integers(0, 1000), st.integers(0, 9), st.sampled_from(["kwok", "host"]))
def test_every_stage_has_a_kill_of_something_that_is_there(seed: int, life: int, provider: str) -> None:
    plan = draw(seed, life, provider)

    assert [one.stage for one in plan] == list(STAGES)
    assert all(one.part in fits(one.stage, provider) for one in plan)
    assert plan == draw(seed, life, provider)


@given(st.integers(0, 1000), st.sampled_from(["kwok", "host"]))
def test_four_lives_of_a_kind_kill_everything_in_every_stage_that_it_is_there_in(seed: int, provider: str) -> None:
    killed = {one for turn in range(4) for one in draw(seed, turn, provider)}

    assert killed == {Hurt(stage, part) for stage in STAGES for part in fits(stage, provider)}


@pytest.mark.heavy
@pytest.mark.timeout(600)
@pytest.mark.parametrize("provider", ["kwok", "host"])
async def test_whatever_is_killed_in_a_clusters_life_it_ends_and_leaves_nothing(
    tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    built()
    if provider == "host":
        needs_host()
    monkeypatch.setenv("SLUICEWAY_HOME", os.environ.get("SLUICEWAY_HOME", ""))
    (life,) = await chaos(11, [provider], tmp_path)

    assert life.wrong == []
    assert len(life.hurts) >= len(STAGES) - 3
