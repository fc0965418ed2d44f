"""release: releases of a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import click

from domain.core import ids
from domain.core.errors import SluicewayError
from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, took, when
from workers.client.ports.client import Client
from workers.client.ports.keys import new_key
from workers.client.ports.pages import PageOf
from workers.client.ports.releases import ReleaseDetails
from workers.views.output import out
from workers.views.style import coloured

EVERY_S = 1.0
EXIT_CODES = {"live": 0, "rolled-back": 4, "aborted": 4}
environment_option = click.option("--environment", "-e", default="", help="Only releases to this environment.")
release_argument = click.argument("name", metavar="[RELEASE]", required=False, default="")


@click.group()
def release() -> None:
    """List, watch and control releases.

    RELEASE is an id (release/web-shop/production/57), its short form (web-shop/production/57), or a service, which
    selects its newest release. Without it, the newest release of all is used.
    """


async def found(client: Client, name: str, environment: str, *, running: bool = False) -> str:
    """The id that a name stands for.

    Raises:
        SluicewayError: SLW868, there is no such release.
    """
    whole = ids.release_of(name)
    if whole:
        return whole
    for row in (await client.releases.list(name, environment, PageOf(limit=200))).items:
        if not running or not row.ended_at:
            return row.id
    what = "no release is in progress" if running else "no release found"
    raise SluicewayError("SLW868", what + (f" of {name}" if name else ""), fix="sluiceway release list")


@release.command("list")
@click.argument("service", required=False, default="")
@environment_option
@limited
@as_json
def list_(service: str, environment: str, limit: int, json_: bool) -> None:
    """List releases, newest first, with their verdicts and reasons."""
    listed = pages(limit, lambda client, page: client.releases.list(service, environment, page))
    if json_:
        print_json(listed)
        return
    for row in listed:
        lasted, reason = took(row.started_at, row.ended_at), row.reason[:160] or "in progress"
        verdict = coloured(row.verdict or "running", 12)
        out(f"{row.id:<36} ", verdict, f" {row.strategy:<11} {when(row.started_at)} {lasted:>8}  {reason}")
    if not listed:
        out("no releases that you may read")


@release.command("show")
@release_argument
@environment_option
@as_json
def show(name: str, environment: str, json_: bool) -> None:
    """Show the status of a release, or how it ended."""

    async def asked(client: Client) -> ReleaseDetails:
        return await client.releases.show(await found(client, name, environment))

    details = ask(asked)
    if json_:
        print_json(details)
        return
    _show(details)


def _show(details: ReleaseDetails) -> None:
    row = details.row
    out(f"{row.id}: ", coloured(row.verdict or "running"), f": {row.reason or details.doing}")
    if not row.verdict:
        out(f"  {details.percent:g} % of the traffic{', paused' if details.paused else ''}")
    if details.waiting_for:
        out(f"  waiting for {details.waiting_for}")
    for one in details.evidence:
        out(f"  {one.metric}: evidence {one.evidence:.3g} of {one.threshold:.3g}")
    for at, sentence in details.story:
        out(f"  {when(at)} {sentence}")


@release.command("watch")
@release_argument
@environment_option
@click.pass_context
def watch(ctx: click.Context, name: str, environment: str) -> None:
    """Follow a release until it ends. Exit code 4 when it was rolled back or aborted."""

    async def watched(client: Client) -> str:
        return await _watched(client, await found(client, name, environment))

    ctx.exit(EXIT_CODES.get(ask(watched), 1))


async def _watched(client: Client, id_: str) -> str:
    """Prints the story of a release until it ends, and returns its verdict."""
    told = 0
    while True:
        details = await client.releases.show(id_)
        for at, sentence in details.story[told:]:
            out(f"{when(at)} {details.percent:3.0f} % {sentence}")
        told = max(told, len(details.story))
        if details.row.verdict:
            out(f"{id_}: ", coloured(details.row.verdict), f": {details.row.reason}")
            return details.row.verdict
        await asyncio.sleep(EVERY_S)


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
abort = _steering("abort", "Abort a release in progress and roll back to the previous version.")


@release.command("rollback")
@click.argument("name", metavar="[SERVICE]", required=False, default="")
@environment_option
@click.option("--reason", default="", help="Recorded with the release.")
@click.pass_context
def rollback(ctx: click.Context, name: str, environment: str, reason: str) -> None:
    """Roll back to the previous version, and wait until it is live.

    A release in progress is rolled back. Otherwise the previous version is released again.
    """
    key = new_key()

    async def back(client: Client) -> str:
        id_ = await found(client, name, environment)
        row = (await client.releases.show(id_)).row
        if row.verdict:
            started = await client.releases.rollback(row.environment, row.service, key)
            out(f"{started} started")
            return await _watched(client, started)
        out(f"{id_}: {await client.releases.steer(id_, 'rollback', reason, key)}")
        return await _watched(client, id_)

    ctx.exit(0 if ask(back) in ("live", "aborted", "rolled-back") else 4)
