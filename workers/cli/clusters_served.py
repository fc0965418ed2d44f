"""cluster: what a server does with clusters for somebody far away. The plan is shown, signed, and then begun."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.cli import fleet
from workers.cli.dial_out import manifest
from workers.cli.host import here
from workers.cli.session import ask, home_of, server_of
from workers.cli.shown import as_json, print_json, when
from workers.cli.vouched import key_option
from workers.client.ports.clusters import ClusterPlan, ClusterWish, RepairWish, SignedOrder
from workers.views.output import out, styled
from workers.views.style import coloured

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.client.ports.clusters import ClusterProgress

MARKS = {"create": "+", "update": "~", "replace": "!", "delete": "-", "keep": " "}
COLOURS = {"create": "green", "delete": "red", "replace": "yellow", "update": "yellow"}
POLL_S = 1.0
given = click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Template parameter; repeatable.")
name_option = click.option("--name", default="", help="Cluster name.  [default: that of FILE]")
template_option = click.option("--template", default="", help="A template of the server, in place of FILE.")
yes_option = click.option("--yes", is_flag=True, help="Sign the plan without asking.")
wait_option = click.option("--wait/--no-wait", default=True, help="Wait until the operation has finished.")
file_argument = click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))


@click.group("cluster")
def cluster() -> None:
    """List, plan, create, scale, upgrade, repair and delete clusters of a server."""


cluster.add_command(fleet.clusters, "list")
cluster.add_command(fleet.cluster, "show")
cluster.add_command(manifest)
for _name in ("register", "facts", "probe", "report"):
    cluster.add_command(here, _name)


@cluster.command("templates")
@as_json
def templates(json_: bool) -> None:
    """List what clusters can be made from."""
    found = ask(lambda client: client.clusters.templates())
    if json_:
        print_json(found)
        return
    for one in found:
        params = ", ".join(f"{field.name}={field.default}" for field in one.params)
        out(f"{one.name:<20} {one.provider:<12} {params}  {one.about}".rstrip())


@cluster.command("plan")
@file_argument
@template_option
@name_option
@given
@as_json
def plan(file: Path | None, template: str, name: str, given: tuple[str, ...], json_: bool) -> None:
    """Show what creating or updating a cluster would change, in order. Nothing is changed."""
    found = _planned(_described(file, template, name, given))
    if json_:
        print_json(found)
        return
    _shown(found)


@cluster.command("create")
@file_argument
@template_option
@name_option
@given
@key_option
@yes_option
@wait_option
def create(
    file: Path | None, template: str, name: str, given: tuple[str, ...], key: Path | None, yes: bool, wait: bool
) -> None:
    """Create a cluster, or update the existing one. Its plan is shown and signed first."""
    _begin(_described(file, template, name, given), key, yes=yes, wait=wait)


@cluster.command("scale")
@click.argument("name")
@click.argument("pools", nargs=-1, required=True, metavar="POOL=COUNT...")
@key_option
@yes_option
@wait_option
def scale(name: str, pools: tuple[str, ...], key: Path | None, yes: bool, wait: bool) -> None:
    """Change the number of nodes in pools."""
    _begin(ClusterWish(name=name, verb="scale", pools=dict(map(_count, pools))), key, yes=yes, wait=wait)


@cluster.command("upgrade")
@click.argument("name")
@click.argument("version")
@key_option
@yes_option
@wait_option
def upgrade(name: str, version: str, key: Path | None, yes: bool, wait: bool) -> None:
    """Upgrade Kubernetes, one minor version at a time."""
    _begin(ClusterWish(name=name, verb="upgrade", version=version), key, yes=yes, wait=wait)


@cluster.command("heal")
@click.argument("name")
@wait_option
def heal(name: str, wait: bool) -> None:
    """Repair a cluster now: run every phase again and fix what differs."""
    _begin(ClusterWish(name=name, verb="heal"), None, yes=True, wait=wait)


@cluster.command("guard")
@click.argument("name")
@click.option("--off", is_flag=True, help="Disable automatic repair.")
@click.option("--dry-run", is_flag=True, help="Log what would be done, and do nothing.")
@click.option("--actions", type=click.IntRange(0, 100), default=3, show_default=True, help="Most actions per hour.")
@click.option("--unready", type=click.IntRange(0, 100), default=40, show_default=True, help="Do nothing above this %.")
@click.option("--autoscale", is_flag=True, help="Scale pools that have a max-count by what pods request.")
@key_option
@yes_option
def guard(
    name: str, off: bool, dry_run: bool, actions: int, unready: int, autoscale: bool, key: Path | None, yes: bool
) -> None:
    """Enable automatic repair: replace unhealthy nodes and recreate crashing pods."""
    repair = RepairWish(on=not off, dry_run=dry_run, actions=actions, unready_percent=unready, autoscale=autoscale)
    _begin(ClusterWish(name=name, verb="guard", repair=repair), key, yes=yes, wait=False)


@cluster.command("delete")
@click.argument("name")
@key_option
@yes_option
@wait_option
def delete(name: str, key: Path | None, yes: bool, wait: bool) -> None:
    """Delete a cluster. The plan says what is lost with it."""
    _begin(ClusterWish(name=name, verb="delete"), key, yes=yes, wait=wait)


@cluster.command("progress")
@click.argument("name")
@as_json
def progress(name: str, json_: bool) -> None:
    """Show how far the last operation on a cluster is, phase by phase."""
    found = ask(lambda client: client.clusters.progress(name))
    if json_:
        print_json(found)
        return
    out(f"cluster/{found.name}  ", coloured(found.status), f"  ({found.operation})")
    for one in found.steps:
        out(f"  {one.phase:<16} {one.state}")
    if found.blocker:
        out(f"  blocked in {found.blocker_phase}: {found.blocker}")
    for entry in found.log[:12]:
        out(f"  {when(entry.at)}  {entry.words}")


def _described(file: Path | None, template: str, name: str, given: tuple[str, ...]) -> ClusterWish:
    if (file is None) == (not template):
        raise DefinitionError("SLW501", "name a FILE, or --template NAME")
    values: dict[str, str | int | float | bool] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise DefinitionError("SLW501", f"'{one}' is not NAME=VALUE")
        values[key] = _scalar(value)
    text = file.read_text(errors="replace") if file else ""
    return ClusterWish(name=name or _name_in(text), template=template, text=text, values=values)


def _scalar(text: str) -> str | int | float | bool:
    """As a definition would have it."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text


