"""runs, show, report, cancel."""

from __future__ import annotations

import json
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.errors import SluicewayError
from domain.core.values import duration_text
from workers.cli.common import (
    as_json,
    engine_errors,
    listing,
    open_releases,
    print_json,
    records,
    run_name,
    store,
    with_engine,
)
from workers.cli.recorded import recorded
from workers.core.settings import Settings, current
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.runs.record import RunRecord
    from workers.client.cancelling import Cancelled
    from workers.client.client import Engine


@click.command()
@click.option("--pipeline", default="", help="Only runs of this pipeline.")
@click.option("--limit", default=20, show_default=True)
@as_json
def runs(pipeline: str, limit: int, json_: bool) -> None:
    """List runs, newest first. Works without a running engine."""
    found = listing(current()).runs.latest(pipeline, limit)
    errors = _errors(found)
    if json_:
        print_json([{**row, "engine_errors": errors.get(row["id"], [])} for row in found])
        return
    if not found:
        out("no runs yet; start one with: sluiceway run FILE")
    for row in found:
        took = duration_text((row["ended_at"] or time.time()) - row["started_at"])
        when = f"{datetime.fromtimestamp(row['started_at']):%m-%d %H:%M:%S}"
        name = row["id"].removeprefix("run/")
        about = f" {when}  {took:>8}  {row['commit_id'][:12]:<12}  {row['reason'][:70]}"
        out(f"{name:<24} ", coloured(row["status"], 12), about)
        for error in errors.get(row["id"], []):
            out(f"  {error}")


def _errors(rows: list[RunRecord]) -> dict[str, list[str]]:
    """Run to the errors that the engine meets with it; nothing when the engine is not there."""
    open_ = [row["id"] for row in rows if row["status"] == "running"]
    return engine_errors(current(), open_) if open_ else {}


@click.command()
@click.argument("name")
@as_json
def show(name: str, json_: bool) -> None:
    """Show a run: its jobs with results and durations, and what it is waiting for."""
    chosen, run = current(), run_name(name)
    known = listing(chosen).runs.get(run)
    if known is None:
        raise SluicewayError("SLW911", f"no record of {run}", fix="sluiceway runs")
    jobs = listing(chosen).runs.jobs(run)
    running = known["status"] == "running"
    errors = engine_errors(chosen, [run]).get(run, []) if running else []
    waits = _waits(chosen, run) if running and not errors else []  # it cannot answer while it meets errors
    if json_:
        rows = [{**row, "result": json.loads(row["result"])} for row in jobs]
        print_json(
            {**known, "event": json.loads(known["event"]), "jobs": rows, "waiting_for": waits, "engine_errors": errors}
        )
        return
    event = json.loads(known["event"])
    out(f"{run} ", coloured(known["status"]))
    out(
        f"  {event['kind']} of {event['tag'] or event['branch'] or '-'},"
        f" commit {known['commit_id'][:12]} by {event['author'] or '-'}"
    )
    if known["reason"]:
        out(f"  {known['reason']}")
    for row in jobs:
        result = json.loads(row["result"])
        took = duration_text((row["ended_at"] or time.time()) - row["started_at"])
        attempt = f" (attempt {row['attempt']})" if row["attempt"] > 1 else ""
        kept = f" (kept from {result['reused'].removeprefix('run/')})" if result.get("reused") else ""
        status = coloured(row["status"], 10)
        out(f"  {row['job'] + attempt:<26} ", status, f" {took:>8}  {result.get('reason', '')}{kept}")
    for wait in waits:
        out(f"  waiting for {wait}")
    for error in errors:
        out(f"  {error}")


def _waits(chosen: Settings, run: str) -> list[str]:
    """Only the engine knows it: nothing when it is not there."""

    async def asked(engine: Engine) -> list[str]:
        from workers.client.waiting import waits

        return await waits(engine, run, open_releases(chosen, run))

    try:
        return with_engine(chosen, asked)
    except SluicewayError:
        return []


@click.command()
@click.argument("name")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write a copy to this file.")
def report(name: str, output: Path | None) -> None:
    """Get the HTML report of a run."""
    chosen, run = current(), run_name(name)
    known = listing(chosen).runs.get(run)
    if known is None or not known["report"]:
        raise SluicewayError("SLW913", f"{run} has no report", why="it has not ended" if known else "no such run")
    target = output or chosen.home / "reports" / (run.removeprefix("run/").replace("/", "-") + ".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(store(chosen).local(known["report"]), target)
    out(str(target))


@click.command()
@click.argument("name")
@click.option("--reason", default="cancelled manually")
@click.option("--now", is_flag=True, help="End at once: no grace for processes, and no jobs with always().")
@recorded(Action.RUNS_CANCEL, ResourceKind.RUN, "name")
def cancel(name: str, reason: str, now: bool) -> None:
    """Cancel a run: stop its processes, close its approvals, roll back its releases. Twice: end it at once.

    Works in every state of the engine: a run whose workflow only meets errors is ended from outside.
    """
    chosen, run = current(), run_name(name)

    async def stop(engine: Engine) -> Cancelled:
        from workers.client.cancelling import cancel

        return await cancel(engine, run, reason, now=now)

    known = listing(chosen).runs.get(run)
    try:
        done = with_engine(chosen, stop)
    except SluicewayError as unknown:
        if unknown.code != "SLW907" or known is None or known["ended_at"] is not None:
            raise
        records(chosen).runs.close(run, reason, time.time())
        out(f"{run} is closed as cancelled: Temporal has no open run of this name")
        return
    if done.forced:
        records(chosen).runs.close(run, f"{reason}; it could not end itself: {done.words}", time.time())
    for name in done.lost:
        if name.startswith("release/"):
            records(chosen).releases.close(name, f"{reason}; it could not end itself: {done.words}")
    for line in _told(run, done, now):
        out(line)


def _told(run: str, done: Cancelled, now: bool) -> Iterator[str]:
    if done.forced:
        yield f"{run} is cancelled; it could not end itself: {done.words}"
        yield "  its processes are stopped, its slots are free, its approvals are closed, its releases roll back"
    else:
        more = done.words or ("" if now else "cancel it again to end it at once")
        yield f"{run} is being cancelled" + (f"; {more}" if more else "")
    for name in done.lost:
        yield f"  {name} only met errors and was ended"
        if name.startswith("release/"):
            yield "  what is live was left as it is: see sluiceway release list, and roll back by hand"
