"""Logins: by a one-time link, and by a passkey or a key; the second factor; and the way out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody

from domain.access.device import INTERVAL_S, LIFE_S, Polled
from domain.access.keys import KeyProof
from domain.access.session import Way, is_fresh
from domain.core.errors import UnreachableError
from workers.api.auth import SessionAuthenticator, visitor_of
from workers.api.parts import Parts
from workers.api.routes import me
from workers.client.logins.keys import Answer, Asked
from workers.client.logins.sessions import Begun

NO_STORE = {"Cache-Control": "no-store"}
AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class UsedLink:
    """The half of a link's code that logs in (domain/access/link_code.py)."""

    login: str
    browser: bool = True
    """False: a command line, which gets a bearer token instead of a cookie."""


@dataclass(frozen=True)
class Password:
    """Of a person without a key."""

    person: str
    password: str


@dataclass(frozen=True)
class Workload:
    """A JWT of a registered issuer."""

    jwt: str


@dataclass(frozen=True)
class AskDevice:
    """A command line without a key, and what its machine is called."""

    host: str = ""


@dataclass(frozen=True)
class Device:
    """Its own secret, and what it shows to its person (RFC 8628, section 3.2)."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int


@dataclass(frozen=True)
class AskedDevice:
    """The secret of a command line that waits."""

    device_code: str


@dataclass(frozen=True)
class PolledDevice:
    """What it is told; with `allowed`, this once, its bearer token."""

    state: Polled
    person: str = ""
    token: str = ""


@dataclass(frozen=True)
class Exchanged:
    """A machine token, this once, and its end in seconds since the epoch."""

    token: str
    expires_at: float


@dataclass(frozen=True)
class Question:
    """What is to be signed. `text` is built from `challenge` (domain/access/login.py), which the signer looks at."""

    state: str
    challenge: dict[str, str | int]
    rp: str
    """The host name that passkeys are bound to."""
    passkeys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signed:
    """An answer; all of it in Base64, ids in Base64url."""

    state: str
    signature: str
    kind: str = ""
    """`passkey`, `browser`, or empty: a file's key, plain or as `ssh-keygen -Y sign` makes it."""
    authenticator_data: str = ""
    client_data: str = ""
    person: str = ""
    """Whose key it is; a passkey's `handle` says it."""
    handle: str = ""
    browser: bool = True
    """False: a command line, which gets a bearer token instead of a cookie."""

    def answer(self) -> Answer:
        """As the login takes it."""
        proof = KeyProof(self.signature, self.kind, self.authenticator_data, self.client_data)
        return Answer(self.state, proof, self.person, self.handle)


@dataclass(frozen=True)
class LoggedIn:
    """Who is logged in now."""

    person: str
    session: str
    """Public id."""
    way: Way
    second_factor: bool
    """Whether what is dangerous may be done now."""
    token: str = ""
    """A command line's bearer token, this once."""
    keys: int = 0
    """How many keys the person has; 0: the next step is to register one."""


@get("/login/probe", operation_id="login.probe", sync_to_thread=False)
def probe(auth: NamedDependency[SessionAuthenticator]) -> Response[None]:
    """The login page asks it first: its answer decides the name of the session's cookie."""
    return Response(None, status_code=204, cookies=[auth.cookies.probe()], headers=NO_STORE)


@post("/login/link", operation_id="login.link", status_code=200, sync_to_thread=True)
def link(
    request: AnyRequest, data: JSONBody[UsedLink], auth: NamedDependency[SessionAuthenticator]
) -> Response[LoggedIn]:
    """A link counts once."""
    visitor = replace(visitor_of(request), browser=data.browser)
    old = auth.session(request) if data.browser else None
    return logged_in(request, auth, auth.logins.links.use(data.login, visitor, old))


@post("/login/question", operation_id="login.question", status_code=200, sync_to_thread=True)
def question(request: AnyRequest, auth: NamedDependency[SessionAuthenticator]) -> Response[Question]:
    """For a login."""
    return asked(auth, auth.logins.keys.ask(visitor_of(request)))


@post("/login/key", operation_id="login.key", status_code=200, sync_to_thread=True)
def key(request: AnyRequest, data: JSONBody[Signed], auth: NamedDependency[SessionAuthenticator]) -> Response[LoggedIn]:
    """With the answer to a question."""
    visitor = replace(visitor_of(request), browser=data.browser)
    old = auth.session(request) if data.browser else None
    return logged_in(request, auth, auth.logins.keys.log_in(data.answer(), visitor, old))


@post("/login/step-up/question", operation_id="login.step_up_question", status_code=200, sync_to_thread=True)
def step_up_question(request: AnyRequest, auth: NamedDependency[SessionAuthenticator]) -> Response[Question]:
    """Of the session that asks."""
    return asked(auth, auth.logins.keys.ask(visitor_of(request), auth.needed(request)))


