"""A client without an engine: seeded, hostile names included; pages and routes are built and tested with it."""

from __future__ import annotations

from tests.support.guards import OpenGuard
from tests.support.memory_client.access import MemoryAccess
from tests.support.memory_client.approvals import MemoryApprovals
from tests.support.memory_client.audit import MemoryAudit
from tests.support.memory_client.clusters import memory_clusters
from tests.support.memory_client.definitions import MemoryDefinitions
from tests.support.memory_client.dial_outs import memory_dial_outs
from tests.support.memory_client.findings import MemoryFindings
from tests.support.memory_client.fleets import MemoryFleets
from tests.support.memory_client.pods import MemoryPods
from tests.support.memory_client.policies import MemoryPolicies
from tests.support.memory_client.registrations import MemoryRegistrations
from tests.support.memory_client.releases import MemoryReleases
from tests.support.memory_client.requests import MemoryRequests
from tests.support.memory_client.runs import MemoryRuns
from tests.support.memory_client.seed import seeded
from tests.support.memory_client.terminals import MemoryTerminalClient
from tests.support.memory_client.volumes import memory_volumes
from tests.support.memory_client.world import NOW, World
from workers.client.guard import Guard
from workers.client.ports.client import Client
from workers.client.topology.topologies import TopologiesOnFleets

__all__ = ["World", "memory_client", "seeded"]


def memory_client(world: World | None = None, guard: Guard | None = None) -> Client:
    """A client of a world that several callers may share. Without one: a seeded one of its own; without a guard, open."""
    world = world or seeded()
    guard = guard if guard is not None else OpenGuard()
    fleets, releases = MemoryFleets(world, guard), MemoryReleases(world, guard)
    return Client(
        runs=MemoryRuns(world, guard),
        approvals=MemoryApprovals(world, guard),
        releases=releases,
        findings=MemoryFindings(world, guard),
        definitions=MemoryDefinitions(guard),
        access=MemoryAccess(world, guard),
        audit=MemoryAudit(world, guard),
        policies=MemoryPolicies(world, guard),
        registrations=MemoryRegistrations(world, guard),
        fleets=fleets,
        topology=TopologiesOnFleets(fleets, releases, lambda: NOW),
        volumes=memory_volumes(world, guard, fleets),
        clusters=memory_clusters(world, guard, fleets),
        terminals=MemoryTerminalClient(world, guard),
        requests=MemoryRequests(world, guard),
        pods=MemoryPods(world, guard),
        dial_outs=memory_dial_outs(world, guard),
    )
