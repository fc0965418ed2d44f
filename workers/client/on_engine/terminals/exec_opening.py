"""Opens an exec session by its ticket: everything is asked again, told before and after, and recorded."""

from __future__ import annotations

import hashlib
import shlex
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from activities.access.secret_values import hashed
from activities.authority.port import Entering, Entries
from activities.kubernetes.kubeconfigs import AddressBook
from activities.pods.exec_store import ExecSession
from activities.pods.recording import Recording
from activities.pods.terminals import Terminals
from domain.access import session as login_rules
from domain.access import token as token_rules
from domain.access.actions import Action
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome, event_of
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.resource import cluster_resource
from domain.clusters.impersonation import acting
from domain.core.documents import Manifest
from domain.core.errors import RefusedError, SluicewayError
from domain.pods.exec_session import LOOK_S, side
from workers.client.guard import Guard
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.terminals.exec_live import ExecLive
from workers.client.on_engine.terminals.exec_rights import may
from workers.client.ports.terminals import LEFT, ExecEnd
from workers.core.records import Records

FOLDER = "recordings"
"""Of the home: sessions under way, and those whose process was killed."""
KILLED = "its process was killed"


@dataclass(frozen=True)
class ExecGround:
    """What sessions are opened with; one for all callers."""

    records: Records
    terminals: Terminals
    entries: Callable[[Caller], Entries]
    """The signer, as it is asked for a caller."""
    addresses: AddressBook
    every: float = LOOK_S
    """Seconds between two looks at rights and login."""

    def close_lost(self) -> None:
        """Tells the end of sessions that could not tell it themselves."""
        now = time.time()
        for one in self.records.exec_sessions.lost(now):
            if self.records.exec_sessions.close(one.id, now, KILLED):
                kind, _, name = one.principal.partition(":")
                caller = Caller(principal=Principal(kind=PrincipalKind(kind), name=name), on_behalf_of=one.person)
                details: Manifest = {"session": one.id, "pod": one.target.place, "error": KILLED}
                self.records.audit.record(_event(caller, one, AuditOutcome.FAILED, "", details))


@asynccontextmanager
async def opened(
    parts: EngineParts, guard: Guard, ground: ExecGround, ticket: str, size: tuple[int, int]
) -> AsyncIterator[ExecLive]:
    """The session of a ticket. It is used up, whatever is then found.

    Raises:
        RefusedError: SLW465, it opens nothing; SLW410, SLW484, the right is gone.
    """
    session = await parts.read(lambda: ground.records.exec_sessions.redeem(hashed(ticket), time.time()))
    if session is None:
        raise RefusedError("SLW465", "the ticket opens no exec session", why="it is none, was used, or is too old")
    opening = _Opening(parts, guard, ground, session)
    async with opening.told() as recorded, opening.live(recorded, (side(size[0]), side(size[1]))) as live:
        yield live


