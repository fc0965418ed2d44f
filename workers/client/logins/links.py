"""One-time links: of the first administrator, of an invitation, of a recovery."""

from __future__ import annotations

from dataclasses import dataclass

from activities.access.login_store import LINK_S, LinkKind
from domain.access.audit import AuditKind
from domain.access.link_code import CODE, PATH, login_hash_of
from domain.access.session import Session, Way
from workers.client.logins.ground import Ground, Visitor
from workers.client.logins.sessions import Begun, Sessions


def address_of(origin: str, code: str) -> str:
    """The link that a person opens."""
    return f"{origin}{PATH}{code}"


@dataclass(frozen=True)
class Links:
    """Used once, and only in time."""

    ground: Ground
    sessions: Sessions

    def make(self, code: str, person: str, kind: LinkKind, by: str, lifetime_s: float = LINK_S) -> str:
        """The address of a new link for a registered person. `code`: of the signer's invitation."""
        now = self.ground.clock()
        self.ground.records.people.add(person, now)
        self.ground.records.logins.link_of(login_hash_of(code), person, kind, by, now, lifetime_s)
        return address_of(self.ground.origin, code)

    def use(self, login: str, visitor: Visitor, old: Session | None = None) -> Begun:
        """Logs in whom the link is for. `login`: the half of its code that logs in.

        Raises:
            RefusedError: SLW420, it is unknown, used or over.
        """
        self.ground.limit("login", visitor)
        found = self.ground.records.logins.use(login, self.ground.clock()) if CODE.fullmatch(login) else None
        if found is None:
            raise self.ground.refused(Way.LINK, "", "the link is unknown, used or over", visitor)
        if found.kind is LinkKind.RECOVERY:
            self.ground.record(AuditKind.RECOVERY, "recover:link", found.person, visitor, {"by": found.by})
        details = {"link": found.kind.value, "by": found.by}
        return self.sessions.begin(found.person, Way.LINK, visitor, old=old, details=details)
