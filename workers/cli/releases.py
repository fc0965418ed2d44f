"""release list, show, watch, wait, explain, import; pause, resume, promote, override, abort, rollback."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from domain.core import ids
from domain.core.errors import RefusedError, SluicewayError
from workers.cli.release_end import ended
from workers.cli.release_import import import_
from workers.cli.release_wait import wait
from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, took, when
from workers.client.ports.keys import new_key
from workers.client.ports.pages import MOST, PageOf
from workers.client.ports.releases import ReleaseDetails, ReleaseRow
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from workers.client.ports.client import Client

EXIT_CODES = {"live": 0, "rolled-back": 4, "aborted": 4}
environment_option = click.option("--environment", "-e", default="", help="Only releases to this environment.")
release_argument = click.argument("name", metavar="[RELEASE]", required=False, default="")


@click.group()
def release() -> None:
    """List, watch, explain and control releases.

    RELEASE is an id (release/web-shop/production/57), its short form (web-shop/production/57), or a service, which
    selects its newest release. Without it, the newest release of all is used. Of an environment with several clusters
    it means all of them; web-shop/production@eu-1/57 is the part in one.
    """


async def found(client: Client, name: str, environment: str, *, running: bool = False) -> str:
    """The id that a name stands for.

    Raises:
        SluicewayError: SLW868, there is no such release.
    """
    whole = ids.release_of(name)
    if whole:
        return whole
    for row in (await client.releases.list(name, environment, PageOf(limit=MOST))).items:
        if "@" not in row.id and (not running or row.ended_at is None):
            return row.id
    what = f"release of {name}" if name else "release"
    which = f"no {what} is in progress" if running else f"no {what} found"
    raise SluicewayError("SLW868", which + (f" to {environment}" if environment else ""), fix="sluiceway release list")


release.add_command(wait)
release.add_command(import_)


@release.command("list")
@click.argument("service", required=False, default="")
@environment_option
@limited
@as_json
def list_(service: str, environment: str, limit: int, json_: bool) -> None:
    """List releases, newest first: live, replaced, or how else they ended, and why."""
    listed = pages(limit, lambda client, page: client.releases.list(service, environment, page))
    if json_:
        print_json(listed)
        return
    for row in listed:
        lasted, reason = took(row.started_at, row.ended_at), row.reason[:160] or "in progress"
        standing = coloured(row.standing, 12)
        out(f"{row.id:<36} ", standing, f" {row.strategy:<11} {when(row.started_at)} {lasted:>8}  {reason}")
    if not listed:
        out("no releases yet that you may read")


@release.command("show")
@release_argument
@environment_option
@as_json
def show(name: str, environment: str, json_: bool) -> None:
    """Show the status of a release, or how it ended."""
    details = _details(name, environment)
    if json_:
        print_json(details)
    elif details.row.ended_at is None:
        from workers.views.release_progress import plain

        for line in plain(details):
            out(line)
    else:
        out(f"{details.row.id}: ", coloured(details.row.verdict), f": {details.row.reason}")
        if details.clusters:
            from workers.views.release_parts import lines, together

            for line in (*lines(details), *together(details)):
                out(line)
            return
        for number, step in enumerate(details.steps, 1):
            out(f"  {number:>2}. {step}")


def _details(name: str, environment: str) -> ReleaseDetails:
    async def asked(client: Client) -> ReleaseDetails:
        return await client.releases.show(await found(client, name, environment))

    return ask(asked)


@release.command("watch")
@release_argument
@environment_option
@click.pass_context
def watch(ctx: click.Context, name: str, environment: str) -> None:
    """Follow a release: traffic weight, error rates, latency, and the evidence for a rollback.

    Exit code 4 when it was rolled back or aborted.
    """
    from workers.views.release_progress import follow

    async def watched(client: Client) -> str:
        return await follow(client.releases, await found(client, name, environment))

    ctx.exit(EXIT_CODES.get(ask(watched), 1))


@release.command("explain")
@release_argument
@environment_option
def explain(name: str, environment: str) -> None:
    """Explain each decision of a release, with the numbers it is based on."""
    from workers.views.release_progress import explained

    details = _details(name, environment)
    id_ = details.row.id
    if details.row.ended_at is None:
        raise SluicewayError("SLW884", f"{id_} is still in progress", fix=f"sluiceway release watch {id_}")
    for line in explained(details):
        out(line)


def _steering(verb: str, help_: str) -> Callable[..., None]:
    @release.command(verb, help=help_)
    @release_argument
    @environment_option
    @click.option("--reason", default="", help="Recorded with the release.")
    def steer(name: str, environment: str, reason: str) -> None:
        key = new_key()

        async def told(client: Client) -> str:
            id_ = await found(client, name, environment, running=True)
            return f"{id_}: {await client.releases.steer(id_, verb, reason, key)}"

        out(ask(told))

    command: Callable[..., None] = steer
    return command


pause = _steering("pause", "Pause before the next step; analysis continues.")
resume = _steering("resume", "Resume a paused release.")
promote = _steering("promote", "Skip the remaining analysis. Approvals are still required.")
override = _steering("override", "Ask for the approval `override`, by which a held release may pass its windows.")
abort = _steering("abort", "Abort a release in progress and roll back to the previous version.")


@release.command("rollback")
@click.argument("name", metavar="[SERVICE]", required=False, default="")
@environment_option
@click.option("--reason", default="", help="Recorded with the release.")
@click.pass_context
def rollback(ctx: click.Context, name: str, environment: str, reason: str) -> None:
    """Roll back to the previous version, and wait until it is live.

    A release in progress is rolled back. Otherwise the previous version is released again, instantly while it is on
    standby. Several services that were released as one go back as one, callers first.
    """
    key = new_key()

    async def back(client: Client) -> bool:
        id_ = await _to_roll_back(client, name, environment)
        last = (await client.releases.show(id_)).row
        if last.ended_at is None and await _went_back(client, id_, reason, key):
            out(f"{id_} is rolling back")
            return _told(await ended(client, id_))
        started = await client.releases.rollback(id_.split("/")[2], last.service, key)
        out(f"{started} started")
        return _told(await ended(client, started))

    ctx.exit(0 if ask(back) else 4)


def _told(row: ReleaseRow) -> bool:
    out(coloured(row.verdict), f": {row.reason}")
    return row.verdict in ("live", "aborted")


async def _to_roll_back(client: Client, name: str, environment: str) -> str:
    """The release in progress, else the newest one."""
    try:
        return await found(client, name, environment, running=True)
    except SluicewayError as none:
        if none.code != "SLW868":
            raise
        return await found(client, name, environment)


async def _went_back(client: Client, id_: str, reason: str, key: str) -> bool:
    """False: it is about to end, and has by now."""
    try:
        await client.releases.steer(id_, "rollback", reason, key)
        return True
    except RefusedError as late:
        if late.code != "SLW905":
            raise
        out(late.what)
        await ended(client, id_)
        return False
