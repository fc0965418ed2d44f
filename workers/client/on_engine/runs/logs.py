"""Logs of jobs, masked as they were written: the growing file of a job under way, else the stored one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from activities.jobs.log_pages import Lines, LogPages
from domain.access.actions import Action
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from workers.client.on_engine.runs.known_runs import KnownRuns
from workers.client.ports.runs import LogLine, LogPart

if TYPE_CHECKING:
    from domain.jobs.record import JobRecord

MOST_LINES = 1_000
MOST_FOUND = 1_000
MAX_TEXT = 500
"""Characters of a text that is searched for."""
_PAGES = LogPages()
"""Of all callers of this process."""


class JobLogs(KnownRuns):
    """The logs of `Runs`."""

    async def log(self, run: str, job: str, attempt: int = 1, *, first: int = 0, limit: int = 500) -> LogPart:
        """Lines from `first` on; 0: the last ones. At most 1,000."""
        record = await self._job(run, job, attempt)
        ended, most = record["ended_at"] is not None, min(max(limit, 1), MOST_LINES)

        def look() -> Lines:
            path = self._file(record)
            if path is None:
                return Lines((), 0)
            return _PAGES.lines(path, first, most, ended=ended) if first > 0 else _PAGES.last(path, most, ended=ended)

        found = await self._parts.read(look)
        lines = tuple(LogLine(line.number, line.at, line.stream, line.text) for line in found.lines)
        # a job that has ended is only at its end with its last line: the caller asks again until then
        at_end = not lines or lines[-1].number >= found.total
        return LogPart(lines=lines, first=lines[0].number if lines else 0, total=found.total, ended=ended and at_end)

    async def search(self, run: str, job: str, attempt: int, text: str, *, limit: int = 200) -> tuple[int, ...]:
        """Numbers of the first lines that hold the text, ASCII letters in any case."""
        record = await self._job(run, job, attempt)
        wanted, most = text[:MAX_TEXT], min(max(limit, 1), MOST_FOUND)

        def look() -> list[int]:
            path = self._file(record)
            return _PAGES.holding(path, wanted, most) if path else []

        return tuple(await self._parts.read(look))

    async def _job(self, run: str, job: str, attempt: int) -> JobRecord:
        """Raises:
        SluicewayError: SLW911, there is no such run; SLW915, it ran no such job.
        """
        _, known = await self._known(run, Action.LOGS_READ)
        jobs = await self._parts.read(lambda: self._reader.jobs(known["id"]))
        found = next((one for one in jobs if (one["job"], one["attempt"]) == (job, attempt)), None)
        if found is None:
            what = f"{known['id']} ran no job '{job[:200]}', or no attempt {attempt} of it"
            raise SluicewayError("SLW915", what, fix=f"sluiceway show {known['id'].removeprefix('run/')}")
        return found

    def _file(self, record: JobRecord) -> Path | None:
        """None: it has none yet, or it has expired."""
        growing = self._parts.jobs.folder(record["run"], record["job"], record["attempt"]) / "log.jsonl"
        if growing.exists():
            return growing
        digest = Node(json.loads(record["result"] or "{}"))["log"].text()
        try:
            return self._parts.store.local(digest) if digest else None
        except SluicewayError as gone:
            if gone.code != "SLW801":
                raise
            return None
