"""Sees to it that every cluster is watched: also one of before inventories, or whose watch was ended.

A cluster's workflow starts its watch itself; this asks it to, where none runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.core import ids as keys

LOOK_S = 300.0
_log = logging.getLogger("sluiceway.worker")


@dataclass(frozen=True)
class InventoryKeeping:
    """Of one worker; asked twice is as asked once."""

    client: Client
    known: Callable[[], Sequence[str]]
    """Names of clusters."""

    async def watch(self) -> None:
        """Looks now, and then again and again."""
        while True:
            try:
                await self.look()
            except RPCError as broken:
                _log.warning("it was not looked which clusters are watched: %s", broken.message)
            await asyncio.sleep(LOOK_S)

    async def look(self) -> list[str]:
        """Asks the workflows of clusters that nobody watches; returns whose.

        Raises:
            RPCError: Temporal does not answer.
        """
        asked = []
        for name in await asyncio.to_thread(self.known):
            if not await self._is_open(keys.inventory_id(name)):
                with contextlib.suppress(RPCError):  # it is deleted at this moment
                    await self.client.get_workflow_handle(keys.cluster_id(name)).signal("observe")
                    asked.append(name)
        return asked

    async def _is_open(self, id_: str) -> bool:
        try:
            found = await self.client.get_workflow_handle(id_).describe()
        except RPCError as unknown:
            if unknown.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING
