"""policy: sets of policies, from a draft to what holds."""

from __future__ import annotations

from pathlib import Path

import click

from domain.access.policy_sets import PolicyState
from domain.core.errors import DefinitionError
from workers.cli.session import ask, is_near, server_of
from workers.cli.shown import as_json, print_json, rows, when
from workers.cli.vouched import key_option, signed
from workers.client.ports.policies import PolicySetRow
from workers.views.output import out, out_lines

version_option = click.option("--version", type=click.IntRange(0), default=0, help="[default: the newest]")


@click.command("sets")
@as_json
def sets(json_: bool) -> None:
    """List the versions of all sets."""
    found = ask(lambda client: client.policies.policy_sets())
    if json_:
        print_json(found)
        return
    rows([(one.name, str(one.version), str(one.state), one.digest[:12]) for one in found], "there are no sets")


def print_set(name: str, version: int, *, json_: bool) -> None:
    """A version with its steps; 0: the newest."""
    found = ask(lambda client: client.policies.policy_set(name, version))
    if json_:
        print_json(found)
        return
    out(f"{found.row.name} {found.row.version}: {found.row.state}, {found.row.digest}")
    for one in found.steps:
        out(f"  {when(one.at)}  {one.state:<10} {one.person}  {one.note}".rstrip())
    out_lines(found.text)


@click.command("draft")
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def draft(name: str, file: Path) -> None:
    """Check the policies in FILE, and keep them as the next version of a set. They decide nothing yet."""
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as broken:
        raise DefinitionError("SLW413", f"{file} cannot be read", why=str(broken)) from broken
    made = ask(lambda client: client.policies.draft(name, text))
    out(f"{made.name} {made.version} is drafted: {made.digest}")
    out(f"next: sluiceway policy simulate {made.name}")


@click.command("simulate")
@click.argument("name")
@version_option
@as_json
def simulate(name: str, version: int, json_: bool) -> None:
    """Try a version on recorded decisions: what it would refuse, and what it would allow."""
    found = ask(lambda client: client.policies.simulate(name, version))
    if json_:
        print_json(found)
        return
    out(f"{found.name} {found.version} on {found.decisions} decisions:")
    out(f"  it would refuse {found.refused} that were allowed, and allow {found.allowed} that were refused")
    for one in found.differences:
        verb = "allow" if one.allowed else "refuse"
        out(f"  {when(one.at)}  {verb} {one.principal} {one.action} {one.resource}: {one.after}, not {one.before}")


def _step(name: str, version: int, to: PolicyState, key: Path | None) -> None:
    if is_near():
        made = ask(lambda client: client.policies.step(name, version, to))
    else:
        row = ask(lambda client: client.policies.policy_set(name, version)).row
        made = _taken(row, to, key)
    out(f"{made.name} {made.version} is {made.state}")


def _taken(row: PolicySetRow, to: PolicyState, key: Path | None) -> PolicySetRow:
    """Signed by the key of whoever is logged in; the owner of the home needs none in it."""
    from workers.remote.signing import step_of

    _, login = server_of()
    proof = signed(step_of(login.who, row, to), key)
    return ask(lambda client: client.policies.step(row.name, row.version, to, proof))


@click.command("shadow")
@click.argument("name")
@version_option
@key_option
def shadow(name: str, version: int, key: Path | None) -> None:
    """Watch a version: it decides nothing, and `simulate` tries it on decisions from now on."""
    _step(name, version, PolicyState.SHADOW, key)


@click.command("activate")
@click.argument("name")
@version_option
@key_option
def activate(name: str, version: int, key: Path | None) -> None:
    """Let a version decide, in place of the one before. Not for whoever drafted or watched it."""
    _step(name, version, PolicyState.ACTIVE, key)


@click.command("retire")
@click.argument("name")
@version_option
@key_option
def retire(name: str, version: int, key: Path | None) -> None:
    """End what a version says."""
    _step(name, version, PolicyState.RETIRED, key)


STEPS = (simulate, shadow, activate, retire)
