"""A question is asked again when what stood in its way passes, and the person is told when it does not."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from domain.core.errors import UnreachableError
from workers.client import calls as asking

CLOSING = "workflow operation can not be applied because workflow is closing"


def failing(times, status, message):
    """A call that fails so many times first, and the list of its tries."""
    tries: list[int] = []

    async def call():
        tries.append(len(tries))
        if len(tries) <= times:
            raise RPCError(message, status, b"")
        return "answered"

    return call, tries


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (RPCStatusCode.RESOURCE_EXHAUSTED, CLOSING),  # it continues as new in this moment
        (RPCStatusCode.FAILED_PRECONDITION, "workflow task failure"),
        (RPCStatusCode.UNAVAILABLE, "away"),
    ],
)
async def test_what_passes_is_waited_for(status, message):
    call, tries = failing(2, status, message)

    assert await asking.ask(asking.again(call), "approval/a") == "answered"
    assert len(tries) == 3


async def test_what_does_not_pass_is_told_after_a_while() -> None:
    call, tries = failing(100, RPCStatusCode.RESOURCE_EXHAUSTED, CLOSING)
    with pytest.raises(UnreachableError, match="closing"):
        await asking.ask(asking.again(call), "approval/a")

    assert len(tries) == asking.RPC_ATTEMPTS


async def test_what_was_refused_is_not_asked_again() -> None:
    call, tries = failing(100, RPCStatusCode.INVALID_ARGUMENT, "no such thing")
    with pytest.raises(UnreachableError):
        await asking.ask(asking.again(call), "approval/a")

    assert len(tries) == 1
