"""Runs of a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

import msgspec

from domain.core.errors import UnreachableError
from workers.client.ports.addresses import quoted, segment
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.runs import (
    LogPart,
    NewAttempt,
    ParamField,
    PipelineRow,
    RunDetails,
    RunFilter,
    RunRow,
    StartRun,
)
from workers.remote.connection import TRIES, Connection, Query
from workers.remote.made import Made, Said
from workers.remote.problems import Problem, error_from, not_understood


class RemoteRuns:
    """`Runs` over HTTP."""

    def __init__(self, server: Connection) -> None:
        self._server = server

    async def list(self, which: RunFilter, page: PageOf) -> Page[RunRow]:
        """See `Runs`."""
        return await self._server.get("/runs", Page[RunRow], asdict(which) | asdict(page))

    async def pipelines(self, page: PageOf) -> Page[PipelineRow]:
        """See `Runs`."""
        return await self._server.get("/pipelines", Page[PipelineRow], asdict(page))

    async def show(self, run: str, *, results: bool = False) -> RunDetails:
        """See `Runs`."""
        return await self._server.get(f"/runs/{_run(run)}", RunDetails, {"results": True} if results else None)

    async def log(self, run: str, job: str, attempt: int = 1, *, first: int = 0, limit: int = 500) -> LogPart:
        """See `Runs`."""
        query = {"attempt": attempt, "first": first, "limit": limit}
        return await self._server.get(f"/runs/{_run(run)}/jobs/{quoted(job)}/log", LogPart, query)

    async def stream(self, run: str, job: str, attempt: int, first: int) -> AsyncIterator[LogPart]:
        """See `following.Streams`. A connection that breaks is made again, from the line after the last one."""
        path, failed = f"/runs/{_run(run)}/jobs/{quoted(job)}/log/stream", 0
        while True:
            try:
                async for line in self._server.lines(path, {"attempt": attempt, "first": first}):
                    part, failed = _part(line), 0
                    if part.lines:
                        first = part.lines[-1].number + 1
                    yield part
                    if part.ended and first > part.total:
                        return
            except UnreachableError:
                failed += 1
                if failed >= TRIES:
                    raise
                await asyncio.sleep(failed)

    async def search(self, run: str, job: str, attempt: int, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """See `Runs`."""
        query: Query = {"attempt": attempt, "text": text, "limit": limit}
        return await self._server.get(f"/runs/{_run(run)}/jobs/{quoted(job)}/log/search", tuple[int, ...], query)

    async def report(self, run: str) -> bytes:
        """See `Runs`."""
        return (await self._server.ask("GET", f"/runs/{_run(run)}/report")).body

    async def params(self, pipeline: str) -> tuple[ParamField, ...]:
        """See `Runs`."""
        return await self._server.get(f"/pipelines/{quoted(pipeline)}/params", tuple[ParamField, ...])

    async def start(self, what: StartRun, key: str) -> str:
        """See `Runs`."""
        return (await self._server.post("/runs", Made, what, key=key)).id

    async def cancel(self, run: str, reason: str, *, now: bool = False, key: str = "") -> str:
        """See `Runs`."""
        body = {"reason": reason, "now": now}
        return (await self._server.post(f"/runs/{_run(run)}/cancel", Said, body, key=key)).text

    async def rerun(
        self, run: str, *, everything: bool = False, job: str = "", changed: bool = False, key: str = ""
    ) -> NewAttempt:
        """See `Runs`."""
        body = {"everything": everything, "job": job, "changed": changed}
        return await self._server.post(f"/runs/{_run(run)}/rerun", NewAttempt, body, key=key)


@dataclass(frozen=True)
class _Line:
    """Of a stream: a part, or why there is none any more."""

    part: LogPart | None = None
    problem: Problem | None = None


def _part(line: bytes) -> LogPart:
    """Raises: SluicewayError, the problem that a line tells, or SLW478."""
    try:
        told = msgspec.json.decode(line, type=_Line)
    except (msgspec.MsgspecError, RecursionError) as wrong:
        raise not_understood(str(wrong)) from wrong
    if told.problem:
        raise error_from(told.problem, told.problem.status)
    if told.part is None:
        raise not_understood("a line of a log holds none")
    return told.part


def _run(id_: str) -> str:
    return segment(id_, "run")
