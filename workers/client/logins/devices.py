"""A command line without a key is let in by a browser that is logged in (RFC 8628).

Nothing is prefilled: a person types the code that their own terminal shows, sees who asks, and proves that it is them.
What is let in has no second factor and no key: it signs nothing, and does nothing that is dangerous.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from activities.access.device_store import DeviceStore
from activities.access.secret_values import hashed, new
from domain.access.audit import AuditKind
from domain.access.device import LIFE_S, MOST_HOST, Asking, Polled, too_soon, typed, user_code
from domain.access.session import Session, Way, is_fresh
from domain.core.errors import RefusedError
from workers.client.logins.ground import Ground, Visitor
from workers.client.logins.sessions import MOST_AGENT, Begun, Sessions


@dataclass(frozen=True)
class Waits:
    """What a command line got: a secret of its own, and the code that it shows."""

    secret: str
    code: str


@dataclass(frozen=True)
class Devices:
    """Each is let in once, within ten minutes."""

    ground: Ground
    sessions: Sessions

    @property
    def _store(self) -> DeviceStore:
        return DeviceStore(self.ground.records.database)

    def begin(self, host: str, visitor: Visitor) -> Waits:
        """Raises:
        RefusedError: SLW421, too many are under way.
        """
        self.ground.limit("device", visitor)
        now, waits = self.ground.clock(), Waits(new(), user_code(secrets.randbits(128)))
        asking = Asking(
            host=_shown(host, MOST_HOST),
            address=visitor.address,
            agent=_shown(visitor.agent, MOST_AGENT),
            created_at=now,
            expires_at=now + LIFE_S,
        )
        self._store.begin(hashed(waits.secret), waits.code, asking)
        return waits

    def poll(self, secret: str, visitor: Visitor) -> tuple[Polled, Begun | None]:
        """What a command line is told; with its session, once.

        Raises:
            RefusedError: SLW420, it is unknown, over, or was refused.
        """
        now = self.ground.clock()
        asking = self._store.polled(hashed(secret), now)
        if asking is None:
            self.ground.limit("login", visitor)
            raise self.ground.refused(Way.DEVICE, "", "the device's code is unknown, refused or over", visitor)
        if not asking.person:
            return (Polled.SLOWER if too_soon(asking, now) else Polled.PENDING), None
        if not self._store.take(hashed(secret), now):
            raise self.ground.refused(Way.DEVICE, asking.person, "the device's code was used", visitor)
        begun = self.sessions.begin(asking.person, Way.DEVICE, visitor, details={"host": asking.host})
        return Polled.ALLOWED, begun

    def look(self, code: str, session: Session, visitor: Visitor) -> Asking:
        """Who asks under a code.

        Raises:
            RefusedError: SLW437, nobody does.
        """
        self.ground.limit("login", visitor, session.person)
        asking = self._store.by_code(typed(code), self.ground.clock())
        if asking is None:
            raise RefusedError("SLW437", "nothing waits under this code", fix="read it from your terminal again")
        return asking

    def decide(self, code: str, session: Session, visitor: Visitor, *, allow: bool) -> None:
        """Lets one in as whoever is logged in, or refuses it.

        Raises:
            RefusedError: SLW411, there is no fresh second factor; SLW437, nothing waits under this code.
        """
        asking = self.look(code, session, visitor)
        now = self.ground.clock()
        if allow and not is_fresh(session.second_factor_at, now):
            raise RefusedError("SLW411", "this needs a second factor of the last minutes")
        if not self._store.decide(typed(code), session.person if allow else "", now):
            raise RefusedError("SLW437", "nothing waits under this code", fix="read it from your terminal again")
        told = {"host": asking.host, "from": asking.address}
        self.ground.record(AuditKind.SESSION, f"device:{'allow' if allow else 'refuse'}", session.person, visitor, told)


def _shown(text: str, most: int) -> str:
    return "".join(one if one.isprintable() else "?" for one in text[:most])
