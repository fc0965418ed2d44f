"""cluster: plan, create, watch, change and delete clusters."""

from __future__ import annotations

import asyncio
import os
import re
import time
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain.clusters.access import IN_CLUSTER, Access
from domain.clusters.plan import Change, Verb
from domain.clusters.spec import ClusterSpec, registered
from domain.core import ids as keys
from domain.core.errors import DefinitionError, SluicewayError
from domain.core.values import duration_text
from workers.cli.common import as_json, print_json, with_clusters
from workers.core.files import Files
from workers.core.settings import current
from workers.views.style import coloured

if TYPE_CHECKING:
    from workers.client.clusters import Clusters

POLL_S = 0.2
SHOWN_DECISIONS = 10
ENDS = ("ready", "degraded", "failed", "deleted", "stuck")
MARKS = {Verb.CREATE: "+", Verb.UPDATE: "~", Verb.REPLACE: "!", Verb.DELETE: "-", Verb.KEEP: " "}
COLOURS = {Verb.CREATE: "green", Verb.DELETE: "red", Verb.REPLACE: "yellow", Verb.UPDATE: "yellow"}

wait = click.option("--wait/--no-wait", default=True, help="Follow it to its end.")
given = click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A parameter of the template.")


@click.group("cluster")
def cluster() -> None:
    """Clusters: their plans, their lives, their troubles."""


def read(file: Path, given: tuple[str, ...], name: str = "") -> Any:
    """Raises DefinitionError with every problem."""
    from pipeline_defs.clusters import compile as clusters

    data = Files()(str(file))
    if data is None:
        raise DefinitionError("SLW601", "the file cannot be read", where=str(file))
    values = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise DefinitionError("SLW501", f"--set takes NAME=VALUE, and this is '{one}'")
        values[key] = value
    return clusters.read(data, str(file), Files(), values, name)


@cluster.command("plan")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Of the cluster, when FILE is a ClusterTemplate.")
@given
@as_json
def plan(file: Path, name: str, given: tuple[str, ...], json_: bool) -> None:
    """Show every object of a cluster in the order of its making, and the difference to what exists.

    Nothing is made. Exit code 0.
    """
    spec = read(file, given, name or "sample")
    changes = _changes(spec)
    if json_:
        print_json([asdict(one) for one in changes])
        return
    phase = ""
    for one in changes:
        if one.phase != phase:
            phase = one.phase
            click.echo(click.style(phase, bold=True))
        state = f"{one.before} -> {one.after}" if one.verb in (Verb.UPDATE, Verb.REPLACE) else one.after or one.before
        line = f"  {MARKS[one.verb]} {one.kind} {one.name}" + (f"  ({state})" if state else "")
        click.echo(click.style(line, fg=COLOURS.get(one.verb)))
    counts = {verb: sum(one.verb is verb for one in changes) for verb in Verb}
    click.echo(", ".join(f"{count} to {verb}" for verb, count in counts.items() if count))


def _changes(spec: ClusterSpec) -> list[Change]:
    from domain.clusters.plan import difference, items
    from workers.worker.local_wiring import cluster_providers

    provider = cluster_providers(current()).get(spec.provider)
    return difference(items(spec), provider.existing(spec) if provider else [])


@cluster.command("create")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Of the cluster, when FILE is a ClusterTemplate.")
@given
@wait
def create(file: Path, name: str, given: tuple[str, ...], wait: bool) -> None:
    """Create a cluster, or bring the one of that name to what FILE says."""
    spec = read(file, given, name)
    click.echo(with_clusters(current(), lambda clusters: clusters.ask(spec)))
    if wait:
        _follow(spec.name)


