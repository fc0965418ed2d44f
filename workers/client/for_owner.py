"""The client of the owner of a home, in the process of a command. Each feature is loaded when it is first asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar, cast

from domain.access.audit import AuditEvent
from domain.access.principal import OWNER, Caller
from workers.client.access_guard import AccessGuard
from workers.client.on_engine.parts import EngineParts
from workers.client.owner_guard import OwnerDecider
from workers.client.ports.client import Client

T = TypeVar("T")


def owner_client(parts: EngineParts) -> Client:
    """Records what is changed, with the owner as actor, and reads without a database library where that is possible."""
    caller = Caller(principal=OWNER, channel="cli")
    guard = AccessGuard(caller, OwnerDecider(), _LateRecorder(parts))

    def runs() -> Any:
        from workers.client.on_engine.runs import EngineRuns

        return EngineRuns(parts, guard)

    def approvals() -> Any:
        from workers.client.on_engine.approvals import EngineApprovals

        return EngineApprovals(parts, guard)

    def releases() -> Any:
        from workers.client.on_engine.releases import EngineReleases

        return EngineReleases(parts, guard)

    def findings() -> Any:
        from workers.client.on_engine.findings import EngineFindings

        return EngineFindings(parts, guard)

    def definitions() -> Any:
        from workers.client.definitions import TextDefinitions

        return TextDefinitions(guard)

    rights = _Rights(parts, caller)
    return Client(
        runs=_later(runs),
        approvals=_later(approvals),
        releases=_later(releases),
        findings=_later(findings),
        definitions=_later(definitions),
        audit=_later(lambda: rights.client.audit),
        access=_later(lambda: rights.client.access),
        policies=_later(lambda: rights.client.policies),
        terminals=_later(lambda: rights.client.terminals),
    )


def _later(make: Callable[[], T]) -> T:
    return cast(T, _Late(make))


class _Late:
    """A feature that is made when its first method is asked."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> object:
        return self._make()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


class _Rights:
    """What is about other people's rights is decided and read as the server does."""

    def __init__(self, parts: EngineParts, caller: Caller) -> None:
        self._parts, self._caller = parts, caller

    @cached_property
    def client(self) -> Client:
        from workers.client.wiring import clients_of

        return clients_of(self._parts).of(self._caller)


class _LateRecorder:
    """The audit of a home, which a command that only reads never opens."""

    def __init__(self, parts: EngineParts) -> None:
        self._parts = parts

    def record(self, event: AuditEvent) -> int:
        """See `Recorder`."""
        return self._parts.records.audit.record(event)
