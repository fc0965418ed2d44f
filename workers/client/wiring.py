"""The clients of one home, in this process: the server asks for its callers, the command line for the owner."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from activities.access.decider import Decider
from activities.access.policies import PolicyStore
from activities.access.rights import Rights
from activities.authority import public_keys
from activities.kubernetes.kubeconfigs import AddressBook
from domain.access.principal import Caller
from workers.client.access_guard import AccessGuard
from workers.client.audit import AuditParts, EngineAudit
from workers.client.audit_parts import audit_parts
from workers.client.definitions import TextDefinitions
from workers.client.engine_access import EngineAccess
from workers.client.on_engine.approvals.approvals import EngineApprovals
from workers.client.on_engine.clusters.cluster_world import EngineWorld
from workers.client.on_engine.clusters.clusters import EngineClusters
from workers.client.on_engine.dial_outs.dial_outs import EngineDialOuts
from workers.client.on_engine.dial_outs.pace import Pace
from workers.client.on_engine.dial_outs.relay import TemporalRelay
from workers.client.on_engine.findings import EngineFindings
from workers.client.on_engine.fleets.fleets import EngineFleets
from workers.client.on_engine.orders import home_of
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.pods.pods import EnginePods
from workers.client.on_engine.registrations import EngineRegistrations
from workers.client.on_engine.releases.releases import EngineReleases
from workers.client.on_engine.requests.requests import EngineRequests
from workers.client.on_engine.runs.runs import EngineRuns
from workers.client.on_engine.terminals.terminals import EngineTerminals
from workers.client.on_engine.volumes.volume_world import EngineVolumeWorld
from workers.client.on_engine.volumes.volumes import EngineVolumes
from workers.client.ports.client import Client
from workers.client.rights.ground import RightsGround
from workers.client.rights.policies import PoliciesOnEngine
from workers.client.topology.topologies import TopologiesOnFleets
from workers.core.known_clusters import KnownClusters, May

if TYPE_CHECKING:
    from workers.client.on_engine.terminals.exec_opening import ExecGround
    from workers.client.pods_ground import PodGround


@dataclass
class Clients:
    """Makes the client of a caller. Nothing of a caller is kept between two requests."""

    parts: EngineParts
    decider: Decider

    @cached_property
    def audit(self) -> AuditParts:
        """When it is first asked for: the signer has its keys by then."""
        parts = self.parts
        return audit_parts(parts.settings, parts.records, parts.store, parts.engine)

    @cached_property
    def exec_ground(self) -> ExecGround:
        """When a session is first asked for: other commands do not wait for what it loads."""
        from workers.client.exec_parts import exec_ground

        return exec_ground(self.parts.settings, self.parts.records)

    @cached_property
    def pod_ground(self) -> PodGround:
        """When a cluster is first asked for a pod."""
        from workers.client.pods_ground import PodGround

        return PodGround(self.parts.clusters)

    @cached_property
    def relay(self) -> TemporalRelay:
        """Of task queues of clusters."""
        return TemporalRelay(self.parts)

    @cached_property
    def pace(self) -> Pace:
        """Of clusters that dial out."""
        return Pace()

    @property
    def _book(self) -> AddressBook:
        return AddressBook(self.parts.settings.addresses)

    def _known(self, may: May) -> KnownClusters:
        return KnownClusters(self.parts.rows, may)

    def guard(self, caller: Caller) -> AccessGuard:
        """The decisions about a caller, and their entries."""
        return AccessGuard(caller, self.decider, self.parts.records.audit)

    async def client(self, caller: Caller) -> Client:
        """All features, as this caller may use them."""
        return self.of(caller)

    def of(self, caller: Caller) -> Client:
        """The same, at once."""
        guard, records = self.guard(caller), self.parts.records
        policies = PolicyStore(records.definitions).of
        home = partial(home_of, self.parts.settings)
        ground = RightsGround(guard, self.decider, records.people, records.audit, policies=policies, home=home)
        if self.parts.tell is not None:
            ground = replace(ground, tell=self.parts.tell)
        fleets, releases = EngineFleets(self.parts, guard), EngineReleases(self.parts, guard)
        return Client(
            runs=EngineRuns(self.parts, guard),
            approvals=EngineApprovals(self.parts, guard),
            releases=releases,
            findings=EngineFindings(self.parts, guard),
            definitions=TextDefinitions(guard, self._known),
            audit=EngineAudit(guard, self.audit),
            access=EngineAccess(ground, records),
            policies=PoliciesOnEngine(ground),
            registrations=EngineRegistrations(self.parts, guard),
            fleets=fleets,
            topology=TopologiesOnFleets(fleets, releases),
            volumes=EngineVolumes(EngineVolumeWorld(self.parts, guard), guard, fleets),
            clusters=EngineClusters(EngineWorld(self.parts, guard), guard, fleets),
            terminals=EngineTerminals(self.parts, guard, lambda: self.exec_ground),
            requests=EngineRequests(self.parts, guard),
            pods=EnginePods(self.parts, guard, lambda: self.pod_ground),
            dial_outs=EngineDialOuts(
                *(guard, self.relay, lambda: records.inventory, self._book.dials_out),
                key=lambda: public_keys.needed(self.parts.settings.signer, "permits"),
                pace=self.pace,
            ),
        )


def clients_of(parts: EngineParts) -> Clients:
    """Of one home. Raises like `open_records`."""
    return Clients(parts, Decider(Rights(parts.records.database)))
