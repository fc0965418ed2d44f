"""request: quotas, limits, network exceptions, priority classes, near and far: asked for, listed, shown, ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import click

from domain.clusters.requests import ClusterRequest, RequestKind
from domain.clusters.spec import HIGHEST_PRIORITY
from domain.core.errors import RefusedError
from workers.cli.durations import DurationParam
from workers.cli.session import ask, pages
from workers.cli.shown import as_json, limited, print_json, rows, when
from workers.client.ports.requests import RequestFilter, Wish
from workers.views.output import out

if TYPE_CHECKING:
    from domain.inventory.request_plan import RequestPlan
    from workers.client.ports.client import Client

cluster_argument, namespace_argument = click.argument("cluster"), click.argument("namespace")
id_argument = click.argument("id_", metavar="CLUSTER/N")
Command = Callable[..., None]
WORDS = {
    "cpu": "cores",
    "memory_mb": "memory in MB",
    "pods": "pods",
    "storage_gb": "storage in GB",
    "claims": "volume claims",
    "container_cpu": "cores of one container",
    "container_memory_mb": "memory of one container in MB",
    "value": "value",
    "preempts": "preempts",
}


@click.group("request")
def request() -> None:
    """Ask for quotas, limits, network exceptions, priority classes: somebody else agrees, the cluster does it."""


def _common(command: Command) -> Command:
    """What all kinds have in common."""
    options = (
        click.option("--reason", default="", help="Why: whoever decides reads it."),
        click.option("--plan", "only_plan", is_flag=True, help="Show what it would do, and ask nobody."),
        as_json,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _asking(command: Command) -> Command:
    """Of a namespace."""
    return cluster_argument(namespace_argument(_common(command)))


def _number(name: str) -> Callable[[Command], Command]:
    flag = "--" + name.removeprefix("container_").replace("_", "-")
    words = WORDS[name][0].upper() + WORDS[name][1:]
    return click.option(flag, name, type=click.FloatRange(0), help=f"{words}; 0: no limit.")


lasting = click.option("--for", "lasts_s", type=DurationParam(), default=0, help="Taken back after it, such as 8h.")
opened = click.option("--for", "lasts_s", type=DurationParam(), required=True, help="At most 30d; then it ends.")


@request.command("quota")
@_asking
@_number("cpu")
@_number("memory_mb")
@_number("pods")
@_number("storage_gb")
@_number("claims")
@lasting
def quota(cluster: str, namespace: str, **given: Any) -> None:
    """Ask for another quota of a namespace; what is not named stays."""
    _ask(cluster, namespace, "quota", given)


@request.command("limits")
@_asking
@_number("container_cpu")
@_number("container_memory_mb")
@lasting
def limits(cluster: str, namespace: str, **given: Any) -> None:
    """Ask for other limits of one container."""
    _ask(cluster, namespace, "limits", given)


@request.command("exception")
@_asking
@click.option("--from", "allow_from", multiple=True, help="Namespace whose pods may connect; repeatable.")
@click.option("--to", "allow_to", multiple=True, help="CIDR or CIDR:PORT that its pods may reach; repeatable.")
@opened
def exception(cluster: str, namespace: str, **given: Any) -> None:
    """Ask for connections through the isolation of a namespace, for a time."""
    _ask(cluster, namespace, "exception", given)


@request.command("priority")
@cluster_argument
@click.argument("name")
@_common
@click.option("--value", type=click.IntRange(-HIGHEST_PRIORITY, HIGHEST_PRIORITY), help="Pods without a class have 0.")
@click.option("--preempts/--never-preempts", "preempts", default=None, help="Whether its pods may take others' place.")
@click.option("--remove", is_flag=True, help="Remove the class.")
@lasting
def priority(cluster: str, name: str, remove: bool, **given: Any) -> None:
    """Ask for a priority class of a cluster: a new one, another value, or to remove it."""
    said = given["value"] is not None or given["preempts"] is not None
    if said is remove:
        raise click.UsageError("say --value or --preempts, or --remove")
    _ask(cluster, "", "priority", given | {"name": name})


def _ask(cluster: str, namespace: str, kind: str, given: dict[str, Any]) -> None:
    lasts_s = given["lasts_s"]
    wish = Wish(
        cluster=cluster,
        namespace=namespace,
        kind=kind,
        name=given.get("name", ""),
        values={name: float(value) for name, value in given.items() if name in WORDS and value is not None},
        allow_from=given.get("allow_from", ()),
        allow_to=given.get("allow_to", ()),
        reason=given["reason"],
        until=int(time.time() + lasts_s) if lasts_s else 0,
    )
    plan = ask(lambda client: client.requests.plan(wish))
    if given["json_"] and given["only_plan"]:
        print_json(plan)
        return
    if not given["json_"]:
        _print(plan)
    if given["only_plan"]:
        return
    if not plan.possible:
        raise RefusedError("SLW971", "this cannot be asked for", why="; ".join([*plan.wrong.values(), *plan.refusals]))
    id_ = ask(lambda client: client.requests.apply(wish))
    if given["json_"]:
        print_json({"id": id_})
        return
    out(f"{id_} waits for {plan.approval or 'approval'}: sluiceway approve {id_}")


def _print(plan: RequestPlan) -> None:
    asked = plan.request
    for one in plan.changes:
        used = f", {one.used:g} in use" if one.used >= 0 else ""
        before, after = (
            _amount(one.before, one.unit, asked.before, asked),
            _amount(one.after, one.unit, asked.values, asked),
        )
        out(f"{WORDS[one.name]}: {before} -> {after}{used}")
    for sentence in (*plan.opens, *plan.room):
        out(f"  {sentence}")
    for met in plan.affected:
        out(f"  {f'{met.namespace}/' if met.namespace else ''}{met.kind}/{met.name}: {met.why}")
    if plan.affected_count > len(plan.affected):
        out(f"  and {plan.affected_count - len(plan.affected)} more")
    for name, why in plan.wrong.items():
        out(f"  {name}: {why}")
    for why in plan.refusals:
        out(f"  {why}")


def _amount(value: float, unit: str, there: Mapping[str, float], asked: ClusterRequest) -> str:
    """`there`: what the request says of that moment; of a class nothing where there is none."""
    if asked.kind is RequestKind.PRIORITY:
        return f"{value:.0f}" if there else "no class"
    return f"{value:g} {unit}" if value else "no limit"


@request.command("list")
@click.option("--cluster", default="", help="Of this cluster.")
@click.option("--namespace", default="", help="Of this namespace.")
@click.option("--status", default="", help="waiting, applying, active, ending, applied, ended, rejected, …")
@limited
@as_json
def list_(cluster: str, namespace: str, status: str, limit: int, json_: bool) -> None:
    """List requests, newest first."""
    which = RequestFilter(cluster=cluster, namespace=namespace, status=status)
    found = pages(limit, lambda client, page: client.requests.list(which, page))
    if json_:
        print_json(found)
        return
    table = [
        (
            one.id.removeprefix("request/"),
            one.namespace or "-",
            one.kind,
            one.status,
            when(one.asked_at),
            f"until {when(one.until)}" if one.until else "",
            one.requester,
            one.says,
        )
        for one in found
    ]
    rows(table, "there is no request that you may see")


@request.command("show")
@id_argument
@as_json
def show(id_: str, json_: bool) -> None:
    """Show a request, its plan and its story."""
    found = ask(lambda client: client.requests.show(whole(id_)))
    if json_:
        print_json(found)
        return
    row = found.row
    until = f", until {when(row.until)}" if row.until else ""
    out(f"{row.id}  {row.kind} of {'/'.join(filter(None, (row.cluster, row.namespace)))}: {row.status}{until}")
    out(f"  {row.requester}: {found.plan.request.reason}")
    out(f"  {row.says}")
    _print(found.plan)
    for one in found.story:
        out(f"  {when(one.at)}  {one.words}")


@request.command("cancel")
@id_argument
@click.option("--reason", default="", help="Stands in its story, and in the audit.")
def cancel(id_: str, reason: str) -> None:
    """Withdraw a request that waits, or end what it opened before its time."""

    async def ended(client: Client) -> str:
        return await client.requests.cancel(whole(id_), reason)

    out(ask(ended))


def whole(text: str) -> str:
    """`edge/3` as `request/edge/3`."""
    return text if text.startswith("request/") else f"request/{text}"
