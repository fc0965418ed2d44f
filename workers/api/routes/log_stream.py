"""A log while it is written: parts as lines of JSON, as long as the caller may read it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream
from litestar.serialization import encode_json, get_serializer

from domain.access.principal import Caller, PrincipalKind
from domain.core.errors import RefusedError, SluicewayError
from workers.api import errors
from workers.api.asked import Id
from workers.api.events import STREAMS
from workers.api.parts import Parts
from workers.client.following import follow
from workers.client.ports.addresses import of_segment
from workers.client.ports.client import Client
from workers.client.ports.runs import LogPart

LONGEST_S = 600
"""Of one answer; a client asks on from the line after its last."""
QUIET_S = 10
"""After so long without a line an empty one is sent: who has left is noticed."""
MEDIA_TYPE = "application/x-ndjson"
Given = Callable[[], AsyncIterator[LogPart | None]]
"""Parts of a log from a line on; None: there was none for a while."""


@get("/runs/{run:str}/jobs/{job:str}/log/stream", operation_id="runs.follow", include_in_schema=False)
async def stream(
    request: Request[Any, Any, Any],
    run: Id,
    job: Id,
    caller: NamedDependency[Caller],
    client: NamedDependency[Client],
    parts: NamedDependency[Parts],
    attempt: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
    first: Annotated[int, QueryParameter(ge=1, le=2**53)] = 1,
) -> Stream:
    """From a line on, until the log ends."""
    id_ = of_segment(run, "run")
    given = partial(follow, client.runs, id_, job, attempt, first=first, quiet_s=QUIET_S)
    return await opened(request, caller, parts, client.runs.log(id_, job, attempt, first=first, limit=1), given)


async def opened(
    request: Request[Any, Any, Any], caller: Caller, parts: Parts, first: Awaitable[LogPart], given: Given
) -> Stream:
    """The answer. `first`: a look before it begins, which is refused with a status of its own."""
    await first
    if caller.principal.kind is PrincipalKind.ANONYMOUS:
        raise RefusedError("SLW476", "this needs a login")
    STREAMS.open(caller.principal.id)
    lines = Reader(request, caller, parts, given).lines()
    return Stream(lines, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True)
class Reader:
    """Of one open stream."""

    request: Request[Any, Any, Any]
    caller: Caller
    parts: Parts
    given: Given

    async def lines(self) -> AsyncIterator[bytes]:
        """Each look at the log asks for the rights of that moment, and for the login."""
        ends = time.monotonic() + LONGEST_S
        try:
            async for part in self.given():
                if STREAMS.ending or time.monotonic() > ends or not await self._is_same():
                    return
                yield encode_json({"part": part}, get_serializer()) + b"\n" if part else b"\n"
        except SluicewayError as refused:
            told = errors.document(refused, errors.status_of(refused), self.request.url.path)
            yield encode_json({"problem": told}) + b"\n"
        finally:
            STREAMS.close(self.caller.principal.id)

    async def _is_same(self) -> bool:
        """With the same groups, too: the rights that are asked for are those of this caller."""
        now = await self.parts.authenticator.caller(self.request)
        return (now.principal, now.rights_of) == (self.caller.principal, self.caller.rights_of)


HANDLERS = (stream,)
