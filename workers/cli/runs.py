"""run, runs, show, logs, report, cancel."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from datetime import datetime
from operator import methodcaller
from pathlib import Path
from typing import Any

import click

from activities.core import serialization as serial
from activities.jobs.directories import Places
from activities.jobs.logs import Follower
from domain.core.errors import DefinitionError, SluicewayError
from domain.core.values import duration_text
from domain.jobs.result import EXIT_CODES, JobResult, Status
from domain.queues import queue
from domain.runs.record import RunRecord
from workers.cli.common import (
    as_json,
    coloured,
    current,
    listing,
    open_releases,
    print_json,
    run_name,
    store,
    with_engine,
)
from workers.cli.definitions import Files, given

FOLLOW_POLL_S = 0.1


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--event", "kind", type=click.Choice(["push", "pull-request"]), help="Start as if this had happened.")
@click.option("--repo", type=click.Path(path_type=Path), default=Path(), help="For --event.  [default: here]")
@click.option("--base", default="", help="For --event: the commit or branch before.")
@click.option("--head", default="HEAD", show_default=True, help="For --event: the commit.")
@click.option("--param", "-p", multiple=True, help="NAME=VALUE; may be given often.")
@click.option("--detach", "-d", is_flag=True, help="Print the run's name and return.")
@click.option("--dry", is_flag=True, help="Show what would run: everything is mocked, everybody agrees.")
@as_json
@click.pass_context
def run(
    ctx: click.Context,
    file: Path | None,
    kind: str | None,
    repo: Path,
    base: str,
    head: str,
    param: tuple[str, ...],
    detach: bool,
    dry: bool,
    json_: bool,
) -> None:
    """Start a run of FILE as it is now, or of what a push or pull request would start, and follow it.

    Starts the engine of this home when it has none. The exit code is the run's.
    """
    from workers.client import deliveries as trigger
    from workers.client.client import new_delivery_id
    from workers.engine import embedded as engine

    chosen = current()
    if file and not kind:
        check(file, given(param))
    if dry:
        ctx.exit(_dry(file, given(param), json_))
    if not chosen.address and not engine.is_up(chosen):
        engine.up(chosen)
    if kind:
        deliveries = _from_event(kind, repo.resolve(), base, head)
        if not deliveries:
            why = "there is no sluiceway.yaml, and nothing in .sluiceway/"
            raise DefinitionError("SLW601", f"commit {head} has no definition", where=str(repo), why=why)
    elif file:
        from activities.source.git import Mirrors

        values = given(param)
        deliveries = [trigger.by_hand(file, Mirrors(chosen.mirrors), values, new_delivery_id("manual"))]
    else:
        raise click.UsageError("name a FILE, or an --event")

    status = with_engine(chosen, lambda connected: _start(connected, deliveries, detach, json_))
    bad_definition = any(_definition_failed(chosen, status, d.pipeline) for d in deliveries)
    ctx.exit(2 if bad_definition else EXIT_CODES.get(status, 1))


def _dry(file: Path | None, values: dict[str, str | int | float | bool], json_: bool) -> int:
    import asyncio
    import logging
    from dataclasses import asdict

    from workers.simulation.dry_run import dry_run

    if file is None:
        raise click.UsageError("--dry needs a FILE")
    logging.disable(logging.WARNING)
    seen = asyncio.run(dry_run(file.read_bytes(), str(file), Files(), values))
    if json_:
        print_json(asdict(seen))
    else:
        for id_, result in seen.jobs.items():
            status = coloured(result.status) + " " * max(0, 10 - len(result.status))
            click.echo(f"  {id_:<26} {status} {result.reason}")
        click.echo(f"dry {coloured(seen.status)}: {seen.reason}")
    return EXIT_CODES.get(Status(seen.status), 1) if seen.status in set(Status) else 1


async def _start(connected: Any, deliveries: list[Any], detach: bool, json_: bool) -> Status:
    """Starts each and follows it; returns the status of the last that did not pass."""
    worst = Status.PASSED
    for delivery in deliveries:
        answer = await connected.deliver(delivery)
        if not answer.number:
            click.echo(f"{delivery.pipeline} not started: {answer.reason}", err=True)
        elif detach:
            click.echo(json.dumps({"run": answer.run}) if json_ else answer.run)
        else:
            status = await follow_run(connected, answer.run, json_)
            worst = status if status is not Status.PASSED else worst
    return worst


async def follow_run(connected: Any, run: str, json_: bool) -> Status:
    from workers.views.run_progress import follow, watcher

    show, close = watcher(json_, run)
    try:
        view = await follow(connected, run, show)
    finally:
        close()
    if json_:
        last = {"run": view.id, "status": view.status, "stopped_by": view.stopped_by, "reason": view.reason}
        click.echo(json.dumps(last))
    else:
        click.echo(f"{run} {coloured(view.status)}: {view.reason}")
    return Status(view.status)


def check(file: Path, values: dict[str, str | int | float | bool]) -> None:
    """Every problem of a file at once, before anything starts: who runs by hand sits in front of the text."""
    from domain.triggers.events import Event, EventKind
    from pipeline_defs.pipelines import compile as planning
    from workers.client import deliveries as trigger

    data = Files()(str(file))
    if data is None:
        raise DefinitionError("SLW601", "the file cannot be read", where=str(file))
    root = trigger.root_of(file.resolve())
    name = file.resolve().relative_to(root).as_posix()
    planning.plan(data, name, Event(EventKind.MANUAL, params=values), Files(root))


def _definition_failed(chosen: Any, status: Status, pipeline: str) -> bool:
    if status is not Status.FAILED:
        return False
    last = listing(chosen).runs.latest(pipeline, 1)
    return bool(last) and not last[0]["plan"]


def _from_event(kind: str, repo: Path, base: str, head: str) -> list[Any]:
    from activities.source import git
    from workers.client import deliveries as trigger

    if kind == "pull-request":
        return trigger.pull_request(repo, base or "main", head, trigger.me())
    old = git.resolve(repo, base) if base else "0" * 40
    branch = (
        git.git("symbolic-ref", "-q", "HEAD", cwd=repo).decode().strip() if head == "HEAD" else f"refs/heads/{head}"
    )
    return trigger.push(repo, old, git.resolve(repo, head), branch, trigger.me())


@click.command()
@click.option("--pipeline", default="", help="Only this one.")
@click.option("--limit", default=20, show_default=True)
@as_json
def runs(pipeline: str, limit: int, json_: bool) -> None:
    """List runs, newest first. Reads the records: works without a running engine."""
    found = listing(current()).runs.latest(pipeline, limit)
    if json_:
        print_json(found)
        return
    if not found:
        click.echo("no runs yet; start one with: sluiceway run FILE")
    for row in found:
        took = duration_text((row["ended_at"] or time.time()) - row["started_at"])
        when = f"{datetime.fromtimestamp(row['started_at']):%m-%d %H:%M:%S}"
        name = row["id"].removeprefix("run/")
        status = coloured(row["status"]) + " " * max(0, 12 - len(row["status"]))
        click.echo(f"{name:<24} {status} {when}  {took:>8}  {row['commit_id'][:12]:<12}  {row['reason'][:70]}")


@click.command()
@click.argument("name")
@as_json
def show(name: str, json_: bool) -> None:
    """Show a run: its jobs with reasons and times, and what it waits for."""
    chosen, run = current(), run_name(name)
    known = listing(chosen).runs.get(run)
    if known is None:
        raise SluicewayError("SLW911", f"there is no record of {run}", fix="sluiceway runs")
    jobs = listing(chosen).runs.jobs(run)
    view = _live_view(chosen, run) if known["status"] == "running" else None
    waits = _waits(chosen, run, view) if view else []
    if json_:
        rows = [{**row, "result": json.loads(row["result"])} for row in jobs]
        print_json(
            {
                **known,
                "event": json.loads(known["event"]),
                "jobs": rows,
                "waiting_for": waits,
            }
        )
        return
    event = json.loads(known["event"])
    click.echo(f"{run} {coloured(known['status'])}")
    click.echo(
        f"  {event['kind']} of {event['tag'] or event['branch'] or '-'},"
        f" commit {known['commit_id'][:12]} by {event['author'] or '-'}"
    )
    if known["reason"]:
        click.echo(f"  {known['reason']}")
    for row in jobs:
        result = serial.load(JobResult, row["result"]) if row["result"] != "{}" else None
        took = duration_text((row["ended_at"] or time.time()) - row["started_at"])
        attempt = f" (attempt {row['attempt']})" if row["attempt"] > 1 else ""
        kept = f" (kept from {result.reused.removeprefix('run/')})" if result and result.reused else ""
        status = coloured(row["status"]) + " " * max(0, 10 - len(row["status"]))
        click.echo(f"  {row['job'] + attempt:<26} {status} {took:>8}  {result.reason if result else ''}{kept}")
    for wait in waits:
        click.echo(f"  waits for {wait}")


def _waits(chosen: Any, run: str, view: Any) -> list[str]:
    """What a run waits for, and its releases."""
    found, releases = list(view.waiting_for), open_releases(chosen, run)
    if not found:
        return found
    places = _places(chosen)
    # what a run was told of its place may be some seconds old
    found = [text for text in found if ": place " not in text]
    found += [f"a place in {id_}: {words}" for who, (id_, words) in places.items() if who.partition(" ")[0] == run]
    for id_ in releases:
        with contextlib.suppress(SluicewayError):
            asked = with_engine(chosen, methodcaller("release_view", id_)).waiting_for
            place = f" ({places[id_][1]})" if id_ in places else ""
            found += [f"{id_}: {asked}{place}"] if asked else []
    return found


def _places(chosen: Any) -> dict[str, tuple[str, str]]:
    """Who waits in a queue, to the queue and the place in it."""
    with contextlib.suppress(SluicewayError):
        queues = with_engine(chosen, methodcaller("queues")).items()
        return {who: (id_, text) for id_, one in queues for who, text in queue.words(one, time.time()).items()}
    return {}


def _live_view(chosen: Any, run: str) -> Any:
    """What only the engine knows; nothing when it is not there."""
    try:
        return with_engine(chosen, lambda connected: connected.view(run))
    except SluicewayError:
        return None


def _has_ended(row: RunRecord | None) -> bool:
    return row is not None and row["ended_at"] is not None


@click.command()
@click.argument("name")
@click.argument("job", required=False)
@click.option("--follow", "-f", is_flag=True, help="Go on until the run ends; no gap, no repeat.")
@click.option("--timestamps", "-t", is_flag=True)
@as_json
def logs(name: str, job: str | None, follow: bool, timestamps: bool, json_: bool) -> None:
    """Print the logs of a run, or of one of its jobs. Secrets were masked before they were written."""
    chosen, run = current(), run_name(name)
    known = listing(chosen)
    if known.runs.get(run) is None and not follow:
        raise SluicewayError("SLW911", f"there is no record of {run}", fix="sluiceway runs")
    places, kept = Places(chosen.home / "jobs"), store(chosen)
    followers: dict[tuple[str, int], Follower] = {}
    while True:
        ended = _has_ended(known.runs.get(run))
        for row in known.runs.jobs(run):
            if job and row["job"] != job:
                continue
            key = (row["job"], row["attempt"])
            follower = followers.setdefault(key, Follower(places.folder(run, *key), kept))
            digest = json.loads(row["result"]).get("log", "")
            for line in follower.new_lines(digest):
                _print_line(key, line, timestamps, json_)
        if ended or not follow:
            break
        time.sleep(FOLLOW_POLL_S)
    if job and not followers:
        raise SluicewayError("SLW915", f"{run} has no job '{job}' that ran", fix=f"sluiceway show {name}")


def _print_line(key: tuple[str, int], line: Any, timestamps: bool, json_: bool) -> None:
    if json_:
        click.echo(json.dumps({"job": key[0], "attempt": key[1], **line.__dict__}))
        return
    at = f"{datetime.fromtimestamp(line.at):%H:%M:%S.%f}"[:-3] + " " if timestamps else ""
    mark = {"step": click.style("▶ ", bold=True), "engine": click.style("! ", fg="yellow")}.get(line.stream, "")
    click.echo(f"{at}{click.style(key[0], dim=True)} {mark}{line.text}")


@click.command()
@click.argument("name")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it here.")
def report(name: str, output: Path | None) -> None:
    """Say where a run's HTML report is, or write a copy."""
    chosen, run = current(), run_name(name)
    known = listing(chosen).runs.get(run)
    if known is None or not known["report"]:
        raise SluicewayError(
            "SLW913", f"{run} has no report", why="it has not ended" if known else "there is no such run"
        )
    target = output or chosen.home / "reports" / (run.removeprefix("run/").replace("/", "-") + ".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(store(chosen).local(known["report"]), target)
    click.echo(str(target))


@click.command()
@click.argument("name")
@click.option("--reason", default="cancelled by hand")
def cancel(name: str, reason: str) -> None:
    """Stop a run: its processes are killed, its approvals closed, its releases go back."""
    run = run_name(name)
    with_engine(current(), lambda connected: connected.cancel(run, reason))
    click.echo(f"{run} is being cancelled")
