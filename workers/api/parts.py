"""What the server is made of: handed in by the process that starts it, or by a test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from litestar.connection import ASGIConnection

from activities.access.answer_store import AnswerStore
from domain.access.principal import Caller
from workers.api.codec import Codec
from workers.client.guard import Guard
from workers.client.logins.ground import Limiter, Unlimited
from workers.client.ports.client import Client


class Authenticator(Protocol):
    """Who sends a request: by its session cookie or its bearer token."""

    async def caller(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
        """Anonymous without a valid session or token. Never raises for what a client sent."""
        ...


class Changes(Protocol):
    """What has changed, in order, for pages that are live."""

    async def last(self) -> int:
        """Number of the last change, or of one a moment before it; 0: none."""
        ...

    async def after(self, seq: int, limit: int = 500) -> tuple[Change, ...]:
        """Waits until there is one, at most 15 seconds; then those after `seq`, oldest first."""
        ...


@dataclass(frozen=True)
class Change:
    """Something changed. It says what, not how: whoever may read it asks."""

    seq: int
    topic: str
    """`runs`, `releases`, `approvals`, `queues`, `fleet`, `access`; `all`: some were missed, look at all."""
    key: str
    """Id of the run, release or approval, name of the cluster; empty: one that the reader may not know the name of."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The parts of a server."""

    clients: Callable[[Caller], Awaitable[Client]]
    """A client for a caller."""
    authenticator: Authenticator
    changes: Changes
    origin: str
    """`http://sluiceway.localhost:8080`: the only origin that pages have."""
    guards: Callable[[Caller], Guard] | None = None
    """The decisions about a caller; None: nothing is known of them, so nothing is told by name."""
    home: Callable[[], str] = lambda: ""
    """The name of this installation in what people sign for it; empty: its signer has never run."""
    limiter: Limiter = field(default_factory=Unlimited)
    """How often somebody may try."""
    answers: AnswerStore | None = None
    """What was answered to requests that may come twice; None: nothing is remembered."""
    temporal_ui: str = ""
    """Address of the Temporal UI that is proxied under /temporal; empty: none."""
    codec: Codec | None = None
    """Reads encrypted payloads for the Temporal UI; None: nothing does."""
    secure: bool = False
    """Whether the origin is https."""
