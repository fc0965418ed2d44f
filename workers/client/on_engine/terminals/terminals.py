"""Exec sessions on the engine: tickets, the list, recordings; opening one is in exec_opening."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.access.actions import Action
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.resource import ENGINE, Resource, ResourceKind, cluster_resource
from domain.core.documents import Manifest
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from domain.pods.exec_session import TICKET_S, ExecTarget, checked
from workers.client.guard import Guard, Readable
from workers.client.on_engine.lists import page_of
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.terminals.exec_rights import may
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.terminals import MOST_REASON, ExecRow, ExecTicket, LiveSession

if TYPE_CHECKING:
    from activities.pods.exec_store import ExecSession, ExecStore
    from workers.client.on_engine.terminals.exec_opening import ExecGround

NEWEST = (float, str)


@dataclass(frozen=True)
class EngineTerminals:
    """Implements `Terminals`."""

    _parts: EngineParts
    _guard: Guard
    _ground: Callable[[], ExecGround]

    async def ask(self, target: ExecTarget, reason: str, key: str = "") -> ExecTicket:
        """A ticket; that it was asked for is in the audit."""
        from activities.access.secret_values import hashed, new, new_id
        from activities.pods.exec_store import ExecSession

        wanted, why = checked(target), reason.strip()[:MOST_REASON]
        if not why:
            raise DefinitionError("SLW463", "this is no command in a container", why="it needs a reason")
        told = {"pod": wanted.place, "command": list(wanted.command), "reason": why}
        async with self._guard.use(Action.CLUSTERS_EXEC, cluster_resource(wanted.cluster), told) as entry:
            await self._parts.read(lambda: self._ground().addresses.find(wanted.cluster))
            caller, secret, now = self._guard.caller, new(), time.time()
            session = ExecSession(
                id=new_id(),
                person=caller.on_behalf_of or caller.principal.id,
                principal=caller.principal.id,
                login=caller.session,
                address=caller.address,
                target=wanted,
                reason=why,
                asked_at=now,
            )
            await self._parts.read(lambda: self._store.ask(session, hashed(secret)))
            entry.tell(session=session.id)
        return ExecTicket(id=session.id, secret=secret, expires_at=now + TICKET_S)

    def open(self, ticket: str, columns: int, rows: int) -> AbstractAsyncContextManager[LiveSession]:
        """Runs the command."""
        from workers.client.on_engine.terminals.exec_opening import opened

        return opened(self._parts, self._guard, self._ground(), ticket, (columns, rows))

    async def clusters(self) -> tuple[str, ...]:
        """By name, at most 200."""
        names = (await self._parts.read(self._ground().addresses.known))[:200]
        verdicts = self._guard.verdicts([(Action.CLUSTERS_EXEC, cluster_resource(name)) for name in names])
        return tuple(name for name, one in zip(names, verdicts, strict=True) if may(one.rule, allowed=one.allowed))

    async def list(self, page: PageOf, *, running: bool = False) -> Page[ExecRow]:
        """Newest first."""
        await self._parts.blocking(self._ground().close_lost)
        of = ("exec", str(running))
        limit, after = limit_of(page), after_of(page, NEWEST, *of)

        def look(before: Key | None, most: int) -> Sequence[ExecSession]:
            known = (float(before[0]), str(before[1])) if before else None
            return self._store.page(known, most, running=running)

        seen = self._visible()
        found, last = await self._parts.read(lambda: page_of(seen, look, _began, self._whose, after, limit))
        return Page(tuple(map(row_of, found)), next_of(last, *of) if last else "", time.time())

    async def show(self, id_: str) -> ExecRow:
        """One that has begun."""
        return row_of(await self._found(id_))

    async def end(self, id_: str, reason: str, key: str = "") -> ExecRow:
        """Its process ends it at its next look."""
        session = await self._found(id_)
        about, why = cluster_resource(session.target.cluster), reason.strip()[:MOST_REASON]
        told: Manifest = {"session": session.id, "reason": why, "end": True}
        if self._is_own(session):
            await self._parts.read(lambda: self._ended(session, why))
            self._record(session, AuditOutcome.DONE, told)
        else:
            async with self._guard.use(Action.CLUSTERS_CHANGE, about, told):
                await self._parts.read(lambda: self._ended(session, why))
        return row_of(await self._found(id_))

    def _ended(self, session: ExecSession, reason: str) -> None:
        if not self._store.end(session.id, self._guard.caller.principal.id, reason):
            raise RefusedError("SLW462", "the exec session has ended", where=session.id)

    async def recording(self, id_: str) -> str:
        """Read from the store by its digest."""
        session = await self._found(id_)
        if not self._is_own(session):
            self._guard.need(Action.AUDIT_READ, ENGINE)
        if not session.recording:
            raise missing(id_, "it has no recording yet, or could not be kept")
        self._record(session, AuditOutcome.DONE, {"session": session.id, "read": session.recording}, AuditKind.EXPORT)
        data = await self._parts.blocking(lambda: self._parts.store.get(session.recording))
        return data.decode("utf-8", "replace")

    # -- who sees what ----------------------------------------------------------------------------------------------

    @property
    def _store(self) -> ExecStore:
        return self._parts.records.exec_sessions

    def _is_own(self, session: ExecSession) -> bool:
        """A person's are theirs; a token's, which was made for less, are those that it asked for."""
        return self._guard.caller.principal.id in (session.person, session.principal)

    def _whose(self, session: ExecSession) -> Resource:
        """The cluster, with an owner where it is the caller's own: only for `_Visible`, never for a decision."""
        owner = session.person if self._is_own(session) else ""
        return Resource(kind=ResourceKind.CLUSTER, name=session.target.cluster, owner=owner)

    async def _found(self, id_: str) -> ExecSession:
        """One that the caller may see; for others it is not there."""
        found = await self._parts.read(lambda: self._store.get(id_[:100]))
        if found is None or not self._visible().keep([self._whose(found)])[0]:
            raise missing(id_, "there is none that you may see")
        return found

    def _visible(self) -> Readable:
        everything = self._guard.verdict(Action.AUDIT_READ, ENGINE).allowed
        return _Visible(everything, self._guard.readable(Action.CLUSTERS_CHANGE, ResourceKind.CLUSTER))

    def _record(
        self,
        session: ExecSession,
        outcome: AuditOutcome,
        told: Manifest,
        kind: AuditKind = AuditKind.EXEC,
    ) -> None:
        about = cluster_resource(session.target.cluster).id
        event = event_of(
            self._guard.caller,
            kind,
            outcome,
            action=Action.CLUSTERS_EXEC,
            resource=about,
            rule="exec/own",
            details=told,
        )
        self._parts.records.audit.record(event)


