"""What every way to log in stands on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from activities.access.key_registry import KeyRegistry
from domain.access.audit import AuditKind, AuditOutcome, event_of
from domain.access.principal import ANONYMOUS, Caller, Principal, PrincipalKind
from domain.core.errors import RefusedError
from domain.core.values import Json
from workers.core.records import Records

MOST_NAME = 64
"""Characters of a name that a stranger says, in the audit."""


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who knocks, as far as the connection says."""

    address: str = ""
    agent: str = ""
    request: str = ""
    """Id of the request."""
    browser: bool = True
    """False: a command line, which keeps its session's secret in a file."""


class Limiter(Protocol):
    """Bounds how often somebody may try."""

    def take(self, kind: str, who: str) -> None:
        """Counts one try of `kind` (`login`, `token`) by an address or a person.

        Raises:
            RefusedError: too many; the error says when the next one is possible.
        """
        ...


class Unlimited:
    """For tests, and for a process that limits elsewhere."""

    def take(self, kind: str, who: str) -> None:
        """Counts nothing."""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Stores, the signer's keys, and the clock."""

    records: Records
    registry: KeyRegistry
    origin: str
    """`https://sluiceway.example.com`: the only one that a key may be asked for."""
    limiter: Limiter = field(default_factory=Unlimited)
    clock: Callable[[], float] = time.time

    @property
    def host(self) -> str:
        """The RP ID of passkeys: they are bound to it for good."""
        return urlsplit(self.origin).hostname or ""

    def limit(self, kind: str, visitor: Visitor, person: str = "") -> None:
        """Raises like `Limiter.take`: by address, and by the person that is named."""
        self.limiter.take(kind, f"address:{visitor.address}")
        if person:
            self.limiter.take(kind, f"person:{person[:MOST_NAME]}")

    def refused(self, way: str, person: str, why: str, visitor: Visitor) -> RefusedError:
        """Records a login that failed. Whoever tried is not told why: the audit is."""
        details: dict[str, Json] = {"person": person[:MOST_NAME], "why": why}
        event = event_of(
            visitor_caller(ANONYMOUS, visitor),
            AuditKind.LOGIN,
            AuditOutcome.DENIED,
            action=f"login:{way}",
            resource=f"person:{person[:MOST_NAME]}",
            details=details,
        )
        self.records.audit.record(event)
        return RefusedError("SLW420", "this login is not accepted")

    def record(
        self, kind: AuditKind, action: str, person: str, visitor: Visitor, details: Mapping[str, Json] | None = None
    ) -> None:
        """Something that a person did about who they are."""
        who = visitor_caller(Principal(kind=PrincipalKind.PERSON, name=person), visitor)
        event = event_of(who, kind, AuditOutcome.DONE, action=action, resource=f"person:{person}", details=details)
        self.records.audit.record(event)


def visitor_caller(principal: Principal, visitor: Visitor, session: str = "") -> Caller:
    """For entries of the audit about a login."""
    channel = "console" if visitor.browser else "api"
    return Caller(
        principal=principal, channel=channel, session=session, address=visitor.address, request=visitor.request
    )