@cluster.command("register")
@click.argument("name")
@click.option("--kubeconfig", type=click.Path(path_type=Path), help="Default: $KUBECONFIG, or ~/.kube/config.")
@click.option("--context", default="", help="Of the kubeconfig; default: its current one.")
@click.option("--in-cluster", is_flag=True, help="The worker runs in it, and uses its pod's service account.")
@wait
def register(name: str, kubeconfig: Path | None, context: str, in_cluster: bool, wait: bool) -> None:
    """Register a cluster that exists, of any kind: it is reached, and what it can do is found out.

    Nothing is made in it. `sluiceway cluster delete` forgets it and leaves it as it is. The worker reads the
    kubeconfig, so the path must be the same for it.
    """
    from pipeline_defs.core.blocks import NAME_PATTERN

    if in_cluster and (kubeconfig or context):
        raise DefinitionError("SLW501", "--in-cluster takes no kubeconfig and no context")
    if not re.match(NAME_PATTERN, name):
        raise DefinitionError("SLW205", f"'{name}' is no name for a cluster", fix="lower case letters, digits, dashes")
    spec = registered(name, IN_CLUSTER if in_cluster else f"file:{_kubeconfig(kubeconfig)}", context)
    click.echo(with_clusters(current(), lambda clusters: clusters.ask(spec)))
    if wait:
        _follow(name)
        _say(with_clusters(current(), lambda clusters: clusters.view(name)))


def _kubeconfig(given: Path | None) -> Path:
    """The file that kubectl would read, without links or dots."""
    path = given or Path(os.environ.get("KUBECONFIG", "").split(os.pathsep)[0] or Path.home() / ".kube" / "config")
    if not path.is_file():
        raise DefinitionError(
            "SLW601", "the kubeconfig cannot be read", where=str(path), fix="name it with --kubeconfig PATH"
        )
    return path.resolve()


@cluster.command("list")
@as_json
def list_(json_: bool) -> None:
    """List clusters."""
    found = with_clusters(current(), lambda clusters: clusters.all())
    if json_:
        print_json([asdict(one) for one in found])
        return
    if not found:
        click.echo("there are no clusters; sluiceway cluster create FILE")
    for one in found:
        health = one.health
        nodes = f"{health.ready}/{health.nodes} nodes" if health.version else f"{one.spec.nodes} nodes wanted"
        row = f"{one.spec.name:<24} {coloured(one.status):<12} {one.spec.provider:<12} {nodes:<18} {health.version}"
        click.echo(row.rstrip())


@cluster.command("show")
@click.argument("name")
@as_json
def show(name: str, json_: bool) -> None:
    """Show a cluster: phase, nodes, room, what it waits for, and what happened to it."""
    state = with_clusters(current(), lambda clusters: clusters.view(name))
    if json_:
        print_json(asdict(state))
        return
    _say(state)
    if state.guarded:
        _say_healing(with_clusters(current(), lambda clusters: clusters.healing(name)))
    for entry in state.log[-12:]:
        click.echo(f"  {datetime.fromtimestamp(entry.at).astimezone():%H:%M:%S}  {entry.words}")


def _say_healing(state: Any) -> None:
    policy = state.policy
    limits = f"up to {policy.max_unready:.0%} nodes not ready, {policy.actions_an_hour} actions an hour"
    click.echo(f"  {keys.heal_id(state.cluster)} looks after it: {limits}{', dry run' if policy.dry_run else ''}")
    for one in state.decisions[:SHOWN_DECISIONS]:
        click.echo(f"    {one.remedy} {one.target} ({one.reason}): {one.refusal or 'under way'}")
    for one in state.scales:
        click.echo(f"    {one.pool or 'pools'}: {one.reason}: {one.refusal or f'to {one.count} nodes'}")
    if len(state.decisions) > SHOWN_DECISIONS:
        click.echo(f"    and {len(state.decisions) - SHOWN_DECISIONS} more")
    for entry in state.log[-12:]:
        click.echo(f"    {datetime.fromtimestamp(entry.at).astimezone():%H:%M:%S}  {entry.words}")


