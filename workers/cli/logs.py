"""logs: output of a run's jobs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import click

from domain.core.errors import SluicewayError
from workers.cli.names import run_argument
from workers.cli.session import ask
from workers.cli.shown import as_json
from workers.client.following import AT_ONCE, follow
from workers.client.ports.runs import JobRow, LogLine, LogPart
from workers.views.output import out, out_log, styled

if TYPE_CHECKING:
    from workers.client.ports.client import Client

EVERY_S = 0.5
"""Between two looks for jobs that have begun."""
Key = tuple[str, int]
"""A job, and its attempt in the run."""


@click.command()
@run_argument
@click.argument("job", required=False)
@click.option("--follow", "-f", "follow_", is_flag=True, help="Follow until the run ends.")
@click.option("--timestamps", "-t", is_flag=True, help="Show the time of each line.")
@as_json
def logs(name: str, job: str | None, follow_: bool, timestamps: bool, json_: bool) -> None:
    """Print the logs of a run, or of one job. Secrets are masked."""
    printer = _Printer(name, job, follow=follow_, timestamps=timestamps, json=json_)
    ask(printer.all)
    if job and not printer.begun:
        raise SluicewayError("SLW915", f"{name} ran no job '{job}'", fix=f"sluiceway show {name}")


@dataclass
class _Printer:
    """Prints each log once; those that are followed, beside one another."""

    run: str
    job: str | None
    follow: bool
    timestamps: bool
    json: bool
    begun: dict[Key, asyncio.Task[bool]] = field(default_factory=dict)

    async def all(self, client: Client) -> None:
        """Logs of jobs that have begun; when they are followed, of those that begin, too."""
        while True:
            found = await client.runs.show(self.run)
            for key in self._keys(found.jobs):
                if self._is_new(key):
                    self.begun[key] = asyncio.create_task(self._one(client, key))
                    if not self.follow:
                        await self.begun[key]
            if found.row.ended_at or not self.follow:
                break
            await asyncio.sleep(EVERY_S)
        await asyncio.gather(*self.begun.values())

    def _keys(self, jobs: tuple[JobRow, ...]) -> Iterator[Key]:
        """Of each job all attempts so far: a row is the last one."""
        for row in jobs:
            if self.job in (None, row.id) and (row.has_log or row.started_at is not None):
                yield from ((row.id, attempt) for attempt in range(1, row.attempt + 1))

    def _is_new(self, key: Key) -> bool:
        """Also one whose job has begun, and which was not there yet at the last look."""
        told = self.begun.get(key)
        return told is None or (told.done() and not told.result())

    async def _one(self, client: Client, key: Key) -> bool:
        """Whether there was one."""
        ended = follow(client.runs, self.run, *key) if self.follow else _whole(client, self.run, key)
        try:
            async for part in ended:
                for line in part.lines if part else ():
                    self._print(key, line)
        except SluicewayError as unknown:
            if (
                unknown.code != "SLW915"
            ):  # not there yet, or an attempt that an earlier run of the job left no record of
                raise
            return False
        return True

    def _print(self, key: Key, line: LogLine) -> None:
        if self.json:
            out(json.dumps({"job": key[0], "attempt": key[1], **asdict(line)}))
            return
        at = f"{datetime.fromtimestamp(line.at):%H:%M:%S.%f}"[:-3] + " " if self.timestamps else ""
        mark = {"step": styled("▶ ", bold=True), "engine": styled("! ", "yellow")}.get(line.stream, "")
        out_log((at, styled(key[0], dim=True), " ", mark), line.text)


async def _whole(client: Client, run: str, key: Key) -> AsyncIterator[LogPart | None]:
    """What there is now."""
    first = 1
    while True:
        part = await client.runs.log(run, *key, first=first, limit=AT_ONCE)
        yield part
        if not part.lines or part.lines[-1].number >= part.total:
            return
        first = part.lines[-1].number + 1
