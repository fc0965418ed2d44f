"""What an environment says is live: the engine's own record, whatever a repository or a cluster says."""

from __future__ import annotations

import json
from datetime import timedelta

from temporalio import activity
from temporalio.service import RPCError, RPCStatusCode

from activities.core import serialization as serial
from domain.core import ids
from domain.core.documents import Node
from domain.releases.deployment import Deployment

ANSWERS_WITHIN = timedelta(seconds=10)


async def live_instance(place: str, service: str) -> str:
    """The live instance of a service in one place; empty: there is none, or nothing was ever released there."""
    handle = activity.client().get_workflow_handle(ids.environment_id(place))
    try:
        state = Node(await handle.query("state", result_type=dict, rpc_timeout=ANSWERS_WITHIN))
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return ""
        raise
    lives = state.at("live", service).value
    last = lives[-1] if isinstance(lives, list) and lives else None
    return serial.load(Deployment, json.dumps(last)).instance if last else ""
