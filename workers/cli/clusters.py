"""cluster: plan, create, register, list, scale, upgrade and delete clusters."""

from __future__ import annotations

import os
from dataclasses import asdict, replace
from pathlib import Path

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.clusters.access import DIALS_OUT, IN_CLUSTER
from domain.clusters.parts import Role, chosen, complaints
from domain.clusters.plan import Change, Verb
from domain.clusters.spec import ClusterSpec, registered
from domain.core.errors import DefinitionError, SluicewayError
from domain.secrets.rules import SecretUse
from workers.cli.cluster_follow import follow_cluster, wait
from workers.cli.cluster_repair import guard, heal
from workers.cli.cluster_show import facts, probe, report, show, tell
from workers.cli.common import as_json, print_json, with_clusters
from workers.cli.dial_out import manifest
from workers.cli.recorded import recorded
from workers.core.files import Files
from workers.core.settings import current
from workers.views.output import out, styled
from workers.views.style import coloured

MARKS = {Verb.CREATE: "+", Verb.UPDATE: "~", Verb.REPLACE: "!", Verb.DELETE: "-", Verb.KEEP: " "}
COLOURS = {Verb.CREATE: "green", Verb.DELETE: "red", Verb.REPLACE: "yellow", Verb.UPDATE: "yellow"}

given = click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="Template parameter; repeatable.")


@click.group("cluster")
def cluster() -> None:
    """Create, scale, upgrade, repair and delete Kubernetes clusters."""


def read(file: Path, given: tuple[str, ...], name: str = "") -> ClusterSpec:
    """Reads a cluster definition.

    Raises:
        DefinitionError: with all problems.
    """
    from pipeline_defs.clusters import compile as clusters

    data = Files()(str(file))
    if data is None:
        raise DefinitionError("SLW601", "the file cannot be read", where=str(file))
    values = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals:
            raise DefinitionError("SLW501", f"'{one}' is not NAME=VALUE")
        values[key] = value
    read = clusters.read(data, str(file), Files(), values, name)
    return replace(read, use=SecretUse(by_hand=True))


@cluster.command("plan")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Cluster name, when FILE is a ClusterTemplate.")
@given
@as_json
def plan(file: Path, name: str, given: tuple[str, ...], json_: bool) -> None:
    """Show what creating or updating a cluster would change, in order. Nothing is changed."""
    spec = read(file, given, name or "sample")
    changes = _changes(spec)
    if json_:
        print_json([asdict(one) for one in changes])
        return
    phase = ""
    for one in changes:
        if one.phase != phase:
            phase = one.phase
            out(styled(phase, bold=True))
        state = f"{one.before} -> {one.after}" if one.verb in (Verb.UPDATE, Verb.REPLACE) else one.after or one.before
        line = f"  {MARKS[one.verb]} {one.kind} {one.name}" + (f"  ({state})" if state else "")
        out(styled(line, COLOURS.get(one.verb)))
    counts = {verb: sum(one.verb is verb for one in changes) for verb in Verb}
    out(", ".join(f"{count} to {verb}" for verb, count in counts.items() if count))


def _changes(spec: ClusterSpec) -> list[Change]:
    from domain.clusters.plan import difference, items
    from workers.worker.local_wiring import cluster_providers, secret_broker

    provider = cluster_providers(current(), secret_broker(current())).get(spec.provider)
    return difference(items(spec), provider.existing(spec) if provider else [])


@cluster.command("create")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="", help="Cluster name, when FILE is a ClusterTemplate.")
@given
@click.option("--with", "parts", default="", metavar="PART,...", help=f"More parts: {', '.join(Role)}.")
@wait
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "name")
def create(file: Path, name: str, given: tuple[str, ...], parts: str, wait: bool) -> None:
    """Create a cluster, or update the existing one to match FILE."""
    spec = _with(read(file, given, name), parts)
    out(with_clusters(current(), lambda clusters: clusters.ask(spec)))
    if wait:
        follow_cluster(spec.name)


def _with(spec: ClusterSpec, parts: str) -> ClusterSpec:
    """The cluster with these parts as well. The definition was checked before they came to it."""
    try:
        found = replace(spec, parts={**spec.parts, **chosen(parts)})
    except ValueError as wrong:
        raise DefinitionError("SLW501", str(wrong)) from wrong
    for _, words in complaints(found.provider, found.parts):
        raise DefinitionError("SLW310", words)
    return found


