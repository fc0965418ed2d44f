"""Runs of a server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict

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
from workers.remote.connection import Connection, Query
from workers.remote.log_lines import followed
from workers.remote.made import Made, Said


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
        path = f"/runs/{_run(run)}/jobs/{quoted(job)}/log/stream"
        async for part in followed(self._server, path, {"attempt": attempt}, first):
            yield part

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


def _run(id_: str) -> str:
    return segment(id_, "run")
