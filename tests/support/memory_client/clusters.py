"""Clusters of a world in memory: what they are to be is remembered, and nobody makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from activities.inventory.port import ClusterLife
from domain.clusters.lifecycle import ORDER, UNDER_WAY, Operation, Status
from domain.clusters.remediation import RepairPolicy
from domain.clusters.spec import ClusterSpec, Network, NodePool, registered
from domain.clusters.steps import steps
from tests.support.memory_client.world import NOW, World
from workers.client.guard import Guard
from workers.client.on_engine.clusters import cluster_texts
from workers.client.on_engine.clusters.cluster_plans import Now
from workers.client.on_engine.clusters.cluster_world import GOING
from workers.client.on_engine.clusters.clusters import EngineClusters
from workers.client.ports.clusters import ClusterProgress, PhaseStep, ProgressEntry, SignedOrder
from workers.client.ports.fleets import Fleets
from workflows.clusters.messages import ClusterChange

ODD = '"><img src=x onerror=alert(1)>'
SPECS = (
    ClusterSpec("eu-1", "kwok", version="1.33", pools=(NodePool("main", 4),)),
    ClusterSpec(
        "us-1",
        "cluster-api",
        version="1.33",
        network=Network("10.245.0.0/16", "10.97.0.0/16", "10.98.0.0/24", "calico"),
        pools=(NodePool("main", 3, max_count=9),),
        connection={"management": "secret:management", "class": "small"},
    ),
    ClusterSpec("apac-1", "terraform", pools=(NodePool("web", 2),), connection={"module": "/srv/infra"}),
    registered("edge-1", "file:/root/.kube/config"),
    registered("dc-1", "secret:dc-1"),
    ClusterSpec("lab", "kind"),
)


def memory_clusters(world: World, guard: Guard, fleets: Fleets) -> EngineClusters:
    """`Clusters` as on an engine, with this world in its place."""
    return EngineClusters(MemoryClusterWorld(world), guard, fleets)


class MemoryClusterWorld:
    """Implements `ClusterWorld`; there is no signer."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def home(self) -> str:
        """A name that no signer has."""
        return "memory"

    async def templates(self) -> Mapping[str, str]:
        """The engine's examples."""
        return cluster_texts.templates_of(Path("/nonexistent"))

    async def now(self, name: str) -> Now | None:
        """Of what was seeded, or wanted."""
        spec, life = self._world.cluster_specs.get(name), self._world.cluster_lives.get(name)
        if spec is None or life is None or life.status in ("deleted", "failed"):
            return None
        status = Status(life.status)
        busy = f"the cluster is {status}" if status in UNDER_WAY.values() else ""
        return Now(spec, status, busy)

    async def progress(self, name: str) -> ClusterProgress | None:
        """By what is told of its life."""
        life = self._world.cluster_lives.get(name)
        if life is None or name not in self._world.cluster_specs:
            return None
        status = Status(life.status)
        phase = next((one for one in ORDER if one == life.waits_for), ORDER[0])
        begun = ORDER[: ORDER.index(phase) + 1]
        return ClusterProgress(
            name=name,
            status=life.status,
            operation={"deleting": "delete", "updating": "update", "healing": "heal"}.get(life.status, "create"),
            going=status in GOING,
            since=life.since,
            steps=tuple(PhaseStep(phase=str(one.phase), state=str(one.state)) for one in steps(status, phase, begun)),
            blocker=life.reason,
            blocker_phase=life.waits_for if life.reason else "",
            blocker_since=life.since if life.reason else 0,
            log=(ProgressEntry(at=NOW - 5, words=f"{life.status} begins: {ODD}"),),
        )

    async def networks(self) -> Mapping[str, Network]:
        """Of all that were made here."""
        return {name: one.network for name, one in self._world.cluster_specs.items() if one.ours}

    async def make(self, spec: ClusterSpec, reason: str, signed: SignedOrder | None) -> str:
        """It is being made from now on."""
        status = "updating" if spec.name in self._world.cluster_specs else "creating"
        self._world.cluster_specs[spec.name] = spec
        self._world.cluster_orders.append((spec.name, signed))
        self._is(spec, status)
        return f"cluster/{spec.name} is in progress"

    async def change(self, name: str, message: ClusterChange, signed: SignedOrder | None) -> str:
        """It is on its way from now on."""
        spec = message.spec or self._world.cluster_specs[name]
        self._world.cluster_specs[name] = spec
        if message.operation is not Operation.HEAL:
            self._world.cluster_orders.append((name, signed))
        self._is(spec, str(UNDER_WAY[message.operation]))
        return f"{message.operation} of {name} is in progress"

    async def guard(self, name: str, policy: RepairPolicy | None, signed: SignedOrder | None) -> str:
        """Remembered in what its workflow tells."""
        self._world.cluster_orders.append((name, signed))
        life = self._world.cluster_lives[name]
        self._world.cluster_lives[name] = replace(life, body='{"guarded": true}' if policy else "{}")
        return f"automatic repair of {name} is {'on' if policy else 'off'}"

    def _is(self, spec: ClusterSpec, status: str) -> None:
        life = ClusterLife(name=spec.name, provider=spec.provider, status=status, waits_for="preflight", since=NOW)
        self._world.cluster_lives[spec.name] = life
