"""fleet: what is in the clusters, as the console shows it: overview, lists, one object, search."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from domain.core.errors import DefinitionError
from domain.inventory.model import GROUPS, KINDS, Freshness, Health, freshness
from domain.inventory.rollup import WAS_BAD
from workers.cli.panels import PanelCommand, panel
from workers.cli.session import ask, rows_of
from workers.cli.shown import as_json, limited, print_json
from workers.client.ports.fleets import ObjectFilter
from workers.client.ports.pages import Page, PageOf
from workers.views.output import out

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.views.fleet import Line

T = TypeVar("T")
AGAIN_S = 2.0
EVERY_KIND = {kind.lower(): kind for kind in (*KINDS, *GROUPS)}
SHORT = {
    "deploy": "Deployment",
    "sts": "StatefulSet",
    "ds": "DaemonSet",
    "po": "Pod",
    "no": "Node",
    "ns": "Namespace",
    "svc": "Service",
    "netpol": "NetworkPolicy",
    "quota": "ResourceQuota",
    "hpa": "HorizontalPodAutoscaler",
    "pvc": "PersistentVolumeClaim",
    "pv": "PersistentVolume",
    "sc": "StorageClass",
}
"""As kubectl has them."""
watching = click.option("--watch", "-w", is_flag=True, help="Show it again as it changes, until Ctrl-C.")
which = panel("Which")
HEALTH: dict[str, Any] = {
    "type": click.Choice(["bad", *(one.value for one in Health)]),
    "default": None,
    "callback": lambda _, __, value: value or "",
}
OF_OBJECTS = HEALTH | {"type": click.Choice(["bad", WAS_BAD, *(one.value for one in Health)])}
"""An option of a list; none: any."""


@click.group(invoke_without_command=True)
@watching
@as_json
@click.pass_context
def fleet(ctx: click.Context, watch: bool, json_: bool) -> None:
    """Show what is wrong in which cluster, why, and since when.

    Without a command: totals, clusters and services that are not healthy, and warnings that go on. A cluster that is
    not heard of is unknown, with its age; what it shows is what was last known.
    """
    if ctx.invoked_subcommand:
        return
    from workers.views.fleet import overview

    _show(watch, json_, lambda client: client.fleets.overview(), overview)


def _show(
    watch: bool, json_: bool, asked: Callable[[Client], Awaitable[T]], lines: Callable[[T], Iterable[Line]]
) -> None:
    """Once, or again and again."""
    last: object = None
    while True:
        found = ask(asked)
        if found != last:
            _print(found, json_, lines, clear=watch and sys.stdout.isatty())
            last = found
        if not watch:
            return
        time.sleep(AGAIN_S)


def _print(found: T, json_: bool, lines: Callable[[T], Iterable[Line]], *, clear: bool) -> None:
    if json_:
        print_json(found)
        return
    if clear:
        click.clear()
    for line in lines(found):
        out(*line)


@fleet.command("clusters")
@click.argument("text", required=False, default="")
@click.option("--status", default="", help="Of its life: ready, creating, degraded, stuck, …")
@click.option("--health", **HEALTH, help="How it is now; bad: unknown or degraded.")
@limited
@watching
@as_json
def clusters(text: str, status: str, health: str, limit: int, watch: bool, json_: bool) -> None:
    """List clusters whose names have TEXT: health, since when, nodes, workloads and pods."""
    from workers.views import fleet as view

    async def asked(client: Client) -> list[Any]:
        return await rows_of(limit, lambda page: client.fleets.clusters(text, status, page, health))

    _show(watch, json_, asked, lambda rows: _or_nothing(rows, view.clusters))


@fleet.command("cluster")
@click.argument("name")
@watching
@as_json
def cluster(name: str, watch: bool, json_: bool) -> None:
    """Show a cluster: what blocks it, certificates, drift, what repair does or refuses, and its story."""
    from workers.views import fleet as view

    _show(watch, json_, lambda client: client.fleets.cluster(name), lambda found: view.cluster(found, time.time()))


@fleet.command("namespaces")
@click.argument("text", required=False, default="")
@click.option("--cluster", "-c", default="", help="Only in this cluster.")
@limited
@watching
@as_json
def namespaces(text: str, cluster: str, limit: int, watch: bool, json_: bool) -> None:
    """List namespaces whose names have TEXT: environment, workloads, pods by status, quota."""
    from workers.views import fleet as view

    async def asked(client: Client) -> list[Any]:
        return await rows_of(limit, lambda page: client.fleets.namespaces(cluster, text, page))

    _show(watch, json_, asked, lambda rows: _or_nothing(rows, view.namespaces))


@fleet.command("services")
@click.argument("text", required=False, default="")
@click.option("--health", **HEALTH, help="Of its worst placement; bad: unknown or degraded.")
@limited
@watching
@as_json
def services(text: str, health: str, limit: int, watch: bool, json_: bool) -> None:
    """List services whose names have TEXT: health, where the worst is, and versions."""
    from workers.views import fleet as view

    async def asked(client: Client) -> list[Any]:
        return await rows_of(limit, lambda page: client.fleets.services(text, health, page))

    _show(watch, json_, asked, lambda rows: _or_nothing(rows, view.services))


@fleet.command("events")
@click.option("--cluster", "-c", default="", help="Only in this cluster.")
@click.option("--namespace", "-n", default="", help="Only in this namespace.")
@click.option("--going", is_flag=True, help="Only those that have not ended.")
@limited
@watching
@as_json
def events(cluster: str, namespace: str, going: bool, limit: int, watch: bool, json_: bool) -> None:
    """List warnings of clusters, newest first, with their end. They are kept for a week."""
    from workers.views import fleet as view

    async def asked(client: Client) -> list[Any]:
        return await rows_of(limit, lambda page: client.fleets.events(cluster, namespace, going, page))

    _show(watch, json_, asked, lambda rows: _or_nothing(rows, view.events))


@fleet.command("networks")
@click.argument("cluster")
@click.option("--namespace", "-n", default="", help="Only of this namespace.")
@watching
@as_json
def networks(cluster: str, namespace: str, watch: bool, json_: bool) -> None:
    """Show isolation by namespace: declared, enforced, probed; and how policies differ from what generates them."""
    from workers.views import networks as view

    _show(
        watch,
        json_,
        lambda client: client.topology.reach(cluster, namespace),
        lambda found: view.lines(found, time.time()),
    )


@fleet.command("search")
@click.argument("text")
@as_json
def search(text: str, json_: bool) -> None:
    """Find clusters, namespaces, services, workloads, pods, nodes, runs, releases, environments and people by name."""
    from workers.views import fleet as view

    _show(
        False,
        json_,
        lambda client: client.fleets.search(text),
        lambda rows: _or_nothing(rows, lambda all_, _: view.found(all_)),
    )


@fleet.command("show")
@click.argument("place", metavar="CLUSTER/[NAMESPACE/]KIND/NAME")
@watching
@as_json
def show(place: str, watch: bool, json_: bool) -> None:
    """Show one object with its pods and events: eu-1/shop/Deployment/web, or eu-1/Node/eu-1-node-0."""
    from workers.views import fleet as view

    of = place_of(place)
    _show(watch, json_, lambda client: client.fleets.object(*of), lambda found: view.object_(found, time.time()))


def place_of(text: str) -> tuple[str, str, str, str]:
    """Cluster, kind, namespace and name. As `search` has it: `eu-1//Node/a` is one without a namespace, too.

    Raises:
        DefinitionError: SLW502, it names no object.
    """
    parts = text.split("/")
    if len(parts) == 3:
        parts.insert(1, "")
    if len(parts) != 4 or not (parts[0] and parts[3]):
        raise DefinitionError("SLW502", f"{text!r} is no CLUSTER/NAMESPACE/KIND/NAME", fix="eu-1/shop/Deployment/web")
    return parts[0], kind_of(parts[2]), parts[1], parts[3]


def kind_of(text: str) -> str:
    """As Kubernetes writes it, of what people type: `pods`, `deploy`, `StatefulSet`.

    Raises:
        DefinitionError: SLW502, it is none that is watched.
    """
    lower = text.lower()
    for word in (lower, lower.removesuffix("s"), lower.removesuffix("es"), f"{lower.removesuffix('ies')}y"):
        if found := SHORT.get(word) or EVERY_KIND.get(word):
            return found
    raise DefinitionError("SLW502", f"'{text[:50]}' is no kind that is watched", fix=", ".join(sorted(EVERY_KIND)))


def _or_nothing(rows: list[T] | tuple[T, ...], lines: Callable[[Any, float], Iterable[Line]]) -> Iterable[Line]:
    return lines(rows, time.time()) if rows else [("nothing that you may read fits",)]


async def _objects(client: Client, filter: ObjectFilter, limit: int) -> tuple[list[Any], int, frozenset[str]]:
    """Rows, how many there are, and clusters that are not heard of."""

    as_of = 0.0

    async def page(part: PageOf) -> Page[Any]:
        nonlocal as_of
        found = await client.fleets.objects(filter, part)
        as_of = found.as_of
        return found

    rows, counts, heard = await asyncio.gather(
        rows_of(limit, page), client.fleets.counts(filter), client.fleets.heard()
    )
    silent = frozenset(name for name, at in heard.items() if freshness(at, as_of) is not Freshness.LIVE)
    return rows, counts.total, silent


def _listing(name: str, kind: str, about: str) -> None:
    """A command that lists objects of a kind; empty: of any, as an argument."""

    def listed(limit: int, watch: bool, json_: bool, kind: str = kind, **given: str) -> None:
        from workers.views import fleet as view

        filter = ObjectFilter(kind=kind_of(kind), **given)

        def lines(found: tuple[list[Any], int, frozenset[str]]) -> Iterable[Line]:
            rows, total, silent = found
            shown = _or_nothing(rows, lambda all_, now: view.objects(all_, now, silent))
            return [*shown, *view.more(len(rows), total)]

        if json_:
            _show(watch, True, lambda client: _rows_alone(client, filter, limit), lambda _: ())
        else:
            _show(watch, False, lambda client: _objects(client, filter, limit), lines)

    command: Callable[..., None] = as_json(watching(limited(listed)))
    for flags, words in reversed(FILTERS.items()):
        one = OF_OBJECTS if "--health" in flags else {"default": ""}
        command = which(*flags, help=words, **one)(command)
    command = click.argument("text", required=False, default="")(command)
    if not kind:
        command = click.argument("kind")(command)
    fleet.command(name, cls=PanelCommand, help=about)(command)


async def _rows_alone(client: Client, filter: ObjectFilter, limit: int) -> list[Any]:
    return (await _objects(client, filter, limit))[0]


FILTERS = {
    ("--cluster", "-c"): "Only in this cluster.",
    ("--namespace", "-n"): "Only in this namespace.",
    ("--health",): "How it is now; bad: unknown or degraded; was-bad: it was, when its cluster was last heard of.",
    ("--status",): "As kubectl says it: Running, CrashLoopBackOff, Bound, …",
    ("--node",): "Only on this node.",
    ("--owner",): "Only of this workload: Deployment/web.",
    ("--service",): "Only of this service.",
    ("--environment", "-e"): "Only of this environment.",
}
_listing("pods", "Pod", "List pods whose names have TEXT: status, why, since when, on which node.")
_listing(
    "workloads", "Workload", "List Deployments, StatefulSets, DaemonSets, Jobs and CronJobs whose names have TEXT."
)
_listing("nodes", "Node", "List nodes whose names have TEXT.")
_listing("get", "", "List objects of a KIND whose names have TEXT: pvc, netpol, quota, hpa, …")
