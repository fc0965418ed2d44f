"""The pages of logins: beside the routes that they ask, since they are about the session itself."""

from __future__ import annotations

import asyncio
from functools import partial

from litestar import Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath
from litestar.response import Redirect

from domain.access.person import CredentialKind
from domain.access.principal import Caller
from domain.access.session import is_fresh
from workers.api.auth import SessionAuthenticator, visitor_of
from workers.api.routes.login import the_login
from workers.client.logins.providers import MOST_CODE, Answered
from workers.client.ports.access import KeyRow, SessionRow
from workers.console import links
from workers.console.pages.forms import Form, text
from workers.console.pages.lists import asked
from workers.console.rendering import Ask, page

NO_STORE = {"Cache-Control": "no-store"}


@get("/login", include_in_schema=False, sync_to_thread=True)
def login(request: Ask, auth: NamedDependency[SessionAuthenticator]) -> Response[str]:
    """Every way that there is here."""
    return _shown(request, auth, "login/login.html.j2")


@get("/login/link", include_in_schema=False, sync_to_thread=True)
def link(request: Ask, auth: NamedDependency[SessionAuthenticator]) -> Response[str]:
    """A one-time link. What stands behind its # stays in the browser."""
    return _shown(request, auth, "login/link.html.j2")


@get("/login/step-up", include_in_schema=False)
async def step_up(
    request: Ask, auth: NamedDependency[SessionAuthenticator], caller: NamedDependency[Caller]
) -> Response[str]:
    """The second factor."""
    return await asyncio.to_thread(_shown, request, auth, "login/step_up.html.j2")


@get("/login/device", include_in_schema=False)
async def device(
    request: Ask, auth: NamedDependency[SessionAuthenticator], caller: NamedDependency[Caller]
) -> Response[str] | Redirect:
    """Where a person types the code of a command line that waits. It asks for a second factor first."""
    session = await asyncio.to_thread(auth.needed, request)
    if not is_fresh(session.second_factor_at, auth.logins.ground.clock()):
        return Redirect("/login/step-up?next=/login/device", status_code=303)
    return page(request, "login/device.html.j2", asking=None, code="", done=asked(request, "done"), yours="")


@post("/login/device", include_in_schema=False, status_code=200)
async def decide_device(
    request: Ask, data: Form, auth: NamedDependency[SessionAuthenticator], caller: NamedDependency[Caller]
) -> Response[str] | Redirect:
    """Shows who asks; then lets it in, or refuses it."""
    code, step = text(data, "code", 20), text(data, "step", 10)
    visitor, devices = visitor_of(request), auth.logins.devices
    session = await asyncio.to_thread(auth.needed, request)
    if step in ("allow", "refuse"):
        await asyncio.to_thread(partial(devices.decide, code, session, visitor, allow=step == "allow"))
        return Redirect(f"/login/device?done={step}", status_code=303)
    asking = await asyncio.to_thread(devices.look, code, session, visitor)
    return page(request, "login/device.html.j2", asking=asking, code=code, done="", yours=visitor.address)


@get("/login/oidc/{name:str}", include_in_schema=False, sync_to_thread=True)
def provider(request: Ask, name: FromPath[str], auth: NamedDependency[SessionAuthenticator]) -> Redirect:
    """To an identity provider; `fresh`: for a second factor."""
    browser, cookies = auth.cookies.browser(request)
    session = auth.needed(request) if asked(request, "fresh") else None
    onward = links.inside(asked(request, "next", longest=2_000))
    there = auth.logins.providers.there(name, browser, onward, visitor_of(request), session)
    return Redirect(there, status_code=303, cookies=cookies, headers=NO_STORE)


