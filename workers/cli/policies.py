"""policy: what holds for pushes, whatever their definitions say."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind
from workers.cli import policy_sets
from workers.cli.common import as_json, print_json, records
from workers.cli.host import on_host
from workers.cli.recorded import recorded
from workers.cli.session import is_near
from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.access.policies import PolicyStore
    from domain.access.verdict import Verdict
    from domain.policy.policy import PolicyFor


@click.group("policy")
def policy() -> None:
    """See registered policies, and what holds for a push. `sluiceway apply FILE` registers one.

    Sets of policies say who may do what: `draft`, `simulate`, `shadow`, `activate`.
    """


for _command in (policy_sets.sets, policy_sets.draft, *policy_sets.STEPS):
    policy.add_command(_command)


def _store() -> PolicyStore:
    from activities.access.policies import PolicyStore

    return PolicyStore(records(current()).definitions)


@policy.command("list")
@as_json
@on_host
def list_(json_: bool) -> None:
    """List the registered policies with what they hold for."""
    known = _store().all()
    if json_:
        print_json([{"name": one.name, "digest": one.digest} for one in known])
        return
    for one in known:
        scope = one.scope
        parts = {"repositories": scope.repositories, "pipelines": scope.pipelines, "branches": scope.branches}
        parts["events"] = tuple(sorted(map(str, scope.events)))
        words = "; ".join(f"{key} {', '.join(value)}" for key, value in parts.items() if value) or "every push"
        out(f"{one.name}  {one.digest[:12]}  {words}")
    if not known:
        out("no policy is registered: the defaults hold, see `sluiceway policy explain PIPELINE`")


@policy.command("show")
@click.argument("name")
@policy_sets.version_option
@as_json
def show(name: str, version: int, json_: bool) -> None:
    """Print a set of policies, and who brought it where; on the host, a registered policy of pushes as JSON."""
    if not is_near():
        policy_sets.print_set(name, version, json_=json_)
        return
    from activities.access.policies import KIND
    from domain.core.errors import RefusedError

    known = records(current())
    body = known.definitions.get(KIND, name)
    if body is None and known.rights.policies.versions(name):
        policy_sets.print_set(name, version, json_=json_)
        return
    if body is None:
        fix = "list them: sluiceway policy list"
        raise RefusedError("SLW056", f"no policy '{name}' is registered", fix=fix)
    print_json(body)


@policy.command("explain")
@click.argument("pipeline")
@click.option("--repository", default="", help="Address that pushes come from.  [default: of the folder you are in]")
@click.option("--event", "kind", type=click.Choice(["push", "pull-request", "schedule", "manual"]), default="push")
@click.option("--branch", default="main", show_default=True, help="Of a pull request: the branch to change.")
@click.option("--tag", default="")
@click.option("--fork", is_flag=True, help="The commit comes from another repository.")
@as_json
@on_host
def explain(pipeline: str, repository: str, kind: str, branch: str, tag: str, fork: bool, json_: bool) -> None:
    """Show what holds for a push of PIPELINE and why: each value with the policy that it comes from."""
    from domain.policy.explanation import explanation
    from domain.policy.policy import Push
    from domain.policy.refusals import of_push
    from domain.triggers.events import EventKind
    from domain.triggers.repository_name import repository_name
    from workers.client.deliveries import root_of

    address = repository_name(repository or str(root_of(Path.cwd() / "sluiceway.yaml")))
    push = Push(
        repository=address,
        pipeline=pipeline,
        event=EventKind(kind),
        branch="" if tag else branch,
        tag=tag,
        elsewhere=fork,
    )
    held: PolicyFor = _store().of(push)
    rows, refused, decided = list(explanation(held)), list(of_push(held)), _decision(held)
    if json_:
        said = {"push": asdict(push), "policies": list(held.named), "rules": [asdict(row) for row in rows]}
        print_json({**said, "refused": refused, "decision": asdict(decided)})
        return
    out(f"{push.event} of {push.ref or 'no branch'} in {address}, pipeline {pipeline}")
    out(f"policies that hold: {', '.join(held.named) or 'none'}")
    for row in rows:
        out(f"  {row.rule}: {row.value}  [{row.source}]")
    for why in refused:
        out(f"refused: {why}")
    out(f"decision: {'allowed' if decided.allowed else 'refused'} by {decided.rule}, {decided.reason}")


def _decision(held: PolicyFor) -> Verdict:
    """May its repository start the run? As `access explain runs:start` says it, with roles, labels and sets."""
    from activities.access.decider import Decider
    from domain.access.attributes import Change
    from domain.access.principal import Caller, Principal, PrincipalKind
    from domain.policy.asked import to_start

    who = Caller(principal=Principal(kind=PrincipalKind.REPOSITORY, name=held.push.repository), channel="effect")
    about = Resource(kind=ResourceKind.PIPELINE, name=held.push.pipeline, pipeline=held.push.pipeline)
    change = Change(objections=to_start(held))
    return Decider(records(current()).rights).decide(who, Action.RUNS_START, about, change)


@policy.command("remove")
@click.argument("name")
@on_host
@recorded(Action.ACCESS_POLICY, ResourceKind.POLICY, of="name")
def remove(name: str) -> None:
    """End what a registered policy of pushes demands."""
    from activities.access.policies import KIND
    from domain.core.errors import RefusedError
    from workers.core.registering import registrar

    known = records(current())
    if known.definitions.get(KIND, name) is None:
        fix = "list them: sluiceway policy list"
        raise RefusedError("SLW056", f"no policy '{name}' is registered", fix=fix)
    registrar(current(), known).without_policy(name)
    out(f"Policy {name} removed")
