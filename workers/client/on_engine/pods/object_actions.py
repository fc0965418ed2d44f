"""Starts what is done to an object that no workflow of ours owns: ordered at the signer, and one at a time."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.pods.permits import ordered
from activities.pods.port import ObjectDone, ObjectWish
from domain.authority.cluster_orders import Order, OrderKind
from domain.authority.permit import digest_of
from domain.clusters import metadata
from domain.core import ids
from domain.core.errors import RefusedError
from domain.pods import object_action
from workers.client.calls import outcome
from workers.client.on_engine.orders import order
from workflows.core import search_attributes as attributes

if TYPE_CHECKING:
    from domain.core.documents import Object
    from domain.pods.object_action import ObjectAction
    from workers.client.guard import Guard
    from workers.client.on_engine.parts import EngineParts
    from workers.client.ports.pods import ObjectAt

LASTS_S = 600.0
"""How long it may take until it is tried for the last time."""


async def act(
    parts: EngineParts, guard: Guard, action: ObjectAction, what: ObjectAt, found: Object, reason: str
) -> str:
    """The id of its workflow, which has ended: the request was answered.

    Raises:
        RefusedError: SLW468, it cannot be done; SLW956, something is done to it already; SLW034, SLW484, nobody may.
    """
    uid = metadata.uid(found)
    if why := object_action.refusal(action, what.kind, found, uid):
        raise _refused(action, what, why)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    wish = ObjectWish(what.cluster, action, what.kind, what.namespace, what.name, uid, at)
    content = ordered(wish)
    wanted = Order(kind=OrderKind.OBJECT, cluster=what.cluster, what=digest_of(content), content=content)
    await order(parts, guard, replace(wanted, lasts_s=LASTS_S))
    engine, id_ = await parts.engine(), ids.object_id(what.cluster, what.namespace, what.kind, what.name)
    try:
        started = await engine.client.start_workflow(
            "ObjectAction",
            replace(wish, reason=reason),
            id=id_,
            task_queue=engine.queue,
            static_summary=f"{action} {what.kind} {what.namespace}/{what.name} in {what.cluster}",
            search_attributes=attributes.typed(cluster=what.cluster, namespace=what.namespace),
            result_type=ObjectDone,
        )
    except WorkflowAlreadyStartedError as busy:
        raise RefusedError("SLW956", f"{id_} is already in progress", fix=f"wait for it, or cancel {id_}") from busy
    done = await outcome(started, ObjectDone)
    if done.refusal:
        raise _refused(action, what, done.refusal)
    return id_


def _refused(action: ObjectAction, what: ObjectAt, why: str) -> RefusedError:
    return RefusedError("SLW468", f"{action} of {what.kind} {what.namespace}/{what.name} was not done", why=why)
