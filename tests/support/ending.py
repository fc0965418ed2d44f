"""What a lab leaves open on a server that others use: who used the id of such a workflow again would wait in vain."""

from __future__ import annotations

from contextlib import suppress

from temporalio.client import Client
from temporalio.service import RPCError

_LEFT: dict[str, list[str]] = {}
"""Address of a server to the queues of labs that have ended."""


def leaves(address: str, queue: str) -> None:
    """A lab ends. Its test may still go on with what it has started: with another worker, or without any."""
    _LEFT.setdefault(address, []).append(queue)


async def end_left(address: str, client: Client) -> None:
    """Ends what the labs before have left open, as another one begins."""
    for queue in _LEFT.pop(address, []):
        async for one in client.list_workflows(f"TaskQueue = '{queue}' AND ExecutionStatus = 'Running'"):
            with suppress(RPCError):  # it has ended meanwhile
                await client.get_workflow_handle(one.id, run_id=one.run_id).terminate("its test has ended")
