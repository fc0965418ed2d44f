"""cluster show, report and probe: status of a cluster."""

from __future__ import annotations

import contextlib
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from domain.clusters.access import Access
from domain.clusters.parts import Role
from domain.core import ids as keys
from domain.core.errors import SluicewayError
from domain.core.values import duration_text, number
from workers.cli.cluster_follow import ENDS
from workers.cli.common import as_json, print_json, with_clusters
from workers.core.settings import current
from workers.views.output import out
from workers.views.style import coloured

if TYPE_CHECKING:
    from activities.kubernetes.client import Kube
    from domain.clusters.facts import ClusterFacts
    from domain.clusters.health import NodeRoom
    from domain.clusters.network_probe import Verdict
    from workers.client.clusters import Clusters
    from workflows.clusters.messages import ClusterState
    from workflows.clusters.remediation_messages import HealState

SHOWN_DECISIONS, SHOWN_NAMESPACES = 10, 8
HOST = "host"
"""The provider whose nodes have an image with a shell, and may have no registry."""


@click.command()
@click.argument("name")
@as_json
def show(name: str, json_: bool) -> None:
    """Show the status of a cluster: nodes, capacity, what blocks it, and recent events."""
    state = with_clusters(current(), lambda clusters: clusters.view(name))
    if json_:
        print_json(asdict(state))
        return
    tell(state)
    if state.guarded:
        _tell_repair(with_clusters(current(), lambda clusters: clusters.healing(name)))
    for entry in state.log[-12:]:
        out(f"  {datetime.fromtimestamp(entry.at).astimezone():%H:%M:%S}  {entry.words}")


def _tell_repair(state: HealState) -> None:
    policy = state.policy
    limits = f"up to {policy.max_unready:.0%} nodes not ready, {policy.actions_an_hour} actions per hour"
    out(f"  {keys.heal_id(state.cluster)} repairs it automatically: {limits}{', dry run' if policy.dry_run else ''}")
    for one in state.decisions[:SHOWN_DECISIONS]:
        out(f"    {one.remedy} {one.target} ({one.reason}): {one.refusal or 'in progress'}")
    for scale in state.scales:
        out(f"    {scale.pool or 'pools'}: {scale.reason}: {scale.refusal or f'to {scale.count} nodes'}")
    if len(state.decisions) > SHOWN_DECISIONS:
        out(f"    and {len(state.decisions) - SHOWN_DECISIONS} more")
    for entry in state.log[-12:]:
        out(f"    {datetime.fromtimestamp(entry.at).astimezone():%H:%M:%S}  {entry.words}")


def tell(state: ClusterState) -> None:
    """Prints a cluster for people: status, blocker, nodes, drift."""
    spec, health = state.spec, state.health
    since = f" since {duration_text(time.time() - state.since)}" if state.since else ""
    out(f"{keys.cluster_id(spec.name)}  ", coloured(state.status), f"{since}  ({spec.provider})")
    if state.status not in ENDS:
        out(f"  waiting for {state.phase} of {state.operation}")
    if state.blocker:
        age = duration_text(time.time() - state.blocker.since)
        out(f"  blocked in {state.blocker.phase} for {age} ({state.blocker.owner}, attempt {state.blocker.tries})")
        out(f"    {state.blocker.reason}")
    if health.version:
        out(f"  Kubernetes {health.version}, {health.ready} of {health.nodes} nodes ready")
        out(f"  allocatable: {health.cpu:g} cores, {health.memory_mb:,} MB, {health.pods:,} pods")
    if health.room:
        out(f"  requested: {_room(health.room)}")
    for each in health.rooms:
        out(f"    {each.name}: {_room(each)}")
    if health.busiest:
        out(f"  in use: {health.used_cpu:.3g} cores, {health.used_memory_mb:,} MB")
    for one in health.busiest:
        out(f"    {one.name}: {one.cpu:.3g} cores, {one.memory_mb:,} MB")
    if spec.parts:
        out(f"  parts: {', '.join(f'{program} ({role})' for role, program in spec.parts.items())}")
    for name in health.unready:
        out(f"  not ready: {name}")
    for word, value in sorted(health.capabilities.items()):
        out(f"  {word}: {value}")
    if state.facts:
        _tell_facts(state.facts)
    if health.open:
        out(f"  no policy isolates: {', '.join(health.open)}")
    for words in health.drift:
        out(f"  drift: {words}")
    if health.trouble:
        out(f"  API server unreachable: {health.trouble}")
    if state.reference:
        out(f"  kubeconfig: {state.reference}")


def _room(one: NodeRoom) -> str:
    cores, memory = f"{one.asked_cpu:.3g} of {one.cpu:g} cores", f"{one.asked_memory_mb:,} of {one.memory_mb:,} MB"
    return f"{cores}, {memory}, {one.running:,} of {one.pods:,} pods"