@post("/login/step-up", operation_id="login.step_up", status_code=200, sync_to_thread=True)
def step_up(
    request: AnyRequest, data: JSONBody[Signed], auth: NamedDependency[SessionAuthenticator]
) -> Response[LoggedIn]:
    """The session gets a new secret."""
    session = auth.needed(request)
    visitor = replace(visitor_of(request), browser=session.browser)
    return logged_in(request, auth, auth.logins.keys.step_up(data.answer(), session, visitor))


@post("/login/password", operation_id="login.password", status_code=200, sync_to_thread=True)
def password(
    request: AnyRequest, data: JSONBody[Password], auth: NamedDependency[SessionAuthenticator]
) -> Response[LoggedIn]:
    """Of somebody who has no key."""
    begun = auth.logins.passwords.log_in(data.person, data.password, visitor_of(request), auth.session(request))
    return logged_in(request, auth, begun)


@post("/login/workload", operation_id="login.workload", status_code=200, sync_to_thread=True)
def workload(
    request: AnyRequest, data: JSONBody[Workload], auth: NamedDependency[SessionAuthenticator]
) -> Response[Exchanged]:
    """A job of another system: its JWT for a token."""
    token, secret = auth.logins.workloads.exchange(data.jwt, visitor_of(request))
    return Response(Exchanged(secret, token.expires_at), headers=NO_STORE)


@post("/login/device", operation_id="login.device", status_code=200, sync_to_thread=True)
def device(
    request: AnyRequest, data: JSONBody[AskDevice], auth: NamedDependency[SessionAuthenticator]
) -> Response[Device]:
    """Asks that somebody lets a command line in, in a browser."""
    waits = auth.logins.devices.begin(data.host, visitor_of(request))
    there = f"{auth.logins.ground.origin}/login/device"
    return Response(Device(waits.secret, waits.code, there, LIFE_S, INTERVAL_S), headers=NO_STORE)


@post("/login/device/token", operation_id="login.device_token", status_code=200, sync_to_thread=True)
def device_token(
    request: AnyRequest, data: JSONBody[AskedDevice], auth: NamedDependency[SessionAuthenticator]
) -> Response[PolledDevice]:
    """Asks whether somebody has."""
    state, begun = auth.logins.devices.poll(data.device_code, replace(visitor_of(request), browser=False))
    told = PolledDevice(state, begun.session.person, begun.secret) if begun else PolledDevice(state)
    return Response(told, headers=NO_STORE)


@post("/logout", operation_id="login.logout", status_code=204, sync_to_thread=True)
def logout(request: AnyRequest, auth: NamedDependency[SessionAuthenticator]) -> Response[None]:
    """And takes the cookie back, and what the browser keeps of pages."""
    session = auth.session(request)
    if session:
        auth.logins.sessions.end(session, visitor_of(request))
    headers = {**NO_STORE, "Clear-Site-Data": '"cache", "storage"'}
    return Response(None, status_code=204, cookies=auth.cookies.ended(), headers=headers)


def logged_in(request: AnyRequest, auth: SessionAuthenticator, begun: Begun) -> Response[LoggedIn]:
    """The secret goes into a cookie that scripts cannot read, or to a command line."""
    session = begun.session
    body = LoggedIn(
        person=session.person,
        session=session.id,
        way=session.way,
        second_factor=is_fresh(session.second_factor_at, auth.logins.ground.clock()),
        token="" if session.browser else begun.secret,
        keys=auth.logins.keys.count(session.person),
    )
    cookies = auth.cookies.session(request, begun.secret) if session.browser else []
    return Response(body, cookies=cookies, headers=NO_STORE)


def asked(auth: SessionAuthenticator, question: Asked) -> Response[Question]:
    """A question as the wire has it."""
    host = auth.logins.ground.host
    return Response(Question(question.state, question.challenge.plain(), host, question.handles), headers=NO_STORE)


HANDLERS = (probe, link, question, key, step_up_question, step_up, password, workload, device, device_token, logout)


def the_login(parts: NamedDependency[Parts]) -> SessionAuthenticator:
    """What these routes work on.

    Raises:
        UnreachableError: SLW902, the server has no logins.
    """
    if not isinstance(parts.authenticator, SessionAuthenticator):
        raise UnreachableError("SLW902", "this server has no logins")
    return parts.authenticator


def routes() -> Router:
    """Under /api/v1, beside what is asked of the engine: no idempotency keys, each of these counts once anyway."""
    dependencies = {"auth": Provide(the_login, sync_to_thread=False)}
    return Router("/api/v1", route_handlers=[*HANDLERS, *me.HANDLERS], dependencies=dependencies)
