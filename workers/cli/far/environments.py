"""environment, queues: what is live where, and who waits for whom, at a server."""

from __future__ import annotations

import click

from domain.core.errors import SluicewayError
from workers.cli.far.session import ask, pages
from workers.cli.far.shown import as_json, limited, print_json, when
from workers.views.output import out


@click.group("environment")
def environment() -> None:
    """See the environments that may be deployed to, and what is live in them."""


@environment.command("list")
@limited
@as_json
def list_(limit: int, json_: bool) -> None:
    """List the registered environments."""
    found = pages(limit, lambda client, page: client.releases.environments(page))
    if json_:
        print_json(found)
        return
    for one in found:
        held = f", held by {one.holder}" if one.holder else ""
        out(f"{one.name:<24} {len(one.live)} live{held}{f', {one.waiting} waiting' if one.waiting else ''}")
    if not found:
        out("no environments that you may read")


@environment.command("show")
@click.argument("name")
@as_json
def show(name: str, json_: bool) -> None:
    """Show what is live in an environment, since when, by whom, and what differs from it."""
    found = ask(lambda client: client.releases.environment(name))
    if json_:
        print_json(found)
        return
    out(f"{found.name}: held by {found.holder or 'nobody'}, {found.waiting} waiting")
    for one in found.live:
        drift = f"; {one.drift}" if one.drift else ""
        out(f"  {one.service:<24} {one.version[:19]:<19} since {when(one.since)} by {one.by or '-'}{drift}")


@click.command()
@click.argument("group", required=False)
@as_json
def queues(group: str | None, json_: bool) -> None:
    """Show who holds a slot and who is waiting. GROUP is the name of a group or an environment."""
    found = pages(10_000, lambda client, page: client.releases.queues(page))
    found = [one for one in found if group is None or group in (one.id, one.id.rpartition("/")[2])]
    if group and not found:
        raise SluicewayError("SLW908", f"nobody holds or waits for a slot in '{group}'", fix="sluiceway queues")
    if json_:
        print_json(found)
        return
    for one in found:
        out(f"{one.id}: {len(one.holders)} in use, {len(one.waiting)} waiting")
        for who in one.holders:
            out(f"  {who:<40} holds")
        for who in one.waiting[:20]:
            out(f"  {who:<40} waits")
    if not found:
        out("nobody holds or waits for a slot")
