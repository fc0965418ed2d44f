"""One-time links: of the first administrator, of an invitation, of a recovery."""

from __future__ import annotations

import re
from dataclasses import dataclass

from activities.access.login_store import LINK_S, LinkKind
from domain.access.audit import AuditKind
from domain.access.session import Session, Way
from workers.client.logins.ground import Ground, Visitor
from workers.client.logins.sessions import Begun, Sessions

CODE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""256 bits in Base64url: the code is also the one-time key that the signer takes the first key by."""
PATH = "/login/link#"
"""What stands behind # is not sent to a server, so it is in no log and no Referer."""


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
        self.ground.records.logins.link(code, person, kind, by, now, lifetime_s)
        return address_of(self.ground.origin, code)

    def use(self, code: str, visitor: Visitor, old: Session | None = None) -> Begun:
        """Logs in whom the link is for.

        Raises:
            RefusedError: SLW420, it is unknown, used or over.
        """
        self.ground.limit("login", visitor)
        found = self.ground.records.logins.use(code, self.ground.clock()) if CODE.fullmatch(code) else None
        if found is None:
            raise self.ground.refused(Way.LINK, "", "the link is unknown, used or over", visitor)
        if found.kind is LinkKind.RECOVERY:
            self.ground.record(AuditKind.RECOVERY, "recover:link", found.person, visitor, {"by": found.by})
        details = {"link": found.kind.value, "by": found.by}
        return self.sessions.begin(found.person, Way.LINK, visitor, old=old, details=details)
