"""Logs of a server as they are written: lines of JSON, asked for again from where a connection broke."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from domain.core.errors import UnreachableError
from workers.client.ports.runs import LogPart
from workers.remote.connection import TRIES, Connection, Query
from workers.remote.problems import Problem, error_from, not_understood


async def followed(server: Connection, path: str, query: Query, first: int) -> AsyncIterator[LogPart]:
    """Parts from a line on, until the log ends. A connection that breaks is made again, from the line after the last.

    Raises:
        SluicewayError: the problem that the server tells; SLW478, what is none of its lines.
        UnreachableError: SLW470, it does not answer.
    """
    failed = 0
    while True:
        try:
            async for line in server.lines(path, {**query, "first": first}):
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
