"""environment: places to deploy to, what holds for them, and the move to closed defaults."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.values import number
from workers.cli.common import as_json, print_json, records
from workers.cli.recorded import recorded
from workers.core.settings import Settings, current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.access.environment_migration import Due
    from activities.access.environments import Environments


@click.group("environment")
def environment() -> None:
    """Manage the environments that may be deployed to and approved for.

    They are registered here or by `sluiceway apply`, never by a commit.
    """


def _environments(chosen: Settings) -> Environments:
    from activities.access.environments import Environments

    return Environments(records(chosen).definitions, chosen.open_environments)


@environment.command("add")
@click.argument("name")
@click.option("--open", "open_", is_flag=True, help="Author, committer and starter of a change may approve it.")
@recorded(Action.ENVIRONMENTS_APPLY, ResourceKind.ENVIRONMENT, "name")
def add(name: str, open_: bool) -> None:
    """Register NAME with the closed defaults. `sluiceway apply FILE` registers one with rules of its own."""
    from domain.core.errors import RefusedError
    from workers.core.plain_environment import plain
    from workers.core.registering import registrar

    chosen = current()
    known = _environments(chosen)
    if name in known.names():
        fix = "change it with `sluiceway apply FILE`"
        raise RefusedError("SLW067", f"environment {name} is registered already", fix=fix)
    registrar(chosen, records(chosen)).environment(name, plain(name, open_=open_))
    out(f"environment {name} registered; what holds for it: sluiceway environment explain {name}")


@environment.command("list")
@as_json
def list_(json_: bool) -> None:
    """List the registered environments with what a deployment to them needs."""
    known = _environments(current())
    rules = [known.get(name).approval for name in known.names()]
    if json_:
        print_json([asdict(rule) for rule in rules])
        return
    for rule in rules:
        wants = f"{number(rule.quorum, 'approval')} needed" if rule.quorum or rule.per_group else "no approval needed"
        out(f"{rule.name:<24} {wants}; who: {', '.join([*rule.users, *rule.groups]) or '-'}; trust {rule.trust}")


@environment.command("show")
@click.argument("name")
def show(name: str) -> None:
    """Print what was registered for NAME, as JSON."""
    known = _environments(current())
    known.need(name)
    print_json(known.definitions.get("Environment", name) or {})


@environment.command("explain")
@click.argument("name")
@as_json
def explain(name: str, json_: bool) -> None:
    """Say what holds for NAME, and why. Exit code 3 when it is not registered."""
    from domain.approvals.explained import explained

    known = _environments(current())
    lines = list(explained(known.need(name).approval))
    if json_:
        print_json([{"rule": rule, "why": why} for rule, why in lines])
        return
    for rule, why in lines:
        out(rule)
        out(f"    because: {why}")


@environment.command("migrate")
@click.option("--apply", "apply_", is_flag=True, help="Do it. Without this, the changes are only shown.")
@click.option("--keep", multiple=True, metavar="NAME", help="This environment goes on allowing what it allowed.")
@as_json
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
