"""What every verb about rights stands on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from activities.access.answer_store import mark
from activities.access.audit_log import AuditLog
from activities.access.decider import Decider
from activities.access.person_store import PersonStore
from activities.access.rights import Rights
from domain.access.actions import Action
from domain.access.attributes import NOTHING, Change
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.grants import GROUP, Grant, holder_problem, rights_id
from domain.access.keys import KeyProof
from domain.access.person import Person
from domain.access.principal import Caller, Principal, PrincipalKind
from domain.access.resource import Resource, named
from domain.access.verdict import Verdict
from domain.authority.registrations import Registration
from domain.core.errors import DefinitionError
from domain.core.values import Json
from domain.policy.policy import PolicyFor, Push
from workers.client.guard import Guard
from workers.client.ports.access import GrantRow


def _untold(said: Registration, proof: KeyProof | None) -> None:
    """Where there is no signer: nothing has an effect there."""


@dataclass(frozen=True)
class Changing:
    """A change of rights under way."""

    connection: Connection
    details: dict[str, Json]
    """Of its entry, to be added to."""
    said: list[Registration] = field(default_factory=list)
    """For the signer, once it is kept."""


@dataclass(frozen=True)
class RightsGround:
    """Of one caller."""

    guard: Guard
    decider: Decider
    people: PersonStore
    audit: AuditLog
    clock: Callable[[], float] = time.time
    tell: Callable[[Registration, KeyProof | None], None] = _untold
    """To the signer, which alone says at an effect what holds."""
    policies: Callable[[Push], PolicyFor] = PolicyFor
    """Of a push."""
    home: Callable[[], str] = lambda: ""
    """The name of this installation in what people sign for it."""

    @property
    def rights(self) -> Rights:
        """The stores."""
        return self.decider.rights

    @property
    def caller(self) -> Caller:
        """Who asks."""
        return self.guard.caller

    @property
    def who(self) -> str:
        """Id of the principal whose rights are used."""
        return rights_id(self.caller)

    def about(self, principal: str, resource: Resource) -> Caller:
        """Whoever is asked about: the caller, or another one, which needs `access:read`.

        Another one is asked about as if they had just confirmed with a second factor, from no address.

        Raises:
            DefinitionError: SLW412, the text names nobody.
        """
        if principal in ("", self.who):
            return self.caller
        self.guard.need(Action.ACCESS_READ, resource)
        if problem := holder_problem(principal):
            raise DefinitionError("SLW412", problem)
        return self.as_if(principal)

    def as_if(self, principal: str) -> Caller:
        """Somebody, as the records know them now."""
        kind, _, name = principal.partition(":")
        now = self.clock()
        if kind == GROUP:
            who = Principal(kind=PrincipalKind.WORKLOAD, name=principal, groups=(name,))
        elif kind == PrincipalKind.PERSON:
            person = self.people.get(name)
            who = person.principal() if person else Principal(kind=PrincipalKind.PERSON, name=name)
        else:
            who = Principal(kind=PrincipalKind(kind), name=name)
        return Caller(principal=who, channel="api", authenticated_at=now, second_factor_at=now)

    @contextmanager
    def change(self, kind: AuditKind, verdict: Verdict, details: Mapping[str, Json]) -> Iterator[Changing]:
        """One transaction of a change and its entry in the audit: both are kept, or neither.

        The signer is told last, and not inside: it writes to the audit itself while it answers others, and each would
        wait for the other. What it was never told gives nothing at an effect.
        """
        told = dict(details)
        with self.rights.database.write() as connection:
            mark(connection)
            made = Changing(connection, told)
            yield made
            event = event_of(
                self.caller,
                kind,
                AuditOutcome.DONE,
                action=verdict.action,
                resource=verdict.resource,
                rule=verdict.rule,
                policy_digest=verdict.policy_digest,
                details=told,
            )
            self.audit.record_in(connection, event)
        for said in made.said:
            self.tell(said, None)

    def need(self, action: Action, resource: Resource, change: Change = NOTHING) -> Verdict:
        """Raises like `Guard.need`; a decision that allows is remembered for simulations."""
        verdict = self.guard.need(action, resource, change)
        self.decider.remember(self.caller, action, resource, verdict, change)
        return verdict


def row_of(grant: Grant) -> GrantRow:
    """As lists show it."""
    return GrantRow(
        id=str(grant.id),
        kind=grant.kind,
        principal=grant.principal,
        role=grant.role,
        resource=grant.resource,
        by=grant.by,
        at=grant.at,
        until=grant.until,
    )


def resource_of(id_: str) -> Resource:
    """Raises:
    DefinitionError: SLW412, it is no id of a resource.
    """
    try:
        return named(id_)
    except ValueError as wrong:
        raise DefinitionError("SLW412", f"{id_[:80]!r} is no resource: write KIND:NAME") from wrong


def caller_of(person: Person, now: float) -> Caller:
    """A person as if they had just confirmed."""
    return Caller(principal=person.principal(), channel="api", authenticated_at=now, second_factor_at=now)