@get("/login/oidc/{name:str}/callback", include_in_schema=False, sync_to_thread=True)
def returned(request: Ask, name: FromPath[str], auth: NamedDependency[SessionAuthenticator]) -> Redirect:
    """Back from it: a navigation of another site, so only the state and this browser's cookie count."""
    said = Answered(
        state=asked(request, "state"),
        code=asked(request, "code", longest=MOST_CODE + 1),
        issuer=asked(request, "iss", longest=2_000) if "iss" in request.query_params else None,
        error=asked(request, "error"),
    )
    browser, old = auth.cookies.known_browser(request), auth.session(request)
    begun, onward = auth.logins.providers.returned(name, browser, said, visitor_of(request), old)
    cookies = auth.cookies.session(request, begun.secret)
    return Redirect(links.inside(onward), status_code=303, cookies=cookies, headers=NO_STORE)


@post("/login/oidc/{name:str}/backchannel", include_in_schema=False, status_code=200, sync_to_thread=True)
def backchannel(
    request: Ask, name: FromPath[str], data: Form, auth: NamedDependency[SessionAuthenticator]
) -> Response[None]:
    """The provider itself says that a login there is over (OpenID Connect Back-Channel Logout 1.0)."""
    auth.logins.providers.logged_out(name, text(data, "logout_token", 100_000), visitor_of(request))
    return Response(None, status_code=200, headers=NO_STORE)


@get("/me", include_in_schema=False)
async def me(
    request: Ask, auth: NamedDependency[SessionAuthenticator], caller: NamedDependency[Caller]
) -> Response[str]:
    """One's own keys and logins."""
    keys, sessions = await asyncio.to_thread(_own, auth, caller)
    return page(request, "me/me.html.j2", person=caller.principal, keys=keys, sessions=sessions)


@post("/me/logout", include_in_schema=False, status_code=303, sync_to_thread=True)
def logout(request: Ask, auth: NamedDependency[SessionAuthenticator]) -> Redirect:
    """Ends the session, on the server too."""
    if session := auth.session(request):
        auth.logins.sessions.end(session, visitor_of(request))
    return Redirect("/login", status_code=303, cookies=auth.cookies.ended())


@post("/me/sessions/{id_:str}/end", include_in_schema=False, status_code=303, sync_to_thread=True)
def end_session(request: Ask, id_: FromPath[str], auth: NamedDependency[SessionAuthenticator]) -> Redirect:
    """Another login of the same person."""
    own = auth.needed(request)
    for one in auth.logins.ground.records.sessions.of(own.person):
        if one.id == id_:
            auth.logins.sessions.end(one, visitor_of(request))
    return Redirect("/me#sessions", status_code=303)


def _shown(request: Ask, auth: SessionAuthenticator, template: str) -> Response[str]:
    onward = links.inside(asked(request, "next", longest=2_000))
    at = partial(links.again, query={}, next=onward)
    providers = tuple(auth.logins.providers.store.all())
    passwords = auth.logins.ground.records.credentials.has_any(CredentialKind.PASSWORD)
    shown = page(request, template, public=True, next=onward, providers=providers, passwords=passwords, again_at=at)
    shown.cookies.append(auth.cookies.probe())
    return shown


def _own(auth: SessionAuthenticator, caller: Caller) -> tuple[list[KeyRow], list[SessionRow]]:
    name, ground = caller.principal.name, auth.logins.ground
    known = ground.registry.person(name)
    used = {one.value: one for one in ground.records.credentials.of(name)}
    keys = [
        KeyRow(
            id=key.fingerprint,
            kind=key.kind.value,
            label=key.label,
            fingerprint=key.fingerprint,
            confirmed=known is not None and key.fingerprint in known.confirmed,
            last_used_at=used[key.public].last_used_at if key.public in used else 0,
        )
        for key in (known.keys if known else ())
    ]
    sessions = [
        SessionRow(
            id=one.id,
            person=name,
            address=one.address,
            agent=one.agent,
            began_at=one.began_at,
            seen_at=one.seen_at,
            current=one.id == caller.session,
        )
        for one in ground.records.sessions.of(name)
    ]
    return keys, sessions


HANDLERS = (login, link, step_up, device, decide_device, provider, returned, backchannel, me, logout, end_session)


def routes() -> Router:
    """Errors of pages are pages."""
    dependencies = {"auth": Provide(the_login, sync_to_thread=False)}
    return Router("/", route_handlers=HANDLERS, dependencies=dependencies)
