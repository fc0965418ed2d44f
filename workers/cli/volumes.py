"""volume: persistent volume claims, from creation to orphans."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.core.values import number
from domain.volumes.volume import VolumeAction, VolumePhase, VolumeSpec
from workers.cli.common import as_json, print_json, with_clusters
from workers.cli.recorded import recorded
from workers.core.settings import current
from workers.views.output import out

if TYPE_CHECKING:
    from activities.kubernetes.client import Kube

namespace = click.option("-n", "--namespace", default="default", show_default=True, help="Namespace of the claim.")
timeout = click.option("--timeout", default=300.0, show_default=True, help="Seconds to wait.")


@click.group("volume")
def volume() -> None:
    """Create, expand, snapshot and delete persistent volume claims."""


@volume.command("create")
@click.argument("cluster")
@click.argument("name")
@namespace
@click.option("--size-gb", default=1.0, show_default=True, type=click.FloatRange(0, min_open=True), help="GiB.")
@click.option(
    "--class", "storage_class", default="", help="Storage class.  [default: the default class of the cluster]"
)
@click.option("--host-path", default="", help="Create a hostPath volume of this node folder for the claim.")
@click.option(
    "--reclaim",
    type=click.Choice(["Retain", "Recycle", "Delete"]),
    default="Retain",
    help="Reclaim policy of that volume.",
)
@click.option("--from-snapshot", default="", help="Restore from this snapshot.")
@timeout
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "cluster")
def create(
    cluster: str,
    name: str,
    namespace: str,
    *,
    size_gb: float,
    storage_class: str,
    host_path: str,
    reclaim: str,
    from_snapshot: str,
    timeout: float,
) -> None:
    """Create a claim, and wait until it is bound or waits for its first consumer."""
    spec = VolumeSpec(
        name,
        namespace,
        size_gb=size_gb,
        storage_class=storage_class,
        host_path=host_path,
        reclaim=reclaim,
        from_snapshot=from_snapshot,
    )
    _act(cluster, spec, VolumeAction.CREATE, timeout)


@volume.command("expand")
@click.argument("cluster")
@click.argument("name")
@click.argument("size_gb", type=click.FloatRange(0, min_open=True))
@namespace
@timeout
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "cluster")
def expand(cluster: str, name: str, size_gb: float, namespace: str, timeout: float) -> None:
    """Expand a volume to SIZE_GB, if its class supports it."""
    _act(cluster, VolumeSpec(name, namespace, size_gb=size_gb), VolumeAction.EXPAND, timeout)


@volume.command("snapshot")
@click.argument("cluster")
@click.argument("name")
@namespace
@timeout
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "cluster")
def snapshot(cluster: str, name: str, namespace: str, timeout: float) -> None:
    """Create a snapshot of a volume."""
    _act(cluster, VolumeSpec(name, namespace), VolumeAction.SNAPSHOT, timeout)


@volume.command("delete")
@click.argument("cluster")
@click.argument("name")
@namespace
@click.option("--snapshot/--no-snapshot", default=True, help="Create a snapshot first, if the cluster supports it.")
@timeout
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "cluster")
def delete(cluster: str, name: str, namespace: str, snapshot: bool, timeout: float) -> None:
    """Delete a claim as soon as no pod uses it, and show what happens to its volume."""
    _act(cluster, VolumeSpec(name, namespace), VolumeAction.DELETE, timeout, snapshot)


def _act(cluster: str, spec: VolumeSpec, action: VolumeAction, timeout: float, snapshot: bool = False) -> None:
    from activities.volumes.port import VolumeRequest

    wish = VolumeRequest(cluster, spec, action, timeout, snapshot, secrets.token_hex(4))
    done = with_clusters(current(), lambda clusters: clusters.volume(wish))
    if done.refusal:
        raise SluicewayError("SLW955", f"{action} of {spec.namespace}/{spec.name}", why=done.refusal)
    now = done.seen
    size = f"{now.capacity_gb:g} GiB" if now.capacity_gb else ""
    parts = [one for one in (str(now.phase), size, now.volume, done.words) if one]
    out(f"{spec.namespace}/{spec.name}: {', '.join(parts)}")
    if done.snapshot:
        out(f"  snapshot {done.snapshot}")


@volume.command("list")
@click.argument("cluster")
@click.option("-n", "--namespace", default="", help="[default: all]")
@as_json
def list_(cluster: str, namespace: str, json_: bool) -> None:
    """List claims: phase, size, class, reclaim policy, and the pods that use them."""
    from activities.volumes import activities as volumes

    api = _api(cluster)
    found = {}
    for one in api.items("v1", "PersistentVolumeClaim", namespace):
        meta = Node(one)["metadata"]
        spec = VolumeSpec(meta["name"].text(), meta["namespace"].text())
        found[f"{spec.namespace}/{spec.name}"] = volumes.look(api, spec)[0]
    if json_:
        print_json({name: asdict(now) for name, now in found.items()})
        return
    if not found:
        out("no claims")
    for name, now in sorted(found.items()):
        why = f"  {now.reason}" if now.reason and now.phase is not VolumePhase.IN_USE else ""
        users = f"  used by {', '.join(now.used_by)}" if now.used_by else ""
        size = f"{now.capacity_gb or now.wanted_gb:g} GiB"
        out(f"{name:<32} {now.phase:<8} {size:<10} {now.storage_class:<14} {now.reclaim:<8}{users}{why}".rstrip())


@volume.command("orphans")
@click.argument("cluster")
@as_json
def orphans(cluster: str, json_: bool) -> None:
    """Find unused storage: volumes without a claim, claims without a pod. Nothing is removed."""
    from activities.volumes import activities as volumes

    found = volumes.orphans(_api(cluster))
    if json_:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        out(f"{one.kind:<22} {one.name:<40} {one.size_gb:g} GiB  {one.why}")
    out(f"{number(len(found), 'orphan')}, {sum(one.size_gb for one in found):g} GiB")


def _api(cluster: str) -> Kube:
    from activities.kubernetes.client import Kube
    from activities.kubernetes.discovery import discovery
    from activities.kubernetes.kubeconfigs import AddressBook

    chosen = current()
    return Kube(AddressBook(chosen.addresses).find(cluster), discovery(chosen.clusters, cluster))