def _name_in(text: str) -> str:
    """The name that a definition has at its top; the server looks whether it is the same."""
    found = next((line.partition(":")[2] for line in text.splitlines() if line.startswith("name:")), "")
    return found.split("#")[0].strip().strip("\"'")


def _count(text: str) -> tuple[str, int]:
    pool, _, count = text.partition("=")
    if not (count.isascii() and count.isdecimal()):
        raise DefinitionError("SLW501", f"'{text}' is not POOL=COUNT, such as web=5")
    return pool, int(count)


def _planned(wish: ClusterWish) -> ClusterPlan:
    return ask(lambda client: client.clusters.plan(wish))


def _shown(found: ClusterPlan) -> None:
    phase = ""
    for one in found.lines:
        if one.phase != phase:
            phase = one.phase
            out(styled(phase, bold=True))
        both = one.before and one.after and one.before != one.after
        state = f"{one.before} -> {one.after}" if both else one.after or one.before
        line = f"  {MARKS.get(one.verb, '?')} {one.kind} {one.name}" + (f"  ({state})" if state else "")
        out(styled(line, COLOURS.get(one.verb)))
    if found.counts:
        out(", ".join(f"{count} to {verb}" for verb, count in found.counts.items() if count))
    for loss in found.lost:
        out(styled(f"lost: {loss.number} {loss.kind}: {', '.join(loss.names)}", "red"))
    for remark in found.remarks:
        where = f"{remark.path}: " if remark.path else f"line {remark.line}: " if remark.line else ""
        fix = f"  ({remark.fix})" if remark.fix else ""
        out(f"{remark.severity} {remark.code}: {where}{remark.what}{fix}")


def _begin(wish: ClusterWish, key: Path | None, *, yes: bool, wait: bool) -> None:
    found = _planned(wish)
    _shown(found)
    if found.prevented:
        first = next(one for one in found.remarks if one.severity == "error")
        raise DefinitionError(first.code, "it cannot be done", why=first.what)
    signed = _signed(found, wish, key, yes=yes)
    out(ask(lambda client: client.clusters.apply(wish, found.digest, signed)).said)
    if wait:
        _followed(wish.name)


def _signed(found: ClusterPlan, wish: ClusterWish, key: Path | None, *, yes: bool) -> SignedOrder | None:
    """What the server asks to sign is looked at first: it has to be what was asked for here and shown."""
    if found.order is None:
        return None
    from workers.remote.signing import load_key, signed_order

    origin, login = server_of()
    file = key or (Path(login.key) if login.key else None)
    if file is None:
        raise RefusedError("SLW871", "this is signed by a key of yours, and the login has none", fix="--key FILE")
    made = signed_order(load_key(file), found, wish, login.who, home_of(origin, login))
    if not yes:
        click.confirm("Sign this?", abort=True)
    return made


def _followed(name: str) -> None:
    """Prints what is noted until nothing is under way; exit code 1 when it failed."""
    began, said = time.time() - 5, set[tuple[float, str]]()

    async def looked(client: Client) -> ClusterProgress:
        return await client.clusters.progress(name)

    while True:
        found = ask(looked)
        for entry in reversed(found.log):
            if entry.at > began and (entry.at, entry.words) not in said:
                said.add((entry.at, entry.words))
                out(f"  {when(entry.at)}  {entry.words}")
        if not found.going:
            break
        time.sleep(POLL_S)
    out(f"cluster/{name}  ", coloured(found.status))
    if found.status not in ("ready", "deleted"):
        raise SluicewayError("SLW949", f"cluster {name} is {found.status}", why=found.blocker)
