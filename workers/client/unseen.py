"""Whoever may not even read something gets the same answer as for nothing: a refusal would say that it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.access.actions import Action
from domain.access.resource import Resource
from domain.core.errors import RefusedError, SluicewayError
from workers.client.guard import Guard

BY_RIGHTS = frozenset({"SLW410", "SLW411"})


@asynccontextmanager
async def unseen(guard: Guard, read: Action, resource: Resource, nothing: SluicewayError) -> AsyncIterator[None]:
    """Around what is decided about something that exists; the refusal stays in the audit, with its rule.

    Args:
        guard: of the caller.
        read: what whoever may know of it may do.
        resource: what is asked for.
        nothing: the error of what does not exist.

    Raises:
        SluicewayError: `nothing`, instead of a refusal.
    """
    try:
        yield
    except RefusedError as refused:
        if refused.code in BY_RIGHTS and not (await asyncio.to_thread(guard.verdict, read, resource)).allowed:
            raise nothing from None
        raise