@dataclass
class _Opening:
    parts: EngineParts
    guard: Guard
    ground: ExecGround
    session: ExecSession
    end: ExecEnd | None = None
    recording: str = ""
    cut: bool = False
    login: float = 0
    """When the login began; 0: it is a token, or there is none."""

    @asynccontextmanager
    async def told(self) -> AsyncIterator[str]:
        """Asks everybody; then the audit knows of the session before and after. Gives the name of its file."""
        session, records = self.session, self.ground.records
        try:
            rule = await self.parts.blocking(self._asked_again)
            details: Manifest = {"session": session.id, "pod": session.target.place, "file": f"{session.id}.cast"}
            details |= {"command": list(session.target.command), "reason": session.reason}
            begun = await self.parts.blocking(lambda: self._tell(AuditOutcome.BEGUN, rule, details))
        except BaseException as refused:
            code = _name(refused)
            await self.parts.read(lambda: records.exec_sessions.close(session.id, time.time(), code))
            raise
        details = {"session": session.id, "pod": session.target.place, "intent": begun}
        try:
            yield f"{session.id}.cast"
        except BaseException as broken:
            code = _name(broken)
            failed = {**details, "error": code, **self._facts()}
            await self.parts.blocking(lambda: self._close(code, AuditOutcome.FAILED, rule, failed))
            raise
        why = self.end.why if self.end else LEFT
        done = {**details, "why": why, **self._facts()}
        await self.parts.blocking(lambda: self._close(why, AuditOutcome.DONE, rule, done))

    @asynccontextmanager
    async def live(self, file: str, size: tuple[int, int]) -> AsyncIterator[ExecLive]:
        """The command runs, and what it says is recorded, however it ends."""
        session, path = self.session, self.parts.settings.home / FOLDER / file
        command = [shlex.join(session.target.command)]
        try:
            recording = Recording(path, command, session.target.place, size=size)
        except OSError as full:
            raise SluicewayError("SLW480", "the session cannot be recorded", why=str(full)[:300]) from full
        try:
            with recording:
                async with self._running(recording, size) as live:
                    yield live
        finally:
            self.recording = await self.parts.blocking(lambda: self.parts.store.put_file(path))
            path.unlink()

    @asynccontextmanager
    async def _running(self, recording: Recording, size: tuple[int, int]) -> AsyncIterator[ExecLive]:
        session = self.session
        async with self.ground.terminals.open(session.target, acting(self.guard.caller)) as terminal:
            live = ExecLive(session.id, terminal, recording, session.target.tty)
            await live.resize(*size)
            try:
                async with live.watched(self._look, self.ground.every):
                    yield live
            finally:
                self.end = live.ended or ExecEnd(why=LEFT)
                self._count(live)
                self.cut = recording.cut

    # -- asked ------------------------------------------------------------------------------------------------------

    def _asked_again(self) -> str:
        """The rule that permits it now."""
        caller, session = self.guard.caller, self.session
        if (caller.principal.id, caller.session, caller.address) != (session.principal, session.login, session.address):
            self._tell(AuditOutcome.DENIED, "exec/ticket", {"session": session.id, "of": session.principal})
            raise RefusedError("SLW465", "the ticket opens no exec session", why="it was made for another login")
        known = self.ground.records.sessions.by_id(session.login)
        self.login = known.began_at if known else 0
        verdict = self.guard.need(Action.CLUSTERS_EXEC, cluster_resource(session.target.cluster))
        digest = hashlib.sha256("\0".join(session.target.command).encode()).hexdigest()
        self.ground.entries(caller).enter(
            Entering(
                person=session.person,
                cluster=session.target.cluster,
                place=session.target.place,
                session=session.id,
                command=digest,
            )
        )
        return verdict.rule

    async def _look(self, live: ExecLive) -> str:
        self._count(live)
        return await self.parts.blocking(lambda: self._why_end(live))

    def _count(self, live: ExecLive) -> None:
        self.session = replace(self.session, bytes_in=live.bytes_in, bytes_out=live.bytes_out)

    def _why_end(self, live: ExecLive) -> str:
        session, records, now = self.session, self.ground.records, time.time()
        by, reason = records.exec_sessions.look(session.id, now, live.bytes_in, live.bytes_out)
        if by:
            return f"{by} has ended it{f': {reason}' if reason else ''}"
        if why := self._login_over(now, live.typed_at):
            return why
        if self._is_changed():
            return "you are locked out, or your groups have changed"
        verdict = self.guard.verdict(Action.CLUSTERS_EXEC, cluster_resource(session.target.cluster))
        if may(verdict.rule, allowed=verdict.allowed):
            return ""
        return f"you may not any more: {verdict.reason} ({verdict.rule})"

    def _is_changed(self) -> bool:
        """Whether the person is not who they were when it began: the caller has the groups of then."""
        who = self.guard.caller.rights_of or self.guard.caller.principal
        if who.kind is not PrincipalKind.PERSON:
            return False
        known = self.ground.records.people.get(who.name)
        return known is None or known.disabled or known.principal() != who

    def _login_over(self, now: float, typed_at: float) -> str:
        """A login lives on while somebody types; a confirmed one has another id and the same beginning."""
        session, records = self.session, self.ground.records
        if not session.login:
            return ""  # in the home itself
        if not self.login:
            token = records.tokens.by_id(session.login)
            return "" if token and token_rules.alive(token, now) else "the token has ended"
        logins = records.sessions.of(session.person.partition(":")[2])
        found = next((one for one in logins if one.began_at == self.login), None)
        if found is None or not login_rules.alive(found, now):
            return "the login has ended"
        if typed_at > found.seen_at and login_rules.needs_touch(found, now):
            records.sessions.touch(found.id, now)
        return ""

    # -- told -------------------------------------------------------------------------------------------------------

    def _facts(self) -> Manifest:
        session, code = self.session, self.end.code if self.end else None
        facts: Manifest = {"bytes_in": session.bytes_in, "bytes_out": session.bytes_out}
        facts |= {} if code is None else {"exit_code": code}
        facts |= {"cut": True} if self.cut else {}
        return facts | ({"recording": self.recording} if self.recording else {})

    def _close(self, why: str, outcome: AuditOutcome, rule: str, details: Manifest) -> None:
        session, code = self.session, self.end.code if self.end else None
        self._tell(outcome, rule, details)
        self.ground.records.exec_sessions.close(
            session.id,
            time.time(),
            why,
            exit_code=code,
            recording=self.recording,
            bytes_in=session.bytes_in,
            bytes_out=session.bytes_out,
        )

    def _tell(self, outcome: AuditOutcome, rule: str, details: Manifest) -> int:
        return self.ground.records.audit.record(_event(self.guard.caller, self.session, outcome, rule, details))


def _event(caller: Caller, session: ExecSession, outcome: AuditOutcome, rule: str, details: Manifest) -> AuditEvent:
    return event_of(
        caller,
        AuditKind.EXEC,
        outcome,
        action=Action.CLUSTERS_EXEC,
        resource=cluster_resource(session.target.cluster).id,
        rule=rule,
        details=details,
    )


def _name(broken: BaseException) -> str:
    return broken.code if isinstance(broken, SluicewayError) else type(broken).__name__
