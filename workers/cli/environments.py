"""environment: places to deploy to, what holds for them, and the move to closed defaults."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.core import names
from domain.core.errors import RefusedError
from domain.core.values import number
from workers.cli.common import records
from workers.cli.host import on_host
from workers.cli.recorded import recorded
from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, when
from workers.cli.vouched import key_option, yes_option
from workers.core.settings import Settings, current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.access.environment_migration import Due
    from activities.access.environments import Environments


PLAIN = """apiVersion: sluiceway/v1
kind: Environment
name: "{name}"
"""
OPEN = (
    PLAIN
    + """approval: {{allow: {{author: true, committer: true, starter: true}}}}
keys: any
"""
)
"""Author, committer and starter of a change may approve it, with a key that nobody else has confirmed."""


@click.group("environment")
def environment() -> None:
    """See and manage the environments that may be deployed to and approved for, and what is live in them.

    They are registered here or by `sluiceway apply`, never by a commit.
    """


def _environments(chosen: Settings) -> Environments:
    from activities.access.environments import Environments

    return Environments(records(chosen).definitions, chosen.open_environments)


@environment.command("add")
@click.argument("name")
@click.option("--open", "open_", is_flag=True, help="Author, committer and starter of a change may approve it.")
@key_option
@yes_option
def add(name: str, open_: bool, key: Path | None, yes: bool) -> None:
    """Register NAME with the closed defaults. `sluiceway apply FILE` registers one with rules of its own."""
    from workers.cli.registering import apply_texts, prepared

    if wrong := names.complaint(name):
        raise RefusedError("SLW060", f"{name!r} cannot be an environment: {wrong}")
    text = OPEN.format(name=name) if open_ else PLAIN.format(name=name)
    if prepared(text).state != "new":
        fix = "change it with `sluiceway apply FILE`"
        raise RefusedError("SLW067", f"environment {name} is registered already", fix=fix)
    apply_texts([text], key, yes=yes)
    out(f"what holds for it: sluiceway environment explain {name}")


@environment.command("list")
@limited
@as_json
def list_(limit: int, json_: bool) -> None:
    """List the environments that you may read, with what a deployment to them needs and what is live in them."""
    found = pages(limit, lambda client, page: client.releases.environments(page))
    if json_:
        print_json(found)
        return
    for one in found:
        held = f"; held by {one.holder}" if one.holder else ""
        waits = f", {one.waiting} waiting" if one.waiting else ""
        needs = "; ".join(demand.rule for demand in one.demands)
        out(f"{one.name:<24} {number(one.services, 'service')} live{held}{waits}; {needs}")
    if not found:
        out("no environments that you may read")


@environment.command("show")
@click.argument("name")
@as_json
def show(name: str, json_: bool) -> None:
    """Show what is live in NAME, since when, by whom, and what differs from it; as JSON, its definition, too."""
    found = ask(lambda client: client.releases.environment(name))
    if json_:
        print_json(found)
        return
    out(f"{found.name}: held by {found.holder or 'nobody'}, {found.waiting} waiting")
    for one in found.live:
        drift = f"; {one.drift}" if one.drift else ""
        out(f"  {one.service:<24} {one.version[:19]:<19} since {when(one.since)} by {one.by or '-'}{drift}")
    if found.services > len(found.live):
        out(f"  and {found.services - len(found.live)} more")


@environment.command("explain")
@click.argument("name")
@as_json
def explain(name: str, json_: bool) -> None:
    """Say what holds for NAME, and why."""
    found = ask(lambda client: client.releases.environment(name))
    if json_:
        print_json(found.demands)
        return
    for demand in found.demands:
        out(demand.rule)
        out(f"    because: {demand.why}")


@environment.command("migrate")
@click.option("--apply", "apply_", is_flag=True, help="Do it. Without this, the changes are only shown.")
@click.option("--keep", multiple=True, metavar="NAME", help="This environment goes on allowing what it allowed.")
@as_json
@on_host
@recorded(Action.ENVIRONMENTS_APPLY, only="apply_")
def migrate(apply_: bool, keep: tuple[str, ...], json_: bool) -> None:
    """Show what closed defaults change for environments of an earlier version, and register those in use."""
    from activities.access import environment_migration as migration
    from workers.core.plain_environment import plain
    from workers.core.registering import registrar

    chosen = current()
    known = _environments(chosen)
    what = migration.due(known, records(chosen).releases.all(), keep)
    if apply_:
        migration.apply(known, what, [(name, plain(name)) for name in what.unregistered], keep)
        registrar(chosen, records(chosen)).again(what.unmarked, what.unregistered)
    if json_:
        print_json({**json.loads(json.dumps(asdict(what))), "applied": apply_})
        return
    for line in lines_of(what, done=apply_):
        out(line)


def lines_of(what: Due, *, done: bool = False) -> list[str]:
    """A migration in words."""
    if not what:
        return ["nothing to migrate: every environment was registered with closed defaults, or is not in use"]
    lines = [f"{one.environment}: {one.what}: {one.old} -> {one.new}" for one in what.changes]
    changed = {one.environment for one in what.changes}
    lines += [f"{name}: nothing changes" for name in what.unmarked if name not in changed]
    lines += [f"{name}: not registered, and live services are in it -> registered" for name in what.unregistered]
    lines += [
        f"{name!r} is no name (SLW060) and stays as it is: release its services to an environment with a name"
        for name in what.no_names
    ]
    return [*lines, "done" if done else "to do it: sluiceway environment migrate --apply"]


def notices(chosen: Settings) -> list[str]:
    """What `up` and `status` say of environments; empty: nothing. Never raises: it must not keep an engine down."""
    from domain.core.errors import SluicewayError

    told = []
    if chosen.open_environments:
        told.append("SLUICEWAY_OPEN_ENVIRONMENTS: deployments and approvals need no registered environment")
    if not chosen.has_records:
        return told
    try:
        from activities.access import environment_migration as migration

        what = migration.due(_environments(chosen), records(chosen).releases.all())
    except SluicewayError:
        return told
    if what:
        told.append("environments of an earlier version wait for closed defaults: sluiceway environment migrate")
    return told
