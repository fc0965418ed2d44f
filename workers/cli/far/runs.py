"""run, runs, show, report, cancel, rerun: runs of a server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from domain.core.errors import DefinitionError
from domain.jobs.result import EXIT_CODES, Status
from workers.cli.far.session import ask, pages
from workers.cli.far.shown import as_json, limited, print_json, took, when
from workers.client.ports.client import Client
from workers.client.ports.runs import RunDetails, RunFilter, StartRun
from workers.remote.connection import new_key
from workers.views.output import out
from workers.views.style import coloured

EVERY_S = 1.0


@click.command()
@click.argument("pipeline")
@click.option("--branch", default="", help="[default: the default branch of the pipeline's repository]")
@click.option("--param", "-p", "params", multiple=True, help="NAME=VALUE; repeatable.")
@click.option("--detach", "-d", is_flag=True, help="Print the name of the run and return.")
@click.pass_context
def run(ctx: click.Context, pipeline: str, branch: str, params: tuple[str, ...], detach: bool) -> None:
    """Start a run of PIPELINE, a name that the server knows, and follow it."""
    given = [one.partition("=") for one in params]
    if wrong := [name for name, sign, _ in given if not (name and sign)]:
        raise DefinitionError("SLW501", f"'{wrong[0]}' is not NAME=VALUE")
    what = StartRun(pipeline=pipeline, branch=branch, params={name: value for name, _, value in given})
    key = new_key()
    id_ = ask(lambda client: client.runs.start(what, key))
    out(id_.removeprefix("run/"))
    if not detach:
        ctx.exit(followed(id_))


def followed(id_: str) -> int:
    """Waits for the end of a run, says what becomes of its jobs, and returns the exit code."""

    async def watched(client: Client) -> RunDetails:
        told: dict[str, str] = {}
        while True:
            seen = await client.runs.show(id_)
            for job in seen.jobs:
                if job.started_at and told.get(job.id) != job.status:
                    told[job.id] = job.status
                    out(f"  {job.id:<26} ", coloured(job.status, 10), f" {job.reason}")
            if seen.row.ended_at:
                return seen
            await asyncio.sleep(EVERY_S)

    row = ask(watched).row
    out(f"{row.id} ", coloured(row.status), f" {row.reason}")
    return EXIT_CODES.get(Status(row.status), 1) if row.status in set(Status) else 1


@click.command()
@click.option("--pipeline", default="", help="Only runs of this pipeline.")
@click.option("--status", default="", help="Only runs with this status.")
@click.option("--branch", default="", help="Only runs of this branch.")
@click.option("--text", default="", help="In the id, commit, branch, author or message.")
@limited
@as_json
def runs(pipeline: str, status: str, branch: str, text: str, limit: int, json_: bool) -> None:
    """List runs, newest first: those that you may read."""
    which = RunFilter(pipeline=pipeline, status=status, branch=branch, text=text)
    found = pages(limit, lambda client, page: client.runs.list(which, page))
    if json_:
        print_json(found)
        return
    for row in found:
        lasted = took(row.started_at, row.ended_at)
        about = f" {when(row.started_at)}  {lasted:>8}  {row.commit[:12]:<12}  {row.reason[:70]}"
        out(f"{row.id.removeprefix('run/'):<24} ", coloured(row.status, 12), about)
    if not found:
        out("no runs that you may read")


@click.command()
@click.argument("name")
@as_json
def show(name: str, json_: bool) -> None:
    """Show a run: its jobs with results and durations, and what it is waiting for."""
    found = ask(lambda client: client.runs.show(name))
    if json_:
        print_json(found)
        return
    row = found.row
    out(f"{row.id} ", coloured(row.status))
    out(f"  {row.event} of {row.branch or '-'}, commit {row.commit[:12]} by {row.author or '-'}")
    if row.reason:
        out(f"  {row.reason}")
    for job in found.jobs:
        attempt = f" (attempt {job.attempt})" if job.attempt > 1 else ""
        kept = f" (kept from {job.reused_from.removeprefix('run/')})" if job.reused_from else ""
        lasted = took(job.started_at, job.ended_at)
        out(f"  {job.id + attempt:<26} ", coloured(job.status, 10), f" {lasted:>8}  {job.reason}{kept}")
    for wait in found.waits:
        out(f"  waiting for {wait.text}")
    for error in found.errors:
        out(f"  {error}")


@click.command()
@click.argument("name")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file.  [default: NAME.html]")
def report(name: str, output: Path | None) -> None:
    """Get the HTML report of a run."""
    target = output or Path(name.removeprefix("run/").replace("/", "-") + ".html")
    target.write_bytes(ask(lambda client: client.runs.report(name)))
    out(str(target))


@click.command()
@click.argument("name")
@click.option("--reason", default="cancelled manually")
@click.option("--now", is_flag=True, help="End at once: no grace for processes, and no jobs with always().")
def cancel(name: str, reason: str, now: bool) -> None:
    """Cancel a run: stop its processes, close its approvals, roll back its releases. Twice: end it at once."""
    key = new_key()
    out(ask(lambda client: client.runs.cancel(name, reason, now=now, key=key)))


@click.command()
@click.argument("name", metavar="RUN")
@click.option("--from-failed", is_flag=True, help="Jobs that did not pass, and their dependents (the default).")
@click.option("--all", "all_", is_flag=True, help="All jobs.")
@click.option("--detach", "-d", is_flag=True, help="Print the name of the attempt and return.")
@click.pass_context
def rerun(ctx: click.Context, name: str, from_failed: bool, all_: bool, detach: bool) -> None:
    """Run the failed jobs of a run again, or all of them."""
    key = new_key()
    id_ = ask(lambda client: client.runs.rerun(name, everything=all_ and not from_failed, key=key))
    out(id_.removeprefix("run/"))
    if not detach:
        ctx.exit(followed(id_))
