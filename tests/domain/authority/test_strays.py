"""Which executions are looked at, and which keys are forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authority.strays import CODE, KEPT_S, PATIENCE_S, KeyAge, OpenExecution, to_look_at, unneeded, words

ONE = OpenExecution(workflow_id="x", run_id="r", type="Nothing", queue="sluiceway", started_at=1_000)


def test_the_code_is_the_one_that_is_explained():
    assert CODE == "SLW002"


@pytest.mark.parametrize(
    ("queue", "age_s", "alone", "looked_at"),
    [
        ("sluiceway", PATIENCE_S, False, True),
        ("sluiceway", PATIENCE_S - 1, False, False),
        ("nowhere", PATIENCE_S, False, False),
        ("nowhere", PATIENCE_S, True, True),
    ],
)
def test_a_worker_has_time_to_refuse_and_another_program_on_the_server_is_left_alone(
    queue: str, age_s: float, alone: bool, looked_at: bool
):
    one = OpenExecution(workflow_id="x", run_id="r", type="T", queue=queue, started_at=1_000)
    assert to_look_at(one, {"sluiceway"}, 1_000 + age_s, alone=alone) is looked_at


def test_what_was_ended_says_why_it_could_not_start():
    assert "there is no workflow Nothing" in words(ONE, {"Release"}, {"sluiceway"}, "it has no seal")
    assert "nobody works on its task queue" in words(ONE, {"Nothing"}, {"other"}, "it has no seal")
    assert "it has no seal" in words(ONE, {"Nothing"}, {"sluiceway"}, "it has no seal")


OLD, NEW = KeyAge("old", 0), KeyAge("new", 1_000)


@pytest.mark.parametrize(
    ("oldest", "schedules", "now", "gone"),
    [
        (1_000, set(), 1_000 + KEPT_S, ["old"]),
        (999, set(), 1_000 + KEPT_S, []),  # an execution that the old key has begun still runs
        (1_000, {"old"}, 1_000 + KEPT_S, []),
        (1_000, set(), 999 + KEPT_S, []),
    ],
)
def test_a_key_is_kept_while_anything_may_need_it(oldest: float, schedules: set[str], now: float, gone: list[str]):
    assert unneeded([OLD, NEW], oldest, schedules, now) == gone


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=5), st.floats(0, 1e10), st.floats(0, 1e10))
def test_the_key_that_seals_is_never_forgotten(made: list[float], oldest: float, now: float):
    keys = [KeyAge(str(place), at) for place, at in enumerate(sorted(made))]
    assert keys[-1].id not in unneeded(keys, oldest, set(), now)
