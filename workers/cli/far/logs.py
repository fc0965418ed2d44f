"""logs: output of the jobs of a run of a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime

import click

from domain.core.errors import SluicewayError
from workers.cli.far.session import ask
from workers.cli.far.shown import as_json
from workers.client.following import AT_ONCE, follow
from workers.client.ports.client import Client
from workers.client.ports.runs import JobRow, LogLine, LogPart
from workers.views.output import out, out_log, styled

EVERY_S = 1.0
Key = tuple[str, int]


@click.command()
@click.argument("name")
@click.argument("job", required=False)
@click.option("--follow", "-f", "follow_", is_flag=True, help="Follow until the run ends.")
@click.option("--timestamps", "-t", is_flag=True, help="Show the time of each line.")
@as_json
def logs(name: str, job: str | None, follow_: bool, timestamps: bool, json_: bool) -> None:
    """Print the logs of a run, or of one job. Secrets are masked."""

    def told(key: Key, line: LogLine) -> None:
        _print(key, line, timestamps, json_)

    class Printer:
        """What of which log was printed."""

        seen: dict[Key, asyncio.Task[None]] = {}

    async def printed(client: Client, row: JobRow) -> None:
        parts: AsyncIterator[LogPart | None] = (
            follow(client.runs, name, row.id, row.attempt) if follow_ else _whole(client, name, row)
        )
        async for part in parts:
            for line in part.lines if part else ():
                told((row.id, row.attempt), line)

    async def all_(client: Client) -> None:
        while True:
            found = await client.runs.show(name)
            for row in found.jobs:
                key = (row.id, row.attempt)
                if row.has_log and job in (None, row.id) and key not in Printer.seen:
                    Printer.seen[key] = asyncio.create_task(printed(client, row))
                    if not follow_:
                        await Printer.seen[key]
            if found.row.ended_at or not follow_:
                break
            await asyncio.sleep(EVERY_S)
        await asyncio.gather(*Printer.seen.values())
        if job and not Printer.seen:
            raise SluicewayError("SLW915", f"{name} ran no job '{job}'", fix=f"sluiceway show {name}")

    ask(all_)


async def _whole(client: Client, run: str, row: JobRow) -> AsyncIterator[LogPart | None]:
    """What there is now."""
    first = 1
    while True:
        part = await client.runs.log(run, row.id, row.attempt, first=first, limit=AT_ONCE)
        yield part
        if not part.lines or part.lines[-1].number >= part.total:
            return
        first = part.lines[-1].number + 1


def _print(key: Key, line: LogLine, timestamps: bool, json_: bool) -> None:
    if json_:
        out(json.dumps({"job": key[0], "attempt": key[1], **asdict(line)}))
        return
    at = f"{datetime.fromtimestamp(line.at):%H:%M:%S.%f}"[:-3] + " " if timestamps else ""
    mark = {"step": styled("▶ ", bold=True), "engine": styled("! ", "yellow")}.get(line.stream, "")
    out_log((at, styled(key[0], dim=True), " ", mark), line.text)