@cluster.command("register")
@click.argument("name")
@click.option("--kubeconfig", type=click.Path(path_type=Path), help="[default: $KUBECONFIG, or ~/.kube/config]")
@click.option("--context", default="", help="Context of the kubeconfig.  [default: its current context]")
@click.option("--in-cluster", is_flag=True, help="The worker runs in this cluster, and uses its pod's service account.")
@click.option("--dials-out", is_flag=True, help="Nobody reaches it from here: a worker in it tells what is in it.")
@click.option("--impersonate", is_flag=True, help="People act there as sluiceway:NAME, by the cluster's own RBAC.")
@wait
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "name")
def register(
    name: str,
    kubeconfig: Path | None,
    context: str,
    in_cluster: bool,
    dials_out: bool,
    impersonate: bool,
    wait: bool,
) -> None:
    """Register an existing cluster of any kind, and detect its capabilities.

    Nothing is created in it. `sluiceway cluster delete` unregisters it and leaves it unchanged. The worker reads the
    kubeconfig, so the path must exist for the worker, too. With --dials-out, `sluiceway cluster manifest` prints what
    to apply in the cluster.
    """
    from pipeline_defs.core.blocks import is_name

    way = "--in-cluster" if in_cluster else "--dials-out"
    if (in_cluster or dials_out) and (kubeconfig or context or in_cluster is dials_out):
        raise DefinitionError("SLW501", f"{way} cannot be combined with another way to reach it")
    if not is_name(name):
        raise DefinitionError(
            "SLW205", f"'{name}' is not a valid cluster name", fix="use lower case letters, digits and dashes"
        )
    reference = IN_CLUSTER if in_cluster else DIALS_OUT if dials_out else f"file:{_kubeconfig(kubeconfig)}"
    spec = registered(name, reference, context, impersonate=impersonate)
    out(with_clusters(current(), lambda clusters: clusters.ask(spec)))
    if wait:
        follow_cluster(name)
        tell(with_clusters(current(), lambda clusters: clusters.view(name)))


def _kubeconfig(given: Path | None) -> Path:
    """The path of a kubeconfig, resolved."""
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
        out("no clusters; create one with: sluiceway cluster create FILE")
    for one in found:
        health = one.health
        nodes = f"{health.ready}/{health.nodes} nodes" if health.version else f"{one.spec.nodes} nodes wanted"
        row = f" {one.spec.provider:<12} {nodes:<18} {health.version}"
        out(f"{one.spec.name:<24} ", coloured(one.status, 12), row.rstrip())


@cluster.command("scale")
@click.argument("name")
@click.argument("pools", nargs=-1, required=True, metavar="POOL=COUNT...")
@wait
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "name")
def scale(name: str, pools: tuple[str, ...], wait: bool) -> None:
    """Change the number of nodes in pools."""
    wanted = dict(_count(one) for one in pools)

    def scaled(spec: ClusterSpec) -> ClusterSpec:
        unknown = [one for one in wanted if one not in {pool.name for pool in spec.pools}]
        if unknown:
            there = ", ".join(pool.name for pool in spec.pools)
            raise SluicewayError("SLW948", f"{name} has no pool {unknown[0]}", fix=f"use one of {there}")
        return replace(spec, pools=tuple(replace(p, count=wanted.get(p.name, p.count)) for p in spec.pools))

    out(with_clusters(current(), lambda clusters: clusters.update(name, scaled, "scale")))
    if wait:
        follow_cluster(name)


def _count(text: str) -> tuple[str, int]:
    pool, _, count = text.partition("=")
    if not count.isdecimal():
        raise DefinitionError("SLW501", f"'{text}' is not POOL=COUNT, such as web=5")
    return pool, int(count)


@cluster.command("upgrade")
@click.argument("name")
@click.argument("version")
@wait
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "name")
def upgrade(name: str, version: str, wait: bool) -> None:
    """Upgrade Kubernetes, one minor version at a time."""
    plain = version.removeprefix("v")
    call = with_clusters(
        current(), lambda clusters: clusters.update(name, lambda spec: replace(spec, version=plain), "upgrade")
    )
    out(call)
    if wait:
        follow_cluster(name)


@cluster.command("delete")
@click.argument("name")
@wait
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "name")
def delete(name: str, wait: bool) -> None:
    """Delete a cluster, even while it is being created. Finishes when nothing is left of it."""
    out(with_clusters(current(), lambda clusters: clusters.delete(name)))
    if wait:
        follow_cluster(name)


for _command in (show, report, facts, probe, heal, guard, manifest):
    cluster.add_command(_command)
