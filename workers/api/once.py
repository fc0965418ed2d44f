"""What is asked twice with one Idempotency-Key is done once: the second request gets the first one's answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import (
    ASGIApp,
    HTTPReceiveMessage,
    HTTPRequestEvent,
    HTTPScope,
    Message,
    Receive,
    Scope,
    Send,
    WebSocketReceiveMessage,
)
from sqlalchemy.exc import OperationalError

from activities.access.answer_store import TOUCH_S, TURN, AnswerStore, Kept, Turn
from domain.access.principal import PrincipalKind
from domain.core.errors import DefinitionError, RefusedError, SluicewayError
from workers.api.app import MOST_BODY
from workers.api.asked import KEY_HEADER
from workers.api.auth import HEADER
from workers.api.parts import Authenticator
from workers.api.refusing import say

API = "/api/v1/"
OWN = tuple(f"{before}{path}" for before in ("/api/v1", "") for path in ("/login", "/logout", "/me/"))
"""What is asked of a login counts once anyway, and answers with cookies: nothing of it is kept."""
FORM, FIELD, TOKEN, NO_TOKEN = "application/x-www-form-urlencoded", "key", "csrf", "none"
MOST_KEY, MOST_FIELDS = 128, 1_000
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
AGAIN = b"idempotent-replay"
"""Header of an answer that was given before."""
SAID = frozenset({"location", "set-cookie"})
"""Headers that are given again with an answer."""
WAIT_S, LOOK_S = 20.0, 0.5
"""How long a second request waits here for the first one's answer, before it is told to come again; and how often it
looks.
"""
MOST_WAITING = 50
"""Second requests that wait at once; further ones are told to come again."""
Check = Callable[[Request[Any, Any, Any]], Awaitable[None]]
LOG = logging.getLogger(__name__)


@dataclass
class Once:
    """Around the application, for what has a key and a caller; everything else goes straight through.

    A form of a page has its key in the field `key`, and counts by all that it holds: sent twice it acts once, and sent
    again with other words it is another one.
    """

    inner: ASGIApp
    answers: AnswerStore
    authenticator: Authenticator
    check: Check | None = None
    """Raises for what another site may have made a browser send: that gets no answer from here."""
    _waiting: int = field(default=0, init=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != ScopeType.HTTP or not _may_have_key(scope):
            await self.inner(scope, receive, send)
            return
        caller = await self.authenticator.caller(ASGIConnection(scope))
        if caller.principal.kind is PrincipalKind.ANONYMOUS:  # whose keys nobody owns
            await self.inner(scope, receive, send)
            return
        try:
            body = await _whole(receive)
            key = _key(scope, body)
            if not key or await self._is_foreign(scope, body, receive):
                await self.inner(scope, _again(body, receive), send)
                return
            turn = await self._begin(scope, caller.principal.id, key, body)
        except SluicewayError as refused:
            await say(refused, scope, send, {b"retry-after": b"2"} if refused.transient else None)
            return
        if isinstance(turn, Kept):
            await _say(turn, send)
        else:
            await self._first(scope, _again(body, receive), send, turn)

    async def _is_foreign(self, scope: HTTPScope, body: bytes, receive: Receive) -> bool:
        """The application says why."""
        try:
            if self.check:
                await self.check(Request(_with_token(scope, body), _again(body, receive)))
        except (SluicewayError, HTTPException):
            return True
        return False

    async def _begin(self, scope: Scope, whose: str, key: str, body: bytes) -> Kept | Turn:
        """Waits for a first request that is under way.

        Raises:
            RefusedError: like `AnswerStore.begin`; SLW457 after that wait.
        """
        path = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
        asked = (whose, key, str(scope.get("method")), path, body)
        until = time.monotonic() + WAIT_S
        self._waiting += 1
        try:
            while True:
                try:
                    return await asyncio.to_thread(self.answers.begin, *asked)
                except RefusedError as refused:
                    over = time.monotonic() > until or self._waiting > MOST_WAITING
                    if not refused.transient or over:
                        raise
                await asyncio.sleep(LOOK_S)
        finally:
            self._waiting -= 1

    async def _first(self, scope: Scope, receive: Receive, send: Send, turn: Turn) -> None:
        told, before = _Told(send), TURN.set(turn)
        alive = asyncio.create_task(self._alive(turn))
        try:
            await self.inner(scope, receive, told)
        finally:  # without a whole answer the key can be used again
            TURN.reset(before)
            alive.cancel()
            answer = told.kept() if told.whole else Kept(500, "", b"")
            await asyncio.shield(asyncio.to_thread(self.answers.end, turn, answer))

    async def _alive(self, turn: Turn) -> None:
        """Says that this server works on it."""
        while True:
            await asyncio.sleep(TOUCH_S)
            try:
                await asyncio.to_thread(self.answers.touch, turn)
            except OperationalError as away:  # it may be back before the next time
                LOG.warning("the records do not answer: %s", away)


def _may_have_key(scope: HTTPScope) -> bool:
    if scope["method"] not in METHODS or scope["path"].startswith(OWN):
        return False
    headers = Headers.from_scope(scope)
    if scope["path"].startswith(API):
        return KEY_HEADER in headers
    return headers.get("content-type", "").startswith(FORM)


def _key(scope: Scope, body: bytes) -> str:
    """Empty: it has none, or none that is a key."""
    if scope["path"].startswith(API):
        found = Headers.from_scope(scope).get(KEY_HEADER, "")
        return found if len(found) <= MOST_KEY else ""
    key = _field(body, FIELD)
    return f"form {key} {sha256(body).hexdigest()}" if 0 < len(key) <= MOST_KEY else ""


def _field(body: bytes, name: str) -> str:
    """Of a form; empty: it is none, or too long, for the application to refuse."""
    try:
        return parse_qs(body.decode(), max_num_fields=MOST_FIELDS).get(name, [""])[0]
    except ValueError:
        return ""


def _with_token(scope: HTTPScope, body: bytes) -> HTTPScope:
    """With the token of a form as a header, as scripts send it: a body cannot be read before there is a route.

    With a state of its own: the other one keeps the headers that were there.
    """
    token = Headers.from_scope(scope).get(HEADER, "") or _field(body, TOKEN) or NO_TOKEN
    others = [one for one in scope["headers"] if one[0].lower() != HEADER.lower().encode()]
    return {**scope, "state": {}, "headers": [*others, (HEADER.lower().encode(), token.encode("latin-1", "replace"))]}


@dataclass
class _Told:
    """Hands an answer on, and keeps a copy."""

    send: Send
    status: int = 500
    kind: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    whole: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            heads = [(name.lower().decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
            self.kind = dict(heads).get("content-type", "")
            self.headers = tuple(one for one in heads if one[0] in SAID)
        elif message["type"] == "http.response.body":
            self.body += message["body"]
            self.whole = not message["more_body"]
        await self.send(message)

    def kept(self) -> Kept:
        return Kept(self.status, self.kind, self.body, self.headers)


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


async def _say(answer: Kept, send: Send) -> None:
    headers = [(b"content-type", answer.media_type.encode()), (b"content-length", str(len(answer.body)).encode())]
    headers.append((AGAIN, b"true"))
    headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
