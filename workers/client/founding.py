"""The first administrator: a one-time link, made on the host by whoever owns the home."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass

from activities.access.identity_store import Identity
from activities.access.key_registry import invitation
from activities.access.login_store import LINK_S, LinkKind
from activities.access.registrar import Tell
from activities.access.secret_values import new
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.principal import OWNER, Caller
from domain.authority.registrations import ADMINISTRATOR
from domain.core import names
from workers.client.logins.links import Links
from workers.core.records import Records

DEFAULT_NAME = "admin"


@dataclass(frozen=True)
class Founding:
    """Of one home. `tell`: to its signer, by hand."""

    records: Records
    links: Links
    tell: Tell

    def first(self, groups: Sequence[str] = (), name: str = "") -> str:
        """The address of a new one-time link; empty: somebody has a key for this server already."""
        if self.records.credentials.has_any():
            return ""
        return self.link(name or login_name(), LinkKind.FIRST, groups, (ADMINISTRATOR,))

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
        self.tell(invitation(name, code, tuple(groups), tuple(roles), LINK_S))
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
        return self.links.make(code, name, kind, OWNER.id)


def login_name() -> str:
    """Of whoever gives the command, if it can name a person."""
    try:
        found = getpass.getuser()
    except (OSError, KeyError):
        return DEFAULT_NAME
    return found if names.is_person(found) else DEFAULT_NAME
