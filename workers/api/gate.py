"""The gate before every handler: who may connect, by which name, from which page; and the headers of every answer."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from litestar.enums import ScopeType
from litestar.types import ASGIApp, LifeSpanScope, Message, Receive, Scope, Send

from domain.access.entrance import Entrance, client_address, may_connect
from domain.core.errors import RefusedError
from workers.api.refusing import say

CONTENT_SECURITY_POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'"),
        *("connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
    )
)
HEADERS: Mapping[bytes, bytes] = MappingProxyType(
    {
        b"content-security-policy": CONTENT_SECURITY_POLICY.encode(),
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
        b"referrer-policy": b"same-origin",  # with no-referrer a form of our own says `Origin: null`
        b"cross-origin-opener-policy": b"same-origin",
        b"cross-origin-resource-policy": b"same-origin",
        b"permissions-policy": b"camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)",
        b"cache-control": b"no-store",
    }
)
"""Of every answer that does not say otherwise."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
HEALTH = "/health"
"""Says that the process answers, to anybody: by any name."""


@dataclass(frozen=True)
class Gate:
    """The outermost application: what it refuses reaches no handler."""

    inner: ASGIApp
    entrance: Entrance
    strict_transport: bytes = field(default=b"max-age=31536000; includeSubDomains")

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Receive, send: Send) -> None:
        """One request, or one WebSocket."""
        if scope["type"] == "lifespan":
            await self.inner(scope, receive, send)  # type: ignore[arg-type]
            return
        headers = _Headers(scope["headers"])
        peer = (scope.get("client") or ("", 0))[0]
        address = client_address(peer, headers.all(b"x-forwarded-for"), self.entrance.trusted_proxy)
        scope["client"] = (address, 0)
        scope["scheme"] = "https" if self.entrance.secure else "http"
        scope["state"]["request_id"] = secrets.token_hex(8)
        refused = self._refusal(scope, headers, peer)
        sender = _Sender(send, self._added())
        if refused is None:
            await self.inner(scope, receive, sender)
        elif scope["type"] == ScopeType.WEBSOCKET:
            await send({"type": "websocket.close", "code": 1008, "reason": refused.code})
        else:
            await say(refused, scope, sender)

    def _refusal(self, scope: Scope, headers: _Headers, peer: str) -> RefusedError | None:
        if not may_connect(self.entrance, peer):
            return RefusedError("SLW452", "the proxy is passed by", why="only its own connections are answered")
        if scope["path"] == HEALTH:
            return None
        hosts = headers.all(b"host")
        if hosts != [self.entrance.authority]:
            why = f"this server is {self.entrance.url}"
            return RefusedError("SLW452", "the request is for another host", why=why)
        return self._foreign(scope, headers)

    def _foreign(self, scope: Scope, headers: _Headers) -> RefusedError | None:
        """A page of another origin, or of nobody, must not send what changes something."""
        upgrades = scope["type"] == ScopeType.WEBSOCKET or "websocket" in headers.one(b"upgrade").lower()
        if not upgrades and scope.get("method", "GET") in SAFE:
            return None
        origins = headers.all(b"origin")
        if origins:
            foreign = origins != [self.entrance.url]
        elif site := headers.one(b"sec-fetch-site"):
            foreign = site not in ("same-origin", "none")
        else:  # no browser: it brings a token, which no page can send in its place
            foreign = upgrades or bool(headers.one(b"cookie"))
        return RefusedError("SLW453", "the request comes from another page") if foreign else None

    def _added(self) -> Mapping[bytes, bytes]:
        if not self.entrance.secure:
            return HEADERS
        return {**HEADERS, b"strict-transport-security": self.strict_transport}


class _Headers:
    def __init__(self, raw: Iterable[tuple[bytes, bytes]]) -> None:
        self._raw = list(raw)

    def all(self, name: bytes) -> list[str]:
        return [value.decode("latin-1") for key, value in self._raw if key == name]

    def one(self, name: bytes) -> str:
        return ", ".join(self.all(name))


@dataclass(frozen=True)
class _Sender:
    """Adds the headers that an answer lacks."""

    send: Send
    added: Mapping[bytes, bytes]

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message["headers"])
            known = {name.lower() for name, _ in given}
            message["headers"] = [*given, *((key, value) for key, value in self.added.items() if key not in known)]
        await self.send(message)
