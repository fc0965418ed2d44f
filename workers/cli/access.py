"""access: what may be done at a server, by whom, and why."""

from __future__ import annotations

import time

import click

from domain.access.actions import Action
from domain.access.resource import Resource, ResourceKind
from domain.access.role import ROLES
from domain.access.verdict import Verdict
from domain.core.errors import DefinitionError
from domain.core.values import duration_s
from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, rows, when
from workers.client.ports.access import GrantRow
from workers.client.ports.policies import LabelRow
from workers.views.output import out

action_argument = click.argument("action", type=click.Choice([one.value for one in Action]), metavar="ACTION")
resource_argument = click.argument("resource", default="engine:engine", metavar="[KIND:NAME]")
for_option = click.option("--for", "for_", default="", metavar="DURATION", help="Ends after so long, such as 30d.")


def resource_of(text: str) -> Resource:
    """`environment:production`.

    Raises:
        DefinitionError: SLW501, it is not KIND:NAME.
    """
    kind, _, name = text.partition(":")
    if kind not in set(ResourceKind) or not name:
        kinds = ", ".join(ResourceKind)
        raise DefinitionError("SLW501", f"'{text}' is not KIND:NAME", why=f"KIND is one of {kinds}")
    return Resource(kind=ResourceKind(kind), name=name)


def _until(text: str) -> float:
    if not text:
        return 0
    try:
        return time.time() + duration_s(text)
    except ValueError as wrong:
        raise DefinitionError("SLW501", f"'{text}' is no duration", why=str(wrong)) from wrong


@click.group()
def access() -> None:
    """See who may do what and why; grant, share and revoke. RESOURCE is KIND:NAME, such as environment:production."""


@access.command("can-i")
@action_argument
@resource_argument
@as_json
@click.pass_context
def can_i(ctx: click.Context, action: str, resource: str, json_: bool) -> None:
    """Say whether you may. ACTION is such as runs:start (`access roles` lists them). Exit code 3 when not."""
    found = ask(lambda client: client.access.can(Action(action), resource_of(resource)))
    if json_:
        print_json(found)
    else:
        out("yes" if found.allowed else "no", f": {found.rule}")
    ctx.exit(0 if found.allowed else 3)


@access.command("explain")
@action_argument
@resource_argument
@click.option("--principal", default="", help="Of somebody else, such as person:ann.")
@as_json
def explain(action: str, resource: str, principal: str, json_: bool) -> None:
    """Say which rule decides about an action, what else matches, and what is missing."""
    found = ask(lambda client: client.policies.explain(Action(action), resource_of(resource), principal))
    if json_:
        print_json(found)
        return
    verdict = found.verdict
    out(f"{verdict.principal} {'may' if verdict.allowed else 'may not'} {verdict.action} {verdict.resource}")
    _told(verdict)
    for rule in found.rules:
        out(f"  {'permits' if rule.permits else 'forbids'}      {rule.rule} ({rule.layer})")
    for grant_ in found.grants:
        out(f"  granted      {grant_.principal} is {grant_.role} on {grant_.resource} ({grant_.kind}/{grant_.id})")
    for name, label_ in (("clearance", found.clearance), ("label", found.label)):
        if label_:
            out(f"  {name:<12} {_label(label_)}")


def _label(one: LabelRow) -> str:
    inside = f" {', '.join(one.compartments)}" if one.compartments else ""
    return f"level {one.level}{inside}{'' if one.integrity else ', not trusted'}"


def _told(found: Verdict) -> None:
    out(f"  decided by   {found.rule} ({found.layer})")
    if found.reason:
        out(f"  because      {found.reason}")
    if found.missing:
        out(f"  missing      {found.missing}")
    if found.policy_digest:
        out(f"  policies     {found.policy_digest}")


@access.command("roles")
def roles() -> None:
    """List the roles with their actions."""
    rows([(str(role), ", ".join(sorted(actions))) for role, actions in ROLES.items()], "there are none")


@access.command("labels")
@limited
@as_json
def labels(limit: int, json_: bool) -> None:
    """List the labels of people and resources."""
    found = pages(limit, lambda client, page: client.policies.labels(page))
    if json_:
        print_json(found)
        return
    rows([(one.subject, _label(one)) for one in found], "nothing is labelled")


@access.command("label")
@click.argument("subject")
@click.option("--level", type=click.IntRange(0, 9), default=0, show_default=True, help="Higher is more secret.")
@click.option("--compartment", "compartments", multiple=True, help="Only for people with it, too; may be repeated.")
@click.option("--untrusted", is_flag=True, help="Of a resource: runs of strangers may touch it.")
def label(subject: str, level: int, compartments: tuple[str, ...], untrusted: bool) -> None:
    """Label a person or a resource. It holds when a second security administrator says the same."""
    row = ask(lambda client: client.policies.label(subject, level, compartments, 0 if untrusted else 1))
    waits = "; it waits for a second security administrator, who says the same" if row.waiting else ""
    out(f"{row.subject}  {_label(row)}{waits}")


@access.command("move")
@click.argument("subject")
@click.argument("project")
def move(subject: str, project: str) -> None:
    """Put a pipeline, repository, environment, cluster or secret (KIND:NAME) into a project."""
    ask(lambda client: client.policies.move(subject, project))
    out(f"{subject} is in project {project}")


@access.command("who-can")
@action_argument
@resource_argument
@limited
@as_json
def who_can(action: str, resource: str, limit: int, json_: bool) -> None:
    """List the people who may."""
    what = resource_of(resource)
    found = pages(limit, lambda client, page: client.access.who_can(Action(action), what, page))
    if json_:
        print_json(found)
        return
    rows([(one.principal, one.rule) for one in found if one.allowed], "nobody may")


@access.command("grants")
@click.argument("principal", default="")
@limited
@as_json
def grants(principal: str, limit: int, json_: bool) -> None:
    """List roles and shares, of PRINCIPAL or of all."""
    found = pages(limit, lambda client, page: client.access.grants(principal, page))
    if json_:
        print_json(found)
        return
    rows([_row(one) for one in found], "nothing is granted")


def _row(one: GrantRow) -> tuple[str, ...]:
    return one.id, one.kind, one.principal, one.role, one.resource, f"by {one.by} until {when(one.until)}"


@access.command("grant")
@click.argument("principal")
@click.argument("role")
@click.argument("resource")
@for_option
def grant(principal: str, role: str, resource: str, for_: str) -> None:
    """Give PRINCIPAL (person:ann, group:release-managers) a role on a resource."""
    until = _until(for_)
    made = ask(lambda client: client.access.grant(principal, role, resource, until))
    out("  ".join(_row(made)))


@access.command("share")
@click.argument("principal")
@click.argument("role")
@click.argument("resource")
@click.option("--for", "for_", default="8h", show_default=True, metavar="DURATION", help="Ends after so long.")
def share(principal: str, role: str, resource: str, for_: str) -> None:
    """Give somebody, for a while, at most what you hold on something of yours."""
    until = _until(for_)
    made = ask(lambda client: client.access.share(principal, role, resource, until))
    out("  ".join(_row(made)))


@access.command("revoke")
@click.argument("id_", metavar="GRANT")
def revoke(id_: str) -> None:
    """Take a grant or a share back; the next effect of a run under way is refused."""
    ask(lambda client: client.access.revoke(id_))
    out(f"{id_} is revoked")
