"""How far an operation is, whatever its state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.clusters.lifecycle import NOTHING_TO_UNDO, ORDER, Status
from domain.clusters.phase import Phase
from domain.clusters.steps import StepState, steps


def states(status: Status, phase: Phase, begun: tuple[Phase, ...] = ()) -> list[str]:
    return [str(one.state) for one in steps(status, phase, begun)]


@given(st.sampled_from(Status), st.sampled_from(Phase), st.sets(st.sampled_from(Phase)))
def test_every_phase_has_a_step_and_at_most_one_is_worked_at(status, phase, begun):
    found = steps(status, phase, begun)
    assert [one.phase for one in found] == list(ORDER)
    at_work = [one for one in found if one.state in (StepState.UNDER_WAY, StepState.UNDOING, StepState.STOPPED)]
    assert all(one.phase is phase for one in at_work)
    assert len(at_work) <= 1


def test_what_is_made_is_done_before_the_phase_that_is_under_way():
    found = states(Status.CREATING, Phase.NODES)
    at = ORDER.index(Phase.NODES)
    assert found == ["done"] * at + ["under way"] + ["waiting"] * (len(ORDER) - at - 1)


def test_a_failed_creation_is_undone_from_its_end():
    begun = ORDER[: ORDER.index(Phase.NODES)]
    found = dict(zip(ORDER, states(Status.COMPENSATING, Phase.CONTROL_PLANE, begun), strict=True))
    assert found[Phase.CONTROL_PLANE] == "being undone"
    assert found[Phase.NETWORK] == "done"
    assert found[Phase.NODES] == "undone"


@pytest.mark.parametrize("status", [Status.FAILED, Status.DELETED])
def test_nothing_is_left_at_the_end(status):
    assert set(states(status, Phase.NETWORK)) == {"undone"}
    assert Phase.PREFLIGHT in NOTHING_TO_UNDO
