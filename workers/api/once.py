"""What is asked twice with one Idempotency-Key is done once: the second request gets the first one's answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPRequestEvent,
    Message,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)

from activities.access.answer_store import AnswerStore, Kept
from domain.access.principal import PrincipalKind
from domain.core.errors import DefinitionError, SluicewayError
from workers.api.app import MOST_BODY
from workers.api.asked import KEY_HEADER
from workers.api.errors import MEDIA_TYPE, document, status_of
from workers.api.parts import Authenticator

PREFIX = "/api/v1/"
MOST_KEY = 128
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
AGAIN = b"idempotent-replay"
"""Header of an answer that was given before."""


@dataclass(frozen=True)
class Once:
    """Around the application, for what has a key and a caller; everything else goes straight through."""

    inner: ASGIApp
    answers: AnswerStore
    authenticator: Authenticator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        key = self._key(scope)
        if not key:
            await self.inner(scope, receive, send)
            return
        caller = await self.authenticator.caller(ASGIConnection(scope))
        if caller.principal.kind is PrincipalKind.ANONYMOUS:  # whose keys nobody owns
            await self.inner(scope, receive, send)
            return
        try:
            body = await _whole(receive)
            whose = caller.principal.id
            path = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
            method = str(scope.get("method"))
            known = await asyncio.to_thread(self.answers.begin, whose, key, method, path, body)
        except SluicewayError as refused:
            later = {b"retry-after": b"2"} if refused.transient else None
            await _say(_problem(refused, scope["path"]), send, later)
            return
        if known is not None:
            await _say(known, send, {AGAIN: b"true"})
            return
        await self._first(scope, receive, send, (whose, key, body))

    def _key(self, scope: Scope) -> str:
        changes = scope["type"] == ScopeType.HTTP and scope.get("method") in METHODS
        if not changes or not scope["path"].startswith(PREFIX):
            return ""
        found = Headers.from_scope(scope).get(KEY_HEADER, "")
        return found if len(found) <= MOST_KEY else ""

    async def _first(self, scope: Scope, receive: Receive, send: Send, asked: tuple[str, str, bytes]) -> None:
        whose, key, body = asked
        told = _Told(send)
        try:
            await self.inner(scope, _again(body, receive), told)
        finally:  # without a whole answer the key can be used again
            answer = told.kept() if told.whole else Kept(500, "", b"")
            await asyncio.shield(asyncio.to_thread(self.answers.end, whose, key, answer))


@dataclass
class _Told:
    """Hands an answer on, and keeps a copy."""

    send: Send
    status: int = 500
    kind: str = ""
    body: bytes = b""
    whole: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            heads = {name.lower(): value for name, value in message["headers"]}
            self.kind = heads.get(b"content-type", b"").decode("latin-1")
        elif message["type"] == "http.response.body":
            self.body += message["body"]
            self.whole = not message["more_body"]
        await self.send(message)

    def kept(self) -> Kept:
        return Kept(self.status, self.kind, self.body)


async def _whole(receive: Receive) -> bytes:
    """The body.

    Raises:
        DefinitionError: SLW471, it is too large, or did not come to its end.
    """
    parts = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise DefinitionError("SLW471", "the request was cut off")
        parts += message["body"]
        if len(parts) > MOST_BODY:
            raise DefinitionError("SLW471", "the request is too large", why=f"at most {MOST_BODY} bytes")
        if not message["more_body"]:
            return bytes(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Receives the body that was read, and then what follows."""
    given = False

    async def received() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        nonlocal given
        if given:
            return await receive()
        given = True
        return HTTPRequestEvent(type="http.request", body=body, more_body=False)

    return received


def _problem(error: SluicewayError, path: str) -> Kept:
    status = status_of(error)
    return Kept(status, MEDIA_TYPE, json.dumps(document(error, status, path)).encode())


async def _say(answer: Kept, send: Send, more: Mapping[bytes, bytes] | None = None) -> None:
    headers = [(b"content-type", answer.media_type.encode()), (b"content-length", str(len(answer.body)).encode())]
    headers += (more or {}).items()
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
