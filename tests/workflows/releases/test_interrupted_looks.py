"""A look at the traffic that is interrupted ends as such, also when its worker is lost before it hears of it."""

import asyncio

import pytest
from temporalio import workflow
from temporalio.exceptions import ActivityError, RetryState, TimeoutError, TimeoutType

from activities.releases.metric_sources.port import Comparison
from domain.releases.deployment import Deployment
from domain.releases.judge.policy import Policy
from domain.releases.judge.ramp import Goal
from domain.releases.traffic_baseline import Baseline
from workflows.releases.observer import Observer

OLD, NEW = (Deployment(service="web", environment="prod", instance=name) for name in ("r1", "r2"))


def timed_out(state: RetryState) -> ActivityError:
    error = ActivityError(
        "Activity task timed out",
        scheduled_event_id=1,
        started_event_id=2,
        identity="",
        activity_type="observe-release",
        activity_id="1",
        retry_state=state,
    )
    error.__cause__ = TimeoutError("heartbeat", type=TimeoutType.HEARTBEAT, last_heartbeat_details=[])
    return error


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """A worker that is lost once the event is set, or as soon as the look is cancelled."""
    gone = asyncio.Event()

    async def look(*asked: object, **options: object) -> None:
        try:
            await gone.wait()
        except asyncio.CancelledError:
            raise timed_out(RetryState.CANCEL_REQUESTED) from None
        raise timed_out(RetryState.TIMEOUT)

    async def until(condition, timeout=None) -> None:
        await asyncio.sleep(0)  # the look begins
        while not condition():
            await asyncio.sleep(0)

    monkeypatch.setattr(workflow, "execute_activity_method", look)
    monkeypatch.setattr(workflow, "wait_condition", until)
    monkeypatch.setattr(workflow, "patched", lambda name: True)
    return gone


async def looked(disturbed: bool) -> object:
    observer = Observer("release/web/prod/2", Comparison(NEW, OLD, Policy(), Baseline()))
    return await observer.look(Goal(), 20.0, False, lambda: disturbed, None)


async def test_a_look_that_was_cancelled_ends_without_a_decision_however_it_ends(lost: asyncio.Event) -> None:
    assert await looked(disturbed=True) is None


async def test_a_look_that_fails_by_itself_is_a_failure(lost: asyncio.Event) -> None:
    lost.set()
    with pytest.raises(ActivityError):
        await looked(disturbed=False)
