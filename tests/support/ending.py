"""What a test leaves open on a server that others use."""

from __future__ import annotations

from contextlib import suppress

from temporalio.client import Client
from temporalio.service import RPCError


async def end_all(client: Client, queue: str) -> None:
    """Ends the workflows of a queue without a worker: who uses the id of one again would wait for it in vain."""
    with suppress(RPCError):  # the server has ended
        async for one in client.list_workflows(f"TaskQueue = '{queue}' AND ExecutionStatus = 'Running'"):
            with suppress(RPCError):  # the workflow has ended meanwhile
                await client.get_workflow_handle(one.id, run_id=one.run_id).terminate("its test has ended")
