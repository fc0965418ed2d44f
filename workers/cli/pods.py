"""pod: runs, lists, shows, follows, restarts, executes in and deletes pods, near and far."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.core import ids as keys
from domain.core.errors import DefinitionError, SluicewayError
from workers.cli.exec_sessions import BY_OWNER, open_
from workers.cli.pod_requests import asked_options, request_of, text_of
from workers.cli.session import ask, is_near, pages
from workers.cli.shown import as_json, limited, print_json, when
from workers.client.following import follow_pod
from workers.client.ports.pods import ObjectAt, PodDetails, PodLogs, PodPlan
from workers.views.output import out, out_lines, out_log

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.client.ports.runs import LogPart

NEAR_S, FAR_S = 0.2, 1.0
"""Between two looks at a pod."""
namespaced = click.option("-n", "--namespace", default="default", show_default=True, help="Namespace.")
attempted = click.option("--attempt", default=1, show_default=True, help="Attempt.")
reasoned = click.option("--reason", default="", help="Why: it stands in the audit.")


@click.group("pod")
def pod() -> None:
    """Run, list, follow, restart, exec into and delete pods."""


@pod.command("run")
@click.argument("cluster")
@click.argument("name")
@asked_options
@namespaced
@attempted
@click.option("--dry-run", is_flag=True, help="Show what would be started, and what the cluster says to it.")
@click.option("--wait/--no-wait", default=True, help="Wait for it to end, and print its logs.")
@click.argument("command", nargs=-1)
def run(cluster: str, name: str, file: Path | None, dry_run: bool, wait: bool, **given: object) -> None:
    """Run a pod in CLUSTER, from an image and COMMAND or from a manifest.

    It runs as nobody, without privileges and without a service account token. Exit code: that of the pod, or 1.
    """
    if bool(given["image"]) == bool(file):
        raise DefinitionError("SLW501", "pass either --image or --file")
    wanted = request_of(cluster, name, text_of(file) if file else "", given)

    async def begin(client: Client) -> tuple[PodPlan, str]:
        plan = await client.pods.plan(wanted)
        _told(plan, str(file or ""))
        return plan, "" if dry_run else await client.pods.apply(wanted, plan.digest)

    plan, id_ = ask(begin)
    if dry_run:
        out_lines(plan.manifest, nl=False)
        return
    out(id_, err=True)
    if wait:
        raise click.exceptions.Exit(ask(lambda client: _followed(client, id_)))


def _told(plan: PodPlan, file: str) -> None:
    """Warnings of a plan.

    Raises:
        DefinitionError: SLW466, it cannot be started.
    """
    for one in plan.remarks:
        out(f"{file}:{one.line}:{one.column}: {one.severity} {one.code}: {one.what}", err=True)
        if one.fix:
            out(f"    {one.fix}", err=True)
    for told in filter(None, (plan.room, plan.exists if plan.digest else "")):
        out(told, err=True)
    if not plan.digest:
        wrong = [f"{one.field}: {one.words}" for one in plan.errors]
        said = [one.what for one in plan.remarks if one.severity == "error"]
        why = "; ".join([*wrong, *(said or filter(None, [plan.tried])), *filter(None, [plan.exists])])
        raise DefinitionError("SLW466", "no pod can be made of this", where=plan.id, why=why[:1_000])


async def _followed(client: Client, id_: str) -> int:
    """Prints the phases of a pod as it enters them, then its logs; its exit code, or 1."""
    found = await _ended(client, id_, tells=True)
    if found.logs:
        async for part in follow_pod(client.pods, _logs_of(found)):
            _print(part)
    if found.gap:
        out(f"logs are missing: {found.gap}", err=True)
    if found.row.phase == "Succeeded":
        return 0
    out(f"{id_} {found.row.phase}: {found.row.reason or f'exit code {found.exit_code}'}", err=True)
    return found.exit_code if found.exit_code > 0 else 1


async def _ended(client: Client, id_: str, *, tells: bool = False) -> PodDetails:
    """The pod once it has ended. `tells`: its phases are printed as it enters them."""
    told = 0
    while True:
        found = await client.pods.show(id_)
        for one in found.steps[told:] if tells else ():
            out(f"  {when(one.at)}  {one.phase}{f': {one.reason}' if one.reason else ''}", err=True)
        told = len(found.steps)
        if found.row.ended_at is not None:
            return found
        await asyncio.sleep(NEAR_S if is_near() else FAR_S)


def _logs_of(found: PodDetails) -> PodLogs:
    return PodLogs(cluster=found.row.cluster, namespace=found.row.namespace, pod=found.object)


def _print(part: LogPart | None, *, timed: bool = False) -> None:
    for line in part.lines if part else ():
        out_log((), f"{when(line.at)}  {line.text}" if timed else line.text)


@pod.command("list")
@click.argument("cluster", required=False, default="")
@click.option("-n", "--namespace", default="", help="Only of this namespace.")
@click.option("--all", "all_", is_flag=True, help="Also those that have ended.")
@limited
@as_json
def list_(cluster: str, namespace: str, all_: bool, limit: int, json_: bool) -> None:
    """List pods that Sluiceway runs."""
    found = pages(limit, lambda client, page: client.pods.list(cluster, namespace, page, running=not all_))
    if json_:
        print_json(found)
        return
    for one in found:
        out(f"{one.id:<48} {one.phase:<10} {one.node:<24} {one.reason}".rstrip())


@pod.command("show")
@click.argument("cluster")
@click.argument("name")
@namespaced
@attempted
@as_json
def show(cluster: str, name: str, namespace: str, attempt: int, json_: bool) -> None:
    """Show the status of a pod, and its history."""
    found = ask(lambda client: client.pods.show(keys.pod_id(cluster, namespace, name, attempt)))
    if json_:
        print_json(found)
        return
    out(f"{found.row.id}  {found.row.phase}  {found.row.reason}".rstrip())
    for one in found.steps:
        out(f"  {when(one.at)}  {one.phase}{f': {one.reason}' if one.reason else ''}")


@pod.command("logs")
@click.argument("cluster")
@click.argument("name")
@namespaced
@click.option("-c", "--container", default="", help="Container; without it, all of them in the order of their times.")
@click.option("--follow", "-f", "follow_", is_flag=True, help="Follow until the pod ends.")
@click.option("--previous", is_flag=True, help="What it wrote before it was restarted.")
@click.option("--search", default="", help="Only lines with this text, in any case.")
@click.option("--tail", default=0, help="Only so many last lines; 0: all that is known.")
@click.option("--timestamps", "-t", is_flag=True, help="Show the time of each line.")
def logs(
    cluster: str,
    name: str,
    namespace: str,
    container: str,
    follow_: bool,
    previous: bool,
    search: str,
    tail: int,
    timestamps: bool,
) -> None:
    """Print what any pod in CLUSTER writes, also one that has ended here. Secrets are masked."""
    which = PodLogs(cluster=cluster, namespace=namespace, pod=name, container=container, previous=previous)

    async def print_all(client: Client) -> None:
        if search:
            for number in await client.pods.search(which, search, limit=1_000):
                _print(await client.pods.log(which, first=number, limit=1), timed=timestamps)
            return
        last = await client.pods.log(which, limit=min(tail or 1, 1_000))
        first = last.first if tail else 1
        async for part in follow_pod(client.pods, which, first=first or 1):
            _print(part, timed=timestamps)
            if part and not follow_ and (not part.lines or part.lines[-1].number >= last.total):
                break

    ask(print_all)


@pod.command("restart")
@click.argument("cluster")
@click.argument("name")
@namespaced
@click.option("--kind", default="Pod", show_default=True, help="Pod, Deployment, StatefulSet or DaemonSet.")
@reasoned
def restart(cluster: str, name: str, namespace: str, kind: str, reason: str) -> None:
    """Replace a pod that Sluiceway runs, or all pods of a workload one after another."""
    what = ObjectAt(cluster=cluster, kind=kind, namespace=namespace, name=name)
    out(f"{ask(lambda client: client.pods.restart(what, reason or _by()))} restarts it")


@pod.command("delete")
@click.argument("cluster")
@click.argument("name")
@namespaced
@attempted
@click.option("--any", "any_", is_flag=True, help="Also a pod that Sluiceway did not start.")
@reasoned
def delete(cluster: str, name: str, namespace: str, attempt: int, any_: bool, reason: str) -> None:
    """Delete a pod. The logs of one that Sluiceway runs are saved first."""
    id_, why = keys.pod_id(cluster, namespace, name, attempt), reason or _by()

    async def end(client: Client) -> str:
        try:
            await client.pods.end(id_, why)
        except SluicewayError as unknown:
            if unknown.code != "SLW950" or not any_:
                raise
            what = ObjectAt(cluster=cluster, kind="Pod", namespace=namespace, name=name)
            return f"{await client.pods.remove(what, why)} deletes it"
        found = await _ended(client, id_)
        return f"{id_} {found.row.phase}: {found.row.reason}"

    out(ask(end))


def _by() -> str:
    return BY_OWNER if is_near() else ""


pod.add_command(open_)
