"""Sessions: begun by a login, renewed by a second factor, and who they say is asking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from activities.access.secret_values import LOGIN, hashed, new, new_id
from domain.access import session as rules
from domain.access import token as token_rules
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.person import Person
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.session import SECOND_FACTORS, Session, Way
from domain.core.values import Json
from workers.client.logins.ground import Ground, Visitor, visitor_caller

MOST_AGENT = 200


@dataclass(frozen=True)
class Begun:
    """A session, and the secret that only its client holds from now on."""

    secret: str
    session: Session


@dataclass(frozen=True, kw_only=True)
class Provider:
    """What an identity provider says of its own session."""

    issuer: str = ""
    session: str = ""
    subject: str = ""


@dataclass(frozen=True)
class Sessions:
    """On the server; the client holds 256 random bits."""

    ground: Ground

    def begin(
        self,
        person: str,
        way: Way,
        visitor: Visitor,
        *,
        provider: Provider = Provider(),
        second_factor: bool | None = None,
        old: Session | None = None,
        details: Mapping[str, Json] | None = None,
    ) -> Begun:
        """A new one, whatever secret the client came with; `old` ends with it, so that nothing is fixed beforehand.

        `second_factor`: whether the login proved one; None: as its way says.

        Raises:
            RefusedError: SLW420, nobody of that name is there, or they are disabled; SLW454, too many logins of theirs.
        """
        known = self.ground.records.people.get(person)
        if known is None or known.disabled:
            why = "nobody of that name is registered" if known is None else "the person is disabled"
            raise self.ground.refused(way, person, why, visitor)
        self.ground.limiter.take("session", f"person:{known.name}")
        now = self.ground.clock()
        proven = way in SECOND_FACTORS if second_factor is None else second_factor
        session = Session(
            id=new_id(),
            person=known.name,
            way=way,
            browser=visitor.browser,
            began_at=now,
            seen_at=now,
            authenticated_at=now,
            second_factor_at=now if proven else 0,
            address=visitor.address,
            agent=_printable(visitor.agent),
            provider=provider.issuer,
            provider_session=provider.session,
            provider_subject=provider.subject,
        )
        return self._kept(session, AuditKind.LOGIN, f"login:{way}", visitor, old.id if old else "", details)

    def renew(self, old: Session, way: Way, visitor: Visitor) -> Begun:
        """The same login after a second factor: with a new secret, and no longer life. Raises SLW454."""
        self.ground.limiter.take("session", f"person:{old.person}")
        now = self.ground.clock()
        session = replace(old, id=new_id(), seen_at=now, second_factor_at=now)
        return self._kept(session, AuditKind.STEP_UP, f"step-up:{way}", visitor, old.id, None)

    def of(self, secret: str, *, browser: bool) -> Session | None:
        """The login of this secret, alive. A cookie's secret is none of a command line, and the other way round."""
        found = self.ground.records.sessions.get(hashed(secret)) if secret else None
        now = self.ground.clock()
        if found is None or found.browser != browser or not rules.alive(found, now):
            return None
        if rules.needs_touch(found, now):
            self.ground.records.sessions.touch(found.id, now)
        return found

    def caller(self, secret: str, visitor: Visitor) -> Caller | None:
        """Who a session's secret means, with what is known of them now. None: nobody."""
        session = self.of(secret, browser=visitor.browser)
        person = self._person(session.person) if session else None
        if session is None or person is None:
            return None
        return replace(
            visitor_caller(person.principal(), visitor, session.id),
            authenticated_at=session.authenticated_at,
            second_factor_at=session.second_factor_at,
        )

    def token(self, secret: str, visitor: Visitor) -> Caller | None:
        """Who a machine token means: itself, with its owner's rights of this moment. None: nobody."""
        found = self.ground.records.tokens.get(hashed(secret))
        now = self.ground.clock()
        owner = self._person(found.owner) if found and token_rules.alive(found, now) else None
        if found is None or owner is None:
            return None
        self.ground.records.tokens.touch(found.id, now)
        workload = Principal(kind=PrincipalKind.WORKLOAD, name=found.workload)
        who = workload if found.workload else Principal(kind=PrincipalKind.TOKEN, name=found.id)
        return replace(
            visitor_caller(who, visitor, found.id),
            channel="api",
            on_behalf_of=owner.principal().id,
            rights_of=owner.principal(),
            scope=found.scope,
            authenticated_at=found.created_at,
        )

    def end(self, session: Session, visitor: Visitor) -> None:
        """Logs out."""
        self.ground.records.sessions.end(session.id)
        self.ground.record(AuditKind.SESSION, "logout", session.person, visitor, {"session": session.id})

    def _person(self, name: str) -> Person | None:
        person = self.ground.records.people.get(name)
        return None if person is None or person.disabled else person

    def _kept(
        self,
        session: Session,
        kind: AuditKind,
        action: str,
        visitor: Visitor,
        replaces: str,
        details: Mapping[str, Json] | None,
    ) -> Begun:
        secret = new("" if session.browser else LOGIN)
        who = Principal(kind=PrincipalKind.PERSON, name=session.person)
        event = event_of(
            visitor_caller(who, visitor, session.id),
            kind,
            AuditOutcome.DONE,
            action=action,
            resource=who.id,
            details=details,
        )

        def also(connection: Connection) -> None:
            self.ground.records.audit.record_in(connection, event)

        self.ground.records.sessions.add(hashed(secret), session, replaces, also)
        return Begun(secret, session)


def _printable(agent: str) -> str:
    """A stranger's text, for a list that people read."""
    return "".join(one if one.isprintable() else "?" for one in agent[:MOST_AGENT])