@dataclass(frozen=True)
class _Visible:
    """One's own sessions, and those in clusters that one may change."""

    everything: bool
    others: Readable
    exact = False

    def where(self, columns: Mapping[str, str]) -> tuple[str, Mapping[str, str | int | float]]:
        """Nothing is known in SQL: `keep` decides."""
        return "1 = 1", {}

    def keep(self, resources: Sequence[Resource]) -> tuple[bool, ...]:
        """What has an owner is the caller's own."""
        plain = [cluster_resource(one.name) for one in resources]
        kept = (True,) * len(plain) if self.everything else self.others.keep(plain)
        return tuple(may or bool(one.owner) for may, one in zip(kept, resources, strict=True))


def missing(id_: str, why: str) -> SluicewayError:
    """Also for what the caller may not see."""
    return SluicewayError("SLW464", f"there is no exec session {id_[:100]}", why=why, fix="sluiceway exec list")


def row_of(session: ExecSession) -> ExecRow:
    """As people see it: not from where."""
    target = session.target
    return ExecRow(
        id=session.id,
        person=session.person,
        principal=session.principal,
        cluster=target.cluster,
        namespace=target.namespace,
        pod=target.pod,
        container=target.container,
        command=target.command,
        tty=target.tty,
        reason=session.reason,
        begun_at=session.begun_at or 0,
        ended_at=session.ended_at,
        end_by=session.end_by,
        why=session.why,
        exit_code=session.exit_code,
        bytes_in=session.bytes_in,
        bytes_out=session.bytes_out,
        recording=session.recording,
    )


def _began(session: ExecSession) -> Key:
    return session.begun_at or 0.0, session.id
