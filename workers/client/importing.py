"""Import of what runs in a cluster into an environment, and its undo. It takes an order to the signer of this home."""

from __future__ import annotations

import asyncio
import getpass
import os
from typing import Any

from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy

from activities.releases.permits import content
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.permit import digest_of
from domain.core import ids as keys
from domain.releases.deployment import Deployment
from workers.client.calls import RPC_TIMEOUT, again, ask, explained, update
from workers.client.client import Engine


async def begin(engine: Engine, deployment: Deployment, id_: str) -> str:
    """Orders exactly this, and starts it; with the same `id_`, once. Returns the release's id.

    Raises:
        SluicewayError: SLW968, the service has a live version there; SLW010, the signer does not answer.
    """
    if engine.order is not None:
        order = Order(
            kind=OrderKind.IMPORT,
            cluster=f"{deployment.place}/{deployment.service}",
            what=digest_of(content(deployment)),
            by=f"{getpass.getuser()} (user {os.getuid()}) by hand",
        )
        await asyncio.to_thread(engine.order, order)
    name = keys.environment_id(deployment.place)

    async def call() -> str:
        # started by name, so the library cannot infer these from a class
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            "Environment",
            {"name": deployment.place},
            id=name,
            task_queue=engine.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"releases of {deployment.place}",
            static_details=keys.console_link(name),
        )
        release: str = await engine.client.execute_update_with_start_workflow(
            "adopt", deployment, id=id_, start_workflow_operation=start, result_type=str, rpc_timeout=RPC_TIMEOUT
        )
        return release

    return await explained(engine, name, ask(again(call), name))


async def undo(engine: Engine, environment: str, service: str, id_: str) -> str:
    """Leaves what was imported as it was before; returns the id of the release that had imported it.

    Raises:
        SluicewayError: SLW968, something else is live, or a release is under way.
    """
    handle = engine.client.get_workflow_handle(keys.environment_id(environment))
    return await explained(engine, handle.id, update(handle, "give_back", service, str, id_))
