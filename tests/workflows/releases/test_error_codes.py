"""What a release or an environment refuses has a code that the client can tell."""

from __future__ import annotations

import pytest
from temporalio.exceptions import ApplicationError

from domain.releases.commands import CommandKind, ReleaseState
from domain.releases.together.back import Brought
from tests.contracts.targets.kubernetes import in_cluster
from workflows.releases.commands import Commands
from workflows.releases.environment import EnvironmentWorkflow
from workflows.releases.messages import EnvironmentState, GiveLock


class _Ended(Commands):
    def _standing(self) -> ReleaseState:
        return ReleaseState(ended="live")


def test_a_release_that_has_ended_takes_no_command() -> None:
    with pytest.raises(ApplicationError) as refused:
        _Ended()._steer(CommandKind.PAUSE, "")
    assert (refused.value.type, refused.value.non_retryable) == ("SLW883", True)


async def test_without_a_previous_version_nothing_is_rolled_back() -> None:
    with pytest.raises(ApplicationError) as refused:
        await EnvironmentWorkflow.rollback(EnvironmentWorkflow(EnvironmentState(name="p")), "web")
    assert (refused.value.type, refused.value.non_retryable) == ("SLW867", True)


async def test_a_service_does_not_go_below_what_a_contract_has_taken_away() -> None:
    old, new = in_cluster("1", "r1"), in_cluster("2", "r2")
    environment = EnvironmentWorkflow(EnvironmentState(name="p", live={"web": [old, new]}, barriers={"web": 12}))
    with pytest.raises(ApplicationError) as refused:
        await EnvironmentWorkflow.rollback(environment, "web")
    assert (refused.value.type, refused.value.non_retryable) == ("SLW964", True)


async def test_services_that_came_as_one_do_not_go_back_when_nothing_of_them_can() -> None:
    brought = Brought(needs={"web": ()}, instances={"web": "r1"})
    environment = EnvironmentWorkflow(EnvironmentState(name="p", brought={"shop": brought}))
    with pytest.raises(ApplicationError) as refused:
        await EnvironmentWorkflow.rollback(environment, "shop")
    assert (refused.value.type, "nothing of it is live" in str(refused.value)) == ("SLW867", True)


def test_a_way_back_that_failed_is_begun_again_by_whoever_asks_again() -> None:
    back = "release/shop/p/2"
    environment = EnvironmentWorkflow(EnvironmentState(name="p", brought={"shop": Brought(back=back)}))
    for went_back, known in ((False, back), (True, "")):
        EnvironmentWorkflow.give(environment, GiveLock(back, "shop", went_back=went_back, keeps=True))
        assert environment._state.brought["shop"].back == known
