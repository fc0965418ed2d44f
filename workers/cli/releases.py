"""release list, show, watch, explain; pause, resume, promote, abort, rollback."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.errors import RefusedError, SluicewayError, UnreachableError
from domain.core.values import duration_text
from domain.releases.record import ReleaseRecord
from workers.cli.common import as_json, listing, print_json, records, store, with_engine
from workers.cli.recorded import recorded
from workers.core.settings import Settings, current
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from domain.releases.actions import ReleaseResult
    from workers.client.client import Engine
    from workers.client.engine_errors import EngineError
    from workflows.releases.messages import ReleaseView

environment_option = click.option("--environment", "-e", default="", help="Only releases to this environment.")
EXIT_CODES = {"live": 0, "rolled-back": 4, "aborted": 4}


@click.group()
def release() -> None:
    """List, watch, explain and control releases.

    RELEASE is an id (release/web-shop/production/57), its short form (web-shop/production/57), or a service, which
    selects its newest release. Without it, the newest release of all is used.
    """


def found(chosen: Settings, name: str, environment: str = "", *, running: bool = False) -> ReleaseRecord:
    """The record that a name refers to."""
    rows = listing(chosen).releases.latest(limit=500)
    plain = name.removeprefix("release/")
    for row in rows:
        fits = not plain or plain in (row["service"], row["id"].removeprefix("release/"))
        if fits and (not environment or row["environment"] == environment) and not (running and row["ended_at"]):
            return row
    what = f"release of {plain}" if plain else "release"
    which = f"no {what} is in progress" if running else f"no {what} found"
    raise SluicewayError("SLW868", which + (f" to {environment}" if environment else ""), fix="sluiceway release list")


@release.command("list")
@click.argument("service", required=False, default="")
@click.option("--limit", default=20, show_default=True)
@as_json
def list_(service: str, limit: int, json_: bool) -> None:
    """List releases, newest first, with their verdicts and reasons."""
    rows = listing(current()).releases.latest(service, limit)
    listed = [{**row, "result": json.loads(row["result"])} for row in rows]
    if json_:
        print_json(listed)
        return
    for row in listed:
        result = row["result"]
        took = duration_text((row["ended_at"] or time.time()) - row["started_at"])
        when = f"{datetime.fromtimestamp(row['started_at']):%m-%d %H:%M:%S}"
        verdict = result.get("verdict", "running")
        strategy = result.get("strategy", "")
        reason = result.get("reason", "in progress")[:160]
        out(f"{row['id']:<36} ", coloured(verdict, 12), f" {strategy:<11} {when} {took:>8}  {reason}")
    if not listed:
        out("no releases yet")


@release.command("show")
@click.argument("name", metavar="[RELEASE]", required=False, default="")
@environment_option
@as_json
def show(name: str, environment: str, json_: bool) -> None:
    """Show the status of a release, or how it ended."""
    chosen = current()
    row = found(chosen, name, environment)
    result = json.loads(row["result"])
    if row["ended_at"]:
        if json_:
            print_json({**row, "result": result})
            return
        out(f"{row['id']}: ", coloured(result["verdict"]), f": {result['reason']}")
        for number, step in enumerate(result["steps"], 1):
            out(f"  {number:>2}. {step}")
        return
    from dataclasses import asdict

    from workers.views.release_progress import plain

    async def seen(engine: Engine) -> ReleaseView:
        from workers.client import releases

        return await releases.view(engine, row["id"])

    view = with_engine(chosen, seen)
    if json_:
        print_json(asdict(view))
    else:
        for line in plain(view):
            out(line)


@release.command("watch")
@click.argument("name", metavar="[RELEASE]", required=False, default="")
@environment_option
@click.pass_context
def watch(ctx: click.Context, name: str, environment: str) -> None:
    """Follow a release: traffic weight, error rates, latency, and the evidence for a rollback."""
    from workers.views import release_progress as release_view

    chosen = current()
    row = found(chosen, name, environment)
    verdict = with_engine(chosen, lambda engine: release_view.follow(engine, chosen.home / "releases", row["id"]))
    ctx.exit(EXIT_CODES.get(verdict, 1))


@release.command("explain")
@click.argument("name", metavar="[RELEASE]", required=False, default="")
@environment_option
def explain(name: str, environment: str) -> None:
    """Explain each decision of a release, with the numbers it is based on."""
    from workers.views.release_story import story

    chosen = current()
    row = found(chosen, name, environment)
    if not row["ended_at"]:
        raise SluicewayError("SLW884", f"{row['id']} is still in progress", fix=f"sluiceway release watch {row['id']}")
    for line in story(row["id"], json.loads(row["result"]), store(chosen)):
        out(line)


def _steering(verb: str, help_: str) -> Callable[..., None]:
    @release.command(verb, help=help_)
    @click.argument("name", metavar="[RELEASE]", required=False, default="")
    @environment_option
    @click.option("--reason", default="", help="Recorded with the release.")
    @recorded(Action(f"releases:{verb}"), ResourceKind.RELEASE, "name")
    def steer(name: str, environment: str, reason: str) -> None:
        chosen = current()
        row = found(chosen, name, environment, running=True)

        async def told(engine: Engine) -> tuple[str, EngineError | None]:
            from workers.client import cancelling, releases

            if verb == "abort" and (error := await cancelling.end_release(engine, row["id"], reason or "aborted")):
                return "", error
            return await releases.steer(engine, row["id"], verb, reason), None

        answer, error = with_engine(chosen, told)
        if error:
            records(chosen).releases.close(row["id"], f"{reason or 'aborted'}; it could not end itself: {error}")
            answer = f"ended as it is, because {error}; see what is live, and roll back by hand"
        out(f"{row['id']}: {answer}")

    command: Callable[..., None] = steer
    return command


pause = _steering("pause", "Pause before the next step; analysis continues.")
resume = _steering("resume", "Resume a paused release.")
promote = _steering("promote", "Skip the remaining analysis. Approvals are still required.")
abort = _steering("abort", "Abort a release in progress and roll back to the previous version.")


@release.command("rollback")
@click.argument("name", metavar="[SERVICE]", required=False, default="")
@environment_option
@click.option("--reason", default="", help="Recorded with the release.")
@click.pass_context
@recorded(Action.RELEASES_ROLLBACK, ResourceKind.RELEASE, "name")
def rollback(ctx: click.Context, name: str, environment: str, reason: str) -> None:
    """Roll back to the previous version, and wait until it is live.

    A release in progress is rolled back. Otherwise the previous version is released again, instantly while it is on
    standby.
    """
    chosen = current()
    try:
        row, running = found(chosen, name, environment, running=True), True
    except SluicewayError as none:
        if isinstance(none, UnreachableError):
            raise
        row, running = found(chosen, name, environment), False

    async def back(engine: Engine) -> ReleaseResult:
        from workers.client import releases

        started = row["id"]
        if running:
            try:
                await releases.steer(engine, started, "rollback", reason)
            except RefusedError as late:
                out(late.what)
                await releases.outcome(engine, started)
                started = await releases.rollback(engine, row["environment"], row["service"])
        else:
            started = await releases.rollback(engine, row["environment"], row["service"])
        out(f"{started} started" if started != row["id"] else f"{started} is rolling back")
        return await releases.outcome(engine, started)

    result = with_engine(chosen, back)
    out(coloured(result.verdict), f": {result.reason}")
    ctx.exit(0 if result.verdict in ("live", "aborted") else 4)