def _say(state: Any) -> None:
    spec, health = state.spec, state.health
    since = f" since {duration_text(time.time() - state.since)}" if state.since else ""
    click.echo(f"{keys.cluster_id(spec.name)}  {coloured(state.status)}{since}  ({spec.provider})")
    if state.status not in ENDS:
        click.echo(f"  waits for {state.phase} of {state.operation}")
    if state.blocker:
        age = duration_text(time.time() - state.blocker.since)
        click.echo(f"  blocked in {state.blocker.phase} for {age} ({state.blocker.owner}, try {state.blocker.tries})")
        click.echo(f"    {state.blocker.reason}")
    if health.version:
        click.echo(f"  Kubernetes {health.version}, {health.ready} of {health.nodes} nodes ready")
        click.echo(f"  room for {health.cpu:g} cores, {health.memory_mb:,} MB, {health.pods:,} pods")
    for name in health.unready:
        click.echo(f"  not ready: {name}")
    for word, value in sorted(health.capabilities.items()):
        click.echo(f"  {word}: {value}")
    for words in health.drift:
        click.echo(f"  drift: {words}")
    if health.trouble:
        click.echo(f"  its API does not answer: {health.trouble}")
    if state.reference:
        click.echo(f"  kubeconfig: {state.reference}")


@cluster.command("scale")
@click.argument("name")
@click.argument("pools", nargs=-1, required=True, metavar="POOL=COUNT...")
@wait
def scale(name: str, pools: tuple[str, ...], wait: bool) -> None:
    """Change how many nodes pools have."""
    wanted = dict(_count(one) for one in pools)

    def scaled(spec: ClusterSpec) -> ClusterSpec:
        unknown = [one for one in wanted if one not in {pool.name for pool in spec.pools}]
        if unknown:
            there = ", ".join(pool.name for pool in spec.pools)
            raise SluicewayError("SLW948", f"{name} has no pool {unknown[0]}", fix=f"one of {there}")
        return replace(spec, pools=tuple(replace(p, count=wanted.get(p.name, p.count)) for p in spec.pools))

    click.echo(with_clusters(current(), lambda clusters: clusters.update(name, scaled, "scale")))
    if wait:
        _follow(name)


def _count(text: str) -> tuple[str, int]:
    pool, _, count = text.partition("=")
    if not count.isdecimal():
        raise DefinitionError("SLW501", f"'{text}' is not POOL=COUNT, for example web=5")
    return pool, int(count)


@cluster.command("upgrade")
@click.argument("name")
@click.argument("version")
@wait
def upgrade(name: str, version: str, wait: bool) -> None:
    """Bring a cluster to another version of Kubernetes: one minor version up at a time."""
    plain = version.removeprefix("v")
    call = with_clusters(
        current(), lambda clusters: clusters.update(name, lambda spec: replace(spec, version=plain), "upgrade")
    )
    click.echo(call)
    if wait:
        _follow(name)


@cluster.command("heal")
@click.argument("name")
@wait
def heal(name: str, wait: bool) -> None:
    """Go through every phase again, and mend what is not as it should be."""
    click.echo(with_clusters(current(), lambda clusters: clusters.heal(name)))
    if wait:
        _follow(name)


