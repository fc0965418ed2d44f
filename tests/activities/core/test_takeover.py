"""Who cancelled an activity decides what becomes of its processes: a person, a missed heartbeat, or nobody any more."""

import asyncio

import pytest
from temporalio.activity import ActivityCancellationDetails
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.testing import ActivityEnvironment

from activities.core import takeover
from activities.core.takeover import Attempt, Fate

SCHEDULED, STARTED, CANCEL_REQUESTED, PAUSED = 1, 2, 3, 4
MINE = Attempt("run/shop/1", "0b1", "7", 2, "100@here:/home")


def waits(id_="7", state=SCHEDULED, attempt=3, worker="100@here:/home"):
    return PendingActivityInfo(activity_id=id_, state=state, attempt=attempt, last_worker_identity=worker)


@pytest.mark.parametrize(
    ("pending", "fate"),
    [
        pytest.param([], Fate.STOP, id="the run waits for it no longer"),
        pytest.param([waits("8")], Fate.STOP, id="the run waits for something else"),
        pytest.param([waits(state=CANCEL_REQUESTED)], Fate.STOP, id="a cancel was requested while nobody listened"),
        pytest.param([waits()], Fate.LEAVE, id="the next attempt is on its way"),
        pytest.param([waits(state=PAUSED)], Fate.LEAVE, id="an operator paused it in Temporal"),
        pytest.param([waits(state=STARTED, attempt=2)], Fate.LEAVE, id="the server has not missed it yet"),
        pytest.param([waits(state=STARTED)], Fate.TAKEN, id="taken up by this worker"),
        pytest.param([waits(state=STARTED, worker="200@here:/home")], Fate.TAKEN, id="taken up by one beside it"),
        pytest.param([waits(state=STARTED, worker="100@there:/home")], Fate.ELSEWHERE, id="begun again elsewhere"),
        pytest.param([waits(state=STARTED, worker="100@here:/else")], Fate.ELSEWHERE, id="begun again in another home"),
    ],
)
def test_a_job_is_left_only_to_an_attempt_that_finds_it(pending, fate):
    assert MINE.fate(pending) is fate


def test_an_attempt_is_read_back_as_it_was_written():
    assert Attempt.load(MINE.document()) == MINE


@pytest.mark.parametrize(
    ("details", "fate"),
    [
        (ActivityCancellationDetails(cancel_requested=True), Fate.STOP),
        (ActivityCancellationDetails(worker_shutdown=True), Fate.LEAVE),
    ],
)
async def test_a_persons_cancel_stops_and_a_shutdown_leaves_without_asking_temporal(details, fate):
    environment, begun = ActivityEnvironment(), asyncio.Event()

    async def work() -> Fate:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return await takeover.fate()
        raise AssertionError

    working = asyncio.create_task(environment.run(work))
    await begun.wait()
    environment.cancel(details)

    assert await working is fate
