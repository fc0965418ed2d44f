"""Who sends a request: by the cookie of a session, or by a bearer token."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, replace
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from activities.access.login_store import STATE_S
from activities.access.secret_values import LOGIN, TOKEN, new
from domain.access.forgery import SAFE, complaint, token_of
from domain.access.principal import ANONYMOUS, Caller
from domain.access.session import MOST_S, Session
from domain.core.errors import RefusedError
from workers.api.parts import Parts
from workers.client.logins.ground import Visitor, visitor_caller
from workers.client.logins.logins import Logins

COOKIE = "__Host-sluiceway"
PLAIN = "sluiceway"
"""Only over http on loopback, in a browser that refuses `__Host-` there."""
PROBE = "__Host-sluiceway-probe"
"""Set by the login page: a browser that sends it back keeps `__Host-` cookies."""
BROWSER = "__Host-sluiceway-login"
PLAIN_BROWSER = "sluiceway-login"
"""Binds a login under way to the browser that began it."""
HEADER = "X-CSRF-Token"
BEARER = "bearer "
MOST_SECRET = 200
AnyConnection = ASGIConnection[Any, Any, Any, Any]


@dataclass(frozen=True)
class Cookies:
    """The cookies of one server."""

    secure: bool
    """Whether its origin is https."""

    def secret(self, connection: AnyConnection) -> str:
        """Of the session's cookie; empty: there is none. Over https the plain one means nothing."""
        found = connection.cookies.get(COOKIE, "") or ("" if self.secure else connection.cookies.get(PLAIN, ""))
        return found if len(found) <= MOST_SECRET else ""

    def session(self, connection: AnyConnection, secret: str) -> list[Cookie]:
        """Gives a browser its secret, under the strictest name that it keeps."""
        name = COOKIE if self.secure or PROBE in connection.cookies else PLAIN
        return [self._cookie(name, secret, MOST_S)]

    def ended(self) -> list[Cookie]:
        """Takes it back."""
        names = (COOKIE,) if self.secure else (COOKIE, PLAIN)
        return [self._cookie(name, "", 0) for name in names]

    def browser(self, connection: AnyConnection) -> tuple[str, list[Cookie]]:
        """What tells one browser from another while it logs in, and the cookie that keeps it there."""
        known = self.known_browser(connection)
        name = BROWSER if self.secure or PROBE in connection.cookies else PLAIN_BROWSER
        return (known, []) if known else (made := new(), [self._cookie(name, made, STATE_S)])

    def known_browser(self, connection: AnyConnection) -> str:
        """Empty: it has none."""
        found = connection.cookies.get(BROWSER, "") or (
            "" if self.secure else connection.cookies.get(PLAIN_BROWSER, "")
        )
        return found if len(found) <= MOST_SECRET else ""

    def probe(self) -> Cookie:
        """Asks whether the browser keeps `__Host-` cookies here."""
        return self._cookie(PROBE, "1", 600)

    def _cookie(self, name: str, value: str, seconds: int) -> Cookie:
        """No domain, so no other host of this one's gets it; path `/`, as `__Host-` asks (RFC 6265bis, 4.1.3.2)."""
        secure = name.startswith("__Host-")
        return Cookie(key=name, value=value, path="/", max_age=seconds, secure=secure, httponly=True, samesite="lax")


class SessionAuthenticator:
    """Reads everything at each request: what was revoked counts no more.

    No dataclass: handlers get it as a dependency, and all that a dataclass holds would be looked at.
    """

    def __init__(self, logins: Logins, cookies: Cookies) -> None:
        self.logins, self.cookies = logins, cookies

    async def caller(self, connection: AnyConnection) -> Caller:
        """Anonymous without a valid session or token. Never raises for what a client sent."""
        visitor = visitor_of(connection)
        found = await asyncio.to_thread(self._caller, bearer(connection), self.cookies.secret(connection), visitor)
        return found or visitor_caller(ANONYMOUS, visitor)

    def _caller(self, token: str | None, secret: str, visitor: Visitor) -> Caller | None:
        if token is None:
            return self.logins.sessions.caller(secret, visitor)
        machine = replace(visitor, browser=False)
        if token.startswith(TOKEN):
            return self.logins.sessions.token(token, machine)
        return self.logins.sessions.caller(token, machine) if token.startswith(LOGIN) else None

    def session(self, connection: AnyConnection) -> Session | None:
        """The login that a request is part of. None: it has a machine token, or nothing."""
        token = bearer(connection)
        if token is None:
            return self.logins.sessions.of(self.cookies.secret(connection), browser=True)
        return self.logins.sessions.of(token, browser=False) if token.startswith(LOGIN) else None

    def needed(self, connection: AnyConnection) -> Session:
        """Like `session`.

        Raises:
            RefusedError: SLW425, there is none.
        """
        found = self.session(connection)
        if found is None:
            raise RefusedError("SLW425", "this needs a login")
        return found

    async def check(self, request: Request[Any, Any, Any]) -> None:
        """Before each handler: gives pages their token, and asks for it back where something changes.

        Raises:
            RefusedError: SLW423, another site may have made the browser ask.
        """
        secret = "" if bearer(request) is not None else self.cookies.secret(request)
        request.scope["state"]["csrf"] = token_of(secret) if secret else ""
        if request.method in SAFE:
            return
        told = request.headers.get(HEADER, "") or (await _form_token(request) if secret else "")
        if why := complaint(request.method, secret, told):
            raise RefusedError("SLW423", "this request did not come from a page of this server", why=why)


async def check(request: Request[Any, Any, Any], parts: Parts) -> None:
    """Like `SessionAuthenticator.check`, for a server that has logins."""
    if isinstance(parts.authenticator, SessionAuthenticator):
        await parts.authenticator.check(request)


def visitor_of(connection: AnyConnection) -> Visitor:
    """The client's address as the server's proxy rule gave it, and what it calls itself."""
    client = connection.client
    request = connection.scope["state"].setdefault("request_id", secrets.token_hex(8))
    agent = connection.headers.get("user-agent", "")
    return Visitor(address=client.host if client else "", agent=agent, request=str(request))


def bearer(connection: AnyConnection) -> str | None:
    """The token of the Authorization header (RFC 6750). None: no such header, so a cookie may count."""
    header = connection.headers.get("authorization")
    if header is None:
        return None
    token = header[len(BEARER) :].strip() if header[: len(BEARER)].lower() == BEARER else ""
    return token if len(token) <= MOST_SECRET else ""


async def _form_token(request: Request[Any, Any, Any]) -> str:
    """A form's hidden field `csrf`; forms that hold files send the header."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return ""
    found = (await request.form()).get("csrf", "")
    return found if isinstance(found, str) else ""
