"""cluster heal and guard: repair now, and automatic repair."""

from __future__ import annotations

import click

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from workers.cli.cluster_follow import follow_cluster, wait
from workers.cli.common import with_clusters
from workers.cli.recorded import recorded
from workers.core.settings import current
from workers.views.output import out


@click.command()
@click.argument("name")
@wait
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "name")
def heal(name: str, wait: bool) -> None:
    """Repair a cluster now: run every phase again and fix what differs."""
    out(with_clusters(current(), lambda clusters: clusters.heal(name)))
    if wait:
        follow_cluster(name)


@click.command()
@click.argument("name")
@click.option("--off", is_flag=True, help="Disable automatic repair.")
@click.option("--dry-run", is_flag=True, help="Log what would be done, and do nothing.")
@click.option(
    "--actions", type=click.IntRange(0), default=3, show_default=True, help="Maximum number of actions per hour."
)
@click.option(
    "--unready",
    type=click.IntRange(0, 100),
    default=40,
    show_default=True,
    help="Do nothing while more than this % of nodes are not ready.",
)
@click.option(
    "--grace",
    type=click.IntRange(0),
    default=60,
    show_default=True,
    help="Seconds a node may be not ready before it is replaced.",
)
@click.option("--autoscale", is_flag=True, help="Scale pools that have a max-count by what pods request.")
@click.option("--idle", type=click.IntRange(0), default=600, show_default=True, help="Seconds an empty node is kept.")
@recorded(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER, "name")
def guard(
    name: str, off: bool, dry_run: bool, actions: int, unready: int, grace: int, autoscale: bool, idle: int
) -> None:
    """Enable automatic repair: replace unhealthy nodes and recreate crashing pods.

    Run it again to change the limits. `sluiceway cluster show` lists what was done, what was refused, and why.
    """
    from domain.clusters.autoscaling import ScalePolicy
    from domain.clusters.remediation import RepairPolicy

    scale = ScalePolicy(idle_s=idle) if autoscale else None
    policy = (
        None
        if off
        else RepairPolicy(
            dry_run=dry_run, max_unready=unready / 100, actions_an_hour=actions, node_grace_s=grace, scale=scale
        )
    )
    out(with_clusters(current(), lambda clusters: clusters.guard(name, policy)))
