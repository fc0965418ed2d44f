"""policy: what holds for pushes, whatever their definitions say."""

from __future__ import annotations

import json
from pathlib import Path

import click

from domain.authority.documents import POLICY, of_document
from domain.core.errors import RefusedError, SluicewayError
from domain.triggers.repository_name import repository_name
from workers.cli import policy_sets
from workers.cli.session import ask, is_near, pages
from workers.cli.shown import as_json, limited, print_json
from workers.cli.vouched import key_option, signed
from workers.client.ports.registrations import AskedPush, EventName
from workers.views.output import out


@click.group("policy")
def policy() -> None:
    """See registered policies, and what holds for a push. `sluiceway apply FILE` registers one.

    Sets of policies say who may do what: `draft`, `simulate`, `shadow`, `activate`.
    """


for _command in (policy_sets.sets, policy_sets.draft, *policy_sets.STEPS):
    policy.add_command(_command)


@policy.command("list")
@limited
@as_json
def list_(limit: int, json_: bool) -> None:
    """List the registered policies of pushes with what they hold for."""
    known = pages(limit, lambda client, page: client.registrations.push_policies(page))
    if json_:
        print_json(known)
        return
    for one in known:
        parts = {
            "repositories": one.repositories,
            "pipelines": one.pipelines,
            "branches": one.branches,
            "events": one.events,
        }
        words = "; ".join(f"{key} {', '.join(value)}" for key, value in parts.items() if value) or "every push"
        out(f"{one.name}  {one.digest[:12]}  {words}")
    if not known:
        out("no policy is registered: the defaults hold, see `sluiceway policy explain PIPELINE`")


@policy.command("show")
@click.argument("name")
@policy_sets.version_option
@as_json
def show(name: str, version: int, json_: bool) -> None:
    """Print a registered policy of pushes as JSON, or a set of policies, and who brought it where."""
    if version:
        policy_sets.print_set(name, version, json_=json_)
        return
    try:
        found = ask(lambda client: client.registrations.push_policy(name))
    except RefusedError as unknown:
        if unknown.code != "SLW056":
            raise
        _show_set(name, unknown, json_=json_)
        return
    try:
        print_json(json.loads(found.document))
    except (ValueError, RecursionError) as odd:
        raise SluicewayError("SLW478", "the server's answer cannot be understood", why=str(odd)[:300]) from odd


def _show_set(name: str, otherwise: RefusedError, *, json_: bool) -> None:
    try:
        policy_sets.print_set(name, 0, json_=json_)
    except SluicewayError as unknown:
        raise otherwise if unknown.code == "SLW415" else unknown from None


@policy.command("explain")
@click.argument("pipeline")
@click.option("--repository", default="", help="Address that pushes come from.  [default: in the home, of this folder]")
@click.option("--event", "kind", type=click.Choice(["push", "pull-request", "schedule", "manual"]), default="push")
@click.option("--branch", default="main", show_default=True, help="Of a pull request: the branch to change.")
@click.option("--tag", default="")
@click.option("--fork", is_flag=True, help="The commit comes from another repository.")
@as_json
def explain(pipeline: str, repository: str, kind: EventName, branch: str, tag: str, fork: bool, json_: bool) -> None:
    """Show what holds for a push of PIPELINE and why: each value with the policy that it comes from."""
    push = AskedPush(
        repository=repository_name(repository or _here()),
        pipeline=pipeline,
        event=kind,
        branch="" if tag else branch,
        tag=tag,
        elsewhere=fork,
    )
    found = ask(lambda client: client.registrations.explain_push(push))
    if json_:
        print_json(found)
        return
    ref = f"tags/{tag}" if tag else f"heads/{branch}" if branch else "no branch"
    out(f"{found.push.event} of {ref} in {found.push.repository}, pipeline {pipeline}")
    out(f"policies that hold: {', '.join(found.policies) or 'none'}")
    for row in found.rules:
        out(f"  {row.rule}: {row.value}  [{row.source}]")
    for why in found.refused:
        out(f"refused: {why}")
    decided = found.decision
    out(f"decision: {'allowed' if decided.allowed else 'refused'} by {decided.rule}, {decided.reason}")


def _here() -> str:
    """The repository of the folder that one is in; a server knows its repositories by other addresses."""
    if not is_near():
        raise click.UsageError("a server is asked about a repository by its address: --repository ADDRESS")
    from workers.client.deliveries import root_of

    return str(root_of(Path.cwd() / "sluiceway.yaml"))


@policy.command("remove")
@click.argument("name")
@key_option
def remove(name: str, key: Path | None) -> None:
    """End what a registered policy of pushes demands."""
    proof = signed(of_document(POLICY, name, ""), key)
    ask(lambda client: client.registrations.end_policy(name, proof))
    out(f"Policy {name} removed")
