"""environment, queues: what is live where, and who waits for whom, at a server."""

from __future__ import annotations

import click

from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, when
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
