"""runs, show, report, cancel."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workers.cli.names import run_argument
from workers.cli.session import ask, rows_of
from workers.cli.shown import as_json, limited, print_json, took, when
from workers.client.ports.keys import new_key
from workers.client.ports.runs import JobRow, RunDetails, RunFilter, RunRow
from workers.views import reasons
from workers.views.output import out
from workers.views.rows import plain
from workers.views.style import coloured

if TYPE_CHECKING:
    from workers.client.ports.client import Client

MOST_ASKED = 20
"""Runs under way that a list asks for their errors, the newest first."""


@click.command()
@click.option("--pipeline", default="", help="Only runs of this pipeline.")
@click.option("--status", default="", help="Only runs with this status.")
@click.option("--branch", default="", help="Only runs of this branch.")
@click.option("--text", default="", help="In the id, commit, branch, author or message.")
@limited
@as_json
def runs(pipeline: str, status: str, branch: str, text: str, limit: int, json_: bool) -> None:
    """List runs, newest first: those that you may read. Works without a running engine."""
    which = RunFilter(pipeline=pipeline, status=status, branch=branch, text=text)
    found, errors = ask(lambda client: _listed(client, which, limit))
    if json_:
        print_json([{**plain(row), "errors": errors.get(row.id, ())} for row in found])
        return
    if not found:
        out("no runs yet that you may read; start one with: sluiceway run")
    for row in found:
        about = f" {when(row.started_at)}  {took(row.started_at, row.ended_at):>8}  {row.commit[:12]:<12}"
        out(f"{row.id.removeprefix('run/'):<24} ", coloured(row.status, 12), f"{about}  {row.reason[:70]}")
        for error in errors.get(row.id, ()):
            out(f"  {error}")


async def _listed(client: Client, which: RunFilter, limit: int) -> tuple[list[RunRow], dict[str, tuple[str, ...]]]:
    """Runs, and the errors that the engine meets with those under way."""
    found = await rows_of(limit, lambda page: client.runs.list(which, page))
    open_ = [row.id for row in found if row.status == "running"][:MOST_ASKED]
    seen = await asyncio.gather(*map(client.runs.show, open_))
    return found, {one.row.id: one.errors for one in seen}


@click.command()
@run_argument
@click.option("--results", is_flag=True, help="With outputs and digests of its jobs, and its event; needs --json.")
@as_json
def show(name: str, results: bool, json_: bool) -> None:
    """Show a run: its jobs with results and durations, and what it is waiting for."""
    if results and not json_:
        raise click.UsageError("--results needs --json")
    found = ask(lambda client: client.runs.show(name, results=results))
    if json_:
        print_json(found)
    else:
        _show(found)


def _show(found: RunDetails) -> None:
    from workers.views.run_progress import wait_text

    row = found.row
    out(f"{row.id} ", coloured(row.status))
    out(f"  {row.event} of {row.branch or '-'}, commit {row.commit[:12]} by {row.author or '-'}")
    if row.reason:
        out(f"  {reasons.parts(row.reason)[0]}")
        reasons.out_more(row.reason)
    tried: dict[str, list[JobRow]] = {}
    for one in found.earlier:
        tried.setdefault(one.id, []).append(one)
    for job in (each for last in found.jobs for each in (*tried.get(last.id, ()), last)):
        if job.started_at is None:
            continue
        name = job.id + (f" (attempt {job.attempt})" if job.attempt > 1 else "")
        kept = f" (kept from {job.reused_from.removeprefix('run/')})" if job.reused_from else ""
        lasted = took(job.started_at, job.ended_at)
        out(f"  {name:<26} ", coloured(job.status, 10), f" {lasted:>8}  {reasons.parts(job.reason)[0]}{kept}")
        reasons.out_more(job.reason)
    for wait in found.waits:
        out(f"  waiting for {wait_text(wait)}")
    for error in found.errors:
        out(f"  {error}")
    if not found.answers and not found.errors:
        out("  what it waits for is not known: nobody answers")


@click.command()
@run_argument
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file.  [default: NAME.html]")
def report(name: str, output: Path | None) -> None:
    """Get the HTML report of a run."""
    target = output or Path(name.removeprefix("run/").replace("/", "-") + ".html")
    found = ask(lambda client: client.runs.report(name))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(found)
    out(str(target))


@click.command()
@run_argument
@click.option("--reason", default="cancelled manually")
@click.option("--now", is_flag=True, help="End at once: no grace for processes, and no jobs with always().")
def cancel(name: str, reason: str, now: bool) -> None:
    """Cancel a run: stop its processes, close its approvals, roll back its releases. Twice: end it at once.

    Works in every state of the engine: a run whose workflow only meets errors is ended from outside.
    """
    key = new_key()
    for line in ask(lambda client: client.runs.cancel(name, reason, now=now, key=key)).splitlines():
        out(line)
