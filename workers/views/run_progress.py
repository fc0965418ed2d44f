"""Follows a run, near and far: a live tree on a terminal, plain lines elsewhere, or JSON lines."""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from domain.core.errors import SluicewayError
from domain.core.values import duration_text
from workers.client.ports.runs import JobRow, RunDetails, Runs, WaitRow
from workers.views import reasons
from workers.views.output import markup, out
from workers.views.rows import plain
from workers.views.style import COLOURS, coloured

if TYPE_CHECKING:
    from rich.tree import Tree

FIRST_LOOK_S, LONGEST_LOOK_S = 0.1, 0.5
"""Between two looks: a short run is not waited for, and a long one costs little."""
PATIENCE_S = 5.0
"""Before it is told that no worker has begun a run."""
MARKS = {"passed": "✓", "failed": "✗", "skipped": "-", "running": "●", "refused": "✗", "expired": "✗", "cancelled": "✗"}
MOST_OF_STAGE = 30
Show = Callable[[RunDetails], None]


async def follow(runs: Runs, run: str, show: Show) -> RunDetails:
    """Shows each state of a run that was started, until it has ended; returns the last one."""
    pause = FIRST_LOOK_S
    await recorded(runs, run)
    while True:
        seen = await runs.show(run)
        show(seen)
        if seen.row.ended_at is not None:
            return seen
        await asyncio.sleep(pause)
        pause = min(pause * 1.2, LONGEST_LOOK_S)


async def recorded(runs: Runs, run: str, limit_s: float = math.inf) -> None:
    """Waits for the first record of a run, which its worker makes: from then on every command finds it."""
    began, told = time.monotonic(), False
    while True:
        try:
            await runs.show(run)
            return
        except SluicewayError as unknown:
            if unknown.code != "SLW911":
                raise
        if time.monotonic() - began > PATIENCE_S and not told:
            told = True
            out(f"{run} waits for a worker", err=True)
        if time.monotonic() - began > limit_s:
            return
        await asyncio.sleep(FIRST_LOOK_S)


def watcher(json_: bool, title: str) -> tuple[Show, Callable[[], None]]:
    """(show, close) for the kind of output. The thin client has no library for live trees."""
    if json_:
        return _json_lines(), lambda: None
    if sys.stdout.isatty() and find_spec("rich"):
        return _tree(title)
    return _lines(title), lambda: None


def wait_text(one: WaitRow) -> str:
    """`ask: one of the managers`."""
    return f"{one.job}: {one.text}" if one.job else one.text


def _begun_here(view: RunDetails) -> Iterator[JobRow]:
    """Not those that wait, and not those that an earlier attempt did."""
    return (job for job in view.jobs if job.started_at is not None and not job.reused_from)


def _took(job: JobRow, now: float) -> str:
    return duration_text((job.ended_at or now) - (job.started_at or now))


def _news(told: dict[str, str], view: RunDetails) -> Iterator[JobRow]:
    for job in _begun_here(view):
        if told.get(job.id) != f"{job.status}{job.attempt}":
            told[job.id] = f"{job.status}{job.attempt}"
            yield job


def _json_lines() -> Show:
    told: dict[str, str] = {}

    def show(view: RunDetails) -> None:
        for job in _news(told, view):
            out(json.dumps({"run": view.row.id, "job": job.id, **plain(job)}))

    return show


def _lines(title: str) -> Show:
    told: dict[str, str] = {}
    waits: set[str] = set()
    out(title)

    def show(view: RunDetails) -> None:
        for job in _news(told, view):
            took = f" {_took(job, time.time())}" if job.status != "running" else ""
            why = f"  {reasons.parts(job.reason)[0]}" if job.reason else ""
            out(f"  {MARKS.get(job.status, '✗')} {job.id:<24} ", coloured(job.status), f"{took}{why}")
            reasons.out_more(job.reason)
        for wait in view.waits:
            if wait.text not in waits:
                waits.add(wait.text)
                out(f"  … waits for {wait.text}")

    return show


def _tree(title: str) -> tuple[Show, Callable[[], None]]:
    from rich.live import Live

    live = Live(refresh_per_second=8, transient=False)
    live.start()

    def show(view: RunDetails) -> None:
        live.update(tree(title, view, time.time()))

    return show, live.stop


def tree(title: str, view: RunDetails, now: float) -> Tree:
    """Stages, jobs, durations, reasons, what it waits for, and the errors that keep it from going on."""
    from rich.tree import Tree

    colour = COLOURS.get(view.row.status, "white")
    root = Tree(f"[bold]{markup(title)}[/bold] [{colour}]{view.row.status}[/{colour}]")
    stages: dict[str, list[JobRow]] = {}
    for job in _begun_here(view):
        stages.setdefault(job.stage, []).append(job)
    for stage, jobs in stages.items():
        branch = root.add(f"[bold dim]{markup(stage)}[/bold dim]")
        for job in jobs[-MOST_OF_STAGE:]:
            branch.add(_leaf(job, now))
    for wait in view.waits:
        root.add(f"[yellow]… waits for {markup(wait.text)}[/yellow]")
    for error in view.errors:
        root.add(f"[red]{markup(error)}[/red]")
    return root


def _leaf(job: JobRow, now: float) -> str:
    colour = COLOURS.get(job.status, "bright_black")
    attempt = f" attempt {job.attempt}" if job.attempt > 1 else ""
    mark, words = MARKS.get(job.status, "✗"), markup(job.reason[:100])
    return f"[{colour}]{mark} {markup(job.id):<22}[/{colour}] {_took(job, now):>8}{attempt}  [dim]{words}[/dim]"
