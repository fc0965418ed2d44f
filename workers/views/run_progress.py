"""Follows a run: a live tree on a terminal, plain lines elsewhere, or JSON lines."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.core.errors import SluicewayError
from domain.core.values import duration_text
from workers.client import runs
from workers.client.client import Engine
from workers.views.output import markup, out
from workers.views.style import COLOURS, coloured
from workflows.runs.messages import JobView, RunView

if TYPE_CHECKING:
    from rich.tree import Tree

POLL_S = 0.2
MARKS = {"passed": "✓", "failed": "✗", "skipped": "-", "running": "●", "refused": "✗", "expired": "✗", "cancelled": "✗"}


async def follow(engine: Engine, run: str, show: Callable[[RunView], None]) -> RunView:
    """Shows each state until the run has ended; returns the last one."""
    ended = asyncio.create_task(runs.result(engine, run))
    view: RunView | None = None
    while True:
        try:
            view = await runs.view(engine, run)
            show(view)
        except SluicewayError:
            if ended.done() and view is not None:
                break  # the worker is away and the run has ended: keep the last view
        if ended.done():
            result = ended.result()
            assert view is not None
            last = RunView(
                id=run,
                status=result.status,
                jobs=view.jobs,
                waiting_for=(),
                stopped_by=result.stopped_by,
                reason=result.reason,
                total=view.total,
            )
            show(last)
            return last
        await asyncio.wait([ended], timeout=POLL_S)
    raise SluicewayError(
        "SLW906", f"{run} ended, but no worker is available to report its result", fix=f"sluiceway show {run}"
    )


def watcher(json_: bool, title: str) -> tuple[Callable[[RunView], None], Callable[[], None]]:
    """(show, close) for the kind of output."""
    if json_:
        return _json_lines(), lambda: None
    if sys.stdout.isatty():
        return _tree(title)
    return _lines(title), lambda: None


def _json_lines() -> Callable[[RunView], None]:
    told: dict[str, str] = {}

    def show(view: RunView) -> None:
        for job in view.jobs:
            if told.get(job.id) != f"{job.status}{job.attempt}":
                told[job.id] = f"{job.status}{job.attempt}"
                out(json.dumps({"run": view.id, "job": job.id, **job.__dict__}))

    return show


def _lines(title: str) -> Callable[[RunView], None]:
    told: dict[str, str] = {}
    waits: set[str] = set()
    out(title)

    def show(view: RunView) -> None:
        for job in view.jobs:
            if told.get(job.id) != f"{job.status}{job.attempt}":
                told[job.id] = f"{job.status}{job.attempt}"
                took = f" {duration_text(job.seconds)}" if job.status != "running" else ""
                why = f"  {job.reason}" if job.reason else ""
                out(f"  {MARKS.get(job.status, '✗')} {job.id:<24} ", coloured(job.status), f"{took}{why}")
        for wait in view.waiting_for:
            if wait not in waits:
                waits.add(wait)
                out(f"  … waits for {wait.split(': ', 1)[-1]}")

    return show


def _tree(title: str) -> tuple[Callable[[RunView], None], Callable[[], None]]:
    from rich.live import Live

    live = Live(refresh_per_second=8, transient=False)
    live.start()

    def show(view: RunView) -> None:
        live.update(tree(title, view, time.time()))

    return show, live.stop


def tree(title: str, view: RunView, now: float) -> Tree:
    """Stages, jobs, durations, reasons, and what it waits for."""
    from rich.tree import Tree

    colour = COLOURS.get(view.status, "white")
    root = Tree(f"[bold]{markup(title)}[/bold] [{colour}]{view.status}[/{colour}]")
    stages: dict[str, list[JobView]] = {}
    for job in view.jobs:
        stages.setdefault(job.stage, []).append(job)
    for stage, jobs in stages.items():
        branch = root.add(f"[bold dim]{markup(stage)}[/bold dim]")
        for job in jobs[-30:]:
            colour = COLOURS.get(job.status, "bright_black")
            took = duration_text(now - job.began_at if job.status == "running" else job.seconds)
            attempt = f" attempt {job.attempt}" if job.attempt > 1 else ""
            mark = MARKS.get(job.status, "✗")
            words = markup(job.reason[:100])
            branch.add(f"[{colour}]{mark} {markup(job.id):<22}[/{colour}] {took:>8}{attempt}  [dim]{words}[/dim]")
    for wait in view.waiting_for:
        root.add(f"[yellow]… waits for {markup(wait.split(': ', 1)[-1])}[/yellow]")
    return root