def _tell_facts(facts: ClusterFacts) -> None:
    """What decides what releases can do, in a line for each kind of it."""
    from domain.clusters.facts import age

    out(f"  facts of {facts.version}, {age(facts, time.time())}:")
    for one in facts.classes:
        out(f"    GatewayClass {one.name} ({one.controller}): {number(len(one.features), 'feature')}")
    levels = [f"{name} {level}" for name, level in facts.pod_security.items()]
    told = {
        "policies": ", ".join(map(str, facts.policies)),
        "pod security": ", ".join(levels[:SHOWN_NAMESPACES]) + (", …" if len(levels) > SHOWN_NAMESPACES else ""),
        "network policies": facts.network,
    }
    for word, value in told.items():
        out(f"    {word}: {value or 'none seen'}")


@click.command()
@click.argument("name")
@click.option("-n", "--namespace", required=True, help="Namespace whose isolation is tested.")
@click.option("--from", "elsewhere", default="default", show_default=True, help="Namespace of the other pod.")
@click.option("--image", default="", help="Image with a shell, httpd and nc.  [default: busybox:1, or the nodes' own]")
@as_json
def probe(name: str, namespace: str, elsewhere: str, image: str, json_: bool) -> None:
    """Test whether a namespace is isolated: pods inside and outside of it try to reach a pod in it.

    Exit code 1 when network policies are not enforced, or when pods of the same namespace cannot connect. The console
    shows the last result.
    """
    from activities.clusters.other_namespaces import found_open
    from activities.clusters.providers.local.busybox_image import PAUSE
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery
    from domain.clusters.network_probe import Isolation, verdict
    from workers.client.network_probe import Probe

    others: tuple[str, ...] = ()

    async def tried(clusters: Clusters) -> Verdict:
        nonlocal others
        state = await clusters.view(name)
        access = Access(state.reference, state.spec.context)
        kube = Kube(access, discovery(current().clusters, name))
        chosen = image or (PAUSE if state.spec.provider == HOST else "busybox:1")
        others = found_open(kube, state.spec)
        reached = await Probe(clusters, kube, name, access, chosen).run(namespace, elsewhere)
        policies = kube.items("networking.k8s.io/v1", "NetworkPolicy", namespace)
        return verdict(reached, bool(policies), _enforcer(state, kube))

    found = with_clusters(current(), tried)
    _keep(name, namespace, elsewhere, found)
    if json_:
        print_json({**asdict(found), "open": others})
    else:
        out(f"{name}/{namespace}: {found.isolation}: {found.words}")
        if others:
            more = ", …" if len(others) > SHOWN_NAMESPACES else ""
            out(f"  no policy isolates: {', '.join(others[:SHOWN_NAMESPACES])}{more}")
    if found.isolation in (Isolation.NOT_ENFORCED, Isolation.BROKEN):
        raise SystemExit(1)


def _keep(cluster: str, namespace: str, elsewhere: str, found: Verdict) -> None:
    """Networks and maps show the last result, with its age."""
    from workers.client.ports.topology import ProbeRow
    from workers.client.topology.probes import row_of
    from workers.core.records import open_records

    probe = ProbeRow(
        namespace=namespace, elsewhere=elsewhere, isolation=found.isolation, words=found.words, at=time.time()
    )
    with contextlib.closing(open_records(current())) as records:
        records.inventory.apply(cluster, [row_of(cluster, probe)])


def _enforcer(state: ClusterState, kube: Kube) -> str:
    """Who is to enforce policies, as text; who may not list DaemonSets is told less."""
    from domain.clusters import metadata
    from domain.clusters.network_probe import enforcer

    daemons: list[str] = []
    with contextlib.suppress(SluicewayError):
        daemons = [metadata.name(one) for one in kube.items("apps/v1", "DaemonSet")]
    plugin = state.spec.network.plugin if state.spec.ours else ""
    return enforcer(plugin, state.spec.parts.get(Role.FIREWALL, ""), daemons)


@click.command()
@click.argument("name")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, file_okay=False), help="Folder.  [default: in the home]"
)
def report(name: str, output: Path | None) -> None:
    """Write an HTML report of a cluster and each namespace: nodes, pods, quotas, volumes, and a diagram."""
    from activities.clusters import report as cluster_report
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery

    chosen = current()
    state = with_clusters(chosen, lambda clusters: clusters.view(name))
    kube = Kube(Access(state.reference, state.spec.context), discovery(chosen.clusters, name))
    pages = cluster_report.write(kube, state, output or chosen.home / "reports" / "clusters" / name)
    out(f"{pages[0]}  ({len(pages) - 1} namespaces)")


@click.command()
@click.argument("name")
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="File to write.  [default: the terminal]"
)
def facts(name: str, output: Path | None) -> None:
    """Read what a cluster has that decides what releases can do in it; linting reads it from cluster.facts.yaml."""
    import yaml

    from activities.clusters.facts import read
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery
    from domain.clusters.facts import document

    chosen = current()
    state = with_clusters(chosen, lambda clusters: clusters.view(name))
    kube = Kube(Access(state.reference, state.spec.context), discovery(chosen.clusters, name))
    found = read(kube, name, state.spec.parts.get(Role.FIREWALL, ""))
    text = yaml.safe_dump(document(found), sort_keys=False)
    if output is None:
        out(text.rstrip())
    else:
        output.write_text(text)
        out(f"{output}")
