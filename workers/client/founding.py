"""The first administrator: a one-time link, made on the host by whoever owns the home."""

from __future__ import annotations

import getpass
import time
from collections.abc import Sequence
from dataclasses import dataclass

from activities.access.grant_store import GrantStore
from activities.access.identity_store import Identity
from activities.access.key_registry import invitation, public_of
from activities.access.login_store import LINK_S, LinkKind
from activities.access.registrar import Tell, of_person
from activities.access.secret_values import new
from activities.access.told_rights import statement
from domain.access.actions import Action
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.grants import Grant, GrantKind
from domain.access.person import CredentialKind
from domain.access.principal import OWNER, Caller, PrincipalKind
from domain.access.resource import ENGINE
from domain.access.role import FOUNDERS, Role
from domain.authority.registrations import ADMINISTRATOR
from domain.authority.rights import of_grant
from domain.core import names
from workers.client.logins.links import Links
from workers.core.records import Records

DEFAULT_NAME = "admin"
KEYS = frozenset(CredentialKind) - {CredentialKind.PASSWORD}


@dataclass(frozen=True)
class Founding:
    """Of one home. `tell`: to its signer, by hand."""

    records: Records
    links: Links
    tell: Tell

    def first(self, groups: Sequence[str] = (), name: str = "") -> str:
        """The address of a new one-time link; empty: somebody has a key for this server already.

        Groups are told of the person, so that another link, made while this one is unused, does not lose them.
        """
        if self.records.credentials.has_any(*KEYS):
            return ""
        person, roles = name or login_name(), (ADMINISTRATOR,)
        if groups:
            for said in of_person(Identity(person, "", tuple(groups), roles)):
                self.tell(said)
        return self.link(person, LinkKind.FIRST, groups, roles)

    def link(self, name: str, kind: LinkKind, groups: Sequence[str] = (), roles: Sequence[str] = ()) -> str:
        """Invites a person: they log in once by the address, and register their first key by it.

        Raises:
            DefinitionError: SLW506, it is no name.
            RefusedError: SLW435, the signer does not admit it.
        """
        known = self.records.identities.get(name)
        if known is None:
            self.records.identities.save(Identity(name, "", tuple(groups), tuple(roles)))
        code = new()
        self.tell(invitation(name, public_of(code), tuple(groups), tuple(roles), LINK_S))
        kinds = {LinkKind.RECOVERY: AuditKind.RECOVERY}
        caller = Caller(principal=OWNER, channel="cli")
        event = event_of(
            caller,
            kinds.get(kind, AuditKind.PERSON),
            AuditOutcome.DONE,
            action=f"link:{kind}",
            resource=f"person:{name}",
            details={"groups": list(groups), "roles": list(roles)},
        )
        self.records.audit.record(event)
        if kind in (LinkKind.FIRST, LinkKind.RECOVERY):
            self._grant(f"{PrincipalKind.PERSON}:{name}")
        return self.links.make(code, name, kind, OWNER.id)

    def _grant(self, person: str) -> None:
        """The roles of whoever is alone; those that the person has had before stay as they are."""
        grants, now = GrantStore(self.records.database), time.time()
        held = {one.role for one in grants.page(person, 0, len(Role) + 1, now)}
        for role in (one for one in FOUNDERS if one not in held):
            new = Grant(id=0, kind=GrantKind.ROLE, principal=person, role=role, resource=ENGINE.id, by=OWNER.id, at=now)
            with self.records.database.write() as connection:
                made = grants.add(connection, new)
                event = event_of(
                    Caller(principal=OWNER, channel="cli"),
                    AuditKind.GRANT,
                    AuditOutcome.DONE,
                    action=Action.ACCESS_GRANT,
                    resource=ENGINE.id,
                    details={"grant": made.id, "principal": person, "role": role.value},
                )
                self.records.audit.record_in(connection, event)
            self.tell(statement(of_grant(made)))


def login_name() -> str:
    """Of whoever gives the command, if it can name a person."""
    try:
        found = getpass.getuser()
    except (OSError, KeyError):
        return DEFAULT_NAME
    return found if names.is_person(found) else DEFAULT_NAME
