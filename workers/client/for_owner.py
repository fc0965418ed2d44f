"""The client of the owner of a home, in the process of a command. Each feature is loaded when it is first asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

from domain.access.audit import AuditEvent
from domain.access.principal import OWNER, Caller
from workers.client.access_guard import AccessGuard
from workers.client.on_engine.parts import EngineParts
from workers.client.owner_guard import OwnerDecider

if TYPE_CHECKING:
    from workers.client.definitions import TextDefinitions
    from workers.client.on_engine.approvals.approvals import EngineApprovals
    from workers.client.on_engine.clusters.clusters import EngineClusters
    from workers.client.on_engine.findings import EngineFindings
    from workers.client.on_engine.fleets.fleets import EngineFleets
    from workers.client.on_engine.registrations import EngineRegistrations
    from workers.client.on_engine.releases.releases import EngineReleases
    from workers.client.on_engine.requests.requests import EngineRequests
    from workers.client.on_engine.runs.runs import EngineRuns
    from workers.client.ports.access import Access
    from workers.client.ports.audit import Audit
    from workers.client.ports.client import Client
    from workers.client.ports.dial_outs import DialOuts
    from workers.client.ports.pods import Pods
    from workers.client.ports.policies import Policies
    from workers.client.ports.terminals import Terminals
    from workers.client.ports.volumes import Volumes
    from workers.client.topology.topologies import TopologiesOnFleets


def owner_client(parts: EngineParts) -> Client:
    """Records what is changed, with the owner as actor, and reads without a database library where that is possible."""
    return cast("Client", _OwnerClient(parts))


class _OwnerClient:
    """Has the fields of `Client`."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts, self._caller = parts, Caller(principal=OWNER, channel="cli")
        self._guard = AccessGuard(self._caller, OwnerDecider(), _LateRecorder(parts))

    @cached_property
    def runs(self) -> EngineRuns:
        from workers.client.on_engine.runs.runs import EngineRuns

        return EngineRuns(self._parts, self._guard)

    @cached_property
    def approvals(self) -> EngineApprovals:
        from workers.client.on_engine.approvals.approvals import EngineApprovals

        return EngineApprovals(self._parts, self._guard)

    @cached_property
    def releases(self) -> EngineReleases:
        from workers.client.on_engine.releases.releases import EngineReleases

        return EngineReleases(self._parts, self._guard)

    @cached_property
    def findings(self) -> EngineFindings:
        from workers.client.on_engine.findings import EngineFindings

        return EngineFindings(self._parts, self._guard)

    @cached_property
    def definitions(self) -> TextDefinitions:
        from workers.client.definitions import TextDefinitions

        return TextDefinitions(self._guard)

    @cached_property
    def registrations(self) -> EngineRegistrations:
        from workers.client.on_engine.registrations import EngineRegistrations

        return EngineRegistrations(self._parts, self._guard)

    @cached_property
    def fleets(self) -> EngineFleets:
        from workers.client.on_engine.fleets.fleets import EngineFleets

        return EngineFleets(self._parts, self._guard)

    @cached_property
    def topology(self) -> TopologiesOnFleets:
        from workers.client.topology.topologies import TopologiesOnFleets

        return TopologiesOnFleets(self.fleets, self.releases)

    @cached_property
    def requests(self) -> EngineRequests:
        from workers.client.on_engine.requests.requests import EngineRequests

        return EngineRequests(self._parts, self._guard)

    @cached_property
    def clusters(self) -> EngineClusters:
        from workers.client.on_engine.clusters.cluster_world import EngineWorld
        from workers.client.on_engine.clusters.clusters import EngineClusters

        return EngineClusters(EngineWorld(self._parts, self._guard), self._guard, self.fleets)

    @property
    def audit(self) -> Audit:
        return self._decided.audit

    @property
    def access(self) -> Access:
        return self._decided.access

    @property
    def policies(self) -> Policies:
        return self._decided.policies

    @property
    def volumes(self) -> Volumes:
        return self._decided.volumes

    @property
    def terminals(self) -> Terminals:
        return self._decided.terminals

    @property
    def dial_outs(self) -> DialOuts:
        return self._decided.dial_outs

    @property
    def pods(self) -> Pods:
        return self._decided.pods

    @cached_property
    def _decided(self) -> Client:
        """What is about other people's rights is decided and read as the server does."""
        from workers.client.wiring import clients_of

        return clients_of(self._parts).of(self._caller)


class _LateRecorder:
    """The audit of a home, which a command that only reads never opens."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts

    def record(self, event: AuditEvent) -> int:
        """See `Recorder`."""
        return self._parts.records.audit.record(event)