@cluster.command("guard")
@click.argument("name")
@click.option("--off", is_flag=True, help="Nobody looks after it any more.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@click.option("--actions", type=click.IntRange(0), default=3, show_default=True, help="Actions an hour, at most.")
@click.option(
    "--unready", type=click.IntRange(0, 100), default=40, show_default=True, help="From more % on nothing is done."
)
@click.option("--grace", type=click.IntRange(0), default=60, show_default=True, help="Seconds a node may be not ready.")
@click.option("--autoscale", is_flag=True, help="Pools with a max-count grow and shrink with what pods ask for.")
@click.option("--idle", type=click.IntRange(0), default=600, show_default=True, help="Seconds a node stands empty.")
def guard(
    name: str, off: bool, dry_run: bool, actions: int, unready: int, grace: int, autoscale: bool, idle: int
) -> None:
    """Have somebody look after a cluster: nodes that stay broken are replaced, pods that crash made again.

    Asked again, the new limits count at once. `sluiceway cluster show` tells what was done, what was not, and why.
    """
    from domain.clusters.autoscaling import ScalePolicy
    from domain.clusters.remediation import HealPolicy

    scale = ScalePolicy(idle_s=idle) if autoscale else None
    policy = None if off else HealPolicy(dry_run, unready / 100, actions, grace, scale=scale)
    click.echo(with_clusters(current(), lambda clusters: clusters.guard(name, policy)))


@cluster.command("probe")
@click.argument("name")
@click.option("-n", "--namespace", required=True, help="Whose isolation is tried.")
@click.option("--from", "elsewhere", default="default", show_default=True, help="Where the stranger's pod is.")
@click.option("--image", default="busybox:1", show_default=True, help="With a shell, httpd and nc.")
@as_json
def probe(name: str, namespace: str, elsewhere: str, image: str, json_: bool) -> None:
    """Try whether a namespace is isolated: pods of it and of another one try to reach a pod in it.

    Exit code 1 when policies deny it and nobody enforces them, or when even neighbours do not get through.
    """
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery
    from domain.clusters.network_probe import Isolation, verdict
    from workers.client.network_probe import Probe

    async def tried(clusters: Clusters) -> Any:
        state = await clusters.view(name)
        access = Access(state.reference, state.spec.context)
        kube = Kube(access, discovery(current().clusters, name))
        reached = await Probe(clusters, kube, name, access, image).run(namespace, elsewhere)
        policies = kube.items("networking.k8s.io/v1", "NetworkPolicy", namespace)
        return verdict(reached, bool(policies), state.spec.network.plugin)

    found = with_clusters(current(), tried)
    if json_:
        print_json(asdict(found))
    else:
        click.echo(f"{name}/{namespace}: {found.isolation}: {found.words}")
    if found.isolation in (Isolation.NOT_ENFORCED, Isolation.BROKEN):
        raise SystemExit(1)


@cluster.command("report")
@click.argument("name")
@click.option("--output", "-o", type=click.Path(path_type=Path, file_okay=False), help="Folder; default: in the home.")
def report(name: str, output: Path | None) -> None:
    """Write a page of a cluster, and one of each namespace: nodes, pods, quotas, volumes, and a map."""
    from activities.clusters import report as cluster_report
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery

    chosen = current()
    state = with_clusters(chosen, lambda clusters: clusters.view(name))
    kube = Kube(Access(state.reference, state.spec.context), discovery(chosen.clusters, name))
    pages = cluster_report.write(kube, state, output or chosen.home / "reports" / "clusters" / name)
    click.echo(f"{pages[0]}  ({len(pages) - 1} namespaces)")


@cluster.command("delete")
@click.argument("name")
@wait
def delete(name: str, wait: bool) -> None:
    """Delete a cluster, also while it is being made; it ends when nothing is left of it."""
    click.echo(with_clusters(current(), lambda clusters: clusters.delete(name)))
    if wait:
        _follow(name)


def _follow(name: str) -> None:
    """Prints what happens until the operation ends; exit code 1 when it did not end well."""

    async def follow(clusters: Clusters) -> Any:
        began, said = time.time() - 1, set()
        while True:
            state = await clusters.view(name)
            for entry in state.log:
                if entry.at > began and entry not in said:
                    click.echo(f"  {datetime.fromtimestamp(entry.at).astimezone():%H:%M:%S}  {entry.words}")
                    said.add(entry)
            if state.status in ENDS and state.wanted is None:
                return state
            await asyncio.sleep(POLL_S)

    state = with_clusters(current(), follow)
    click.echo(f"{keys.cluster_id(name)}  {coloured(state.status)}")
    if state.status not in ("ready", "deleted"):
        why = state.blocker.reason if state.blocker else ""
        raise SluicewayError(
            "SLW949", f"cluster {name} is {state.status}", why=why, fix=f"sluiceway cluster show {name}"
        )
