"""Which server a command asks, as whom, and the second factor that it may need on the way."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from domain.core.errors import SluicewayError
from workers.cli.placed import has_engine, said
from workers.client.ports.pages import MOST, Page, PageOf
from workers.remote.origin import origin_of

if TYPE_CHECKING:
    from workers.client.ports.client import Client
    from workers.remote.connection import Connection
    from workers.remote.credentials import Login
    from workers.remote.made import Me
    from workers.remote.vouching import Vouching

T = TypeVar("T")
TOKEN = "SLUICEWAY_TOKEN"


def named() -> str:
    """The server that a command is told to ask; empty: the engine of this home.

    `--server`, then SLUICEWAY_SERVER; where there is no engine, the one of the last login.
    """
    given = said(click.get_current_context(silent=True))
    if given:
        return origin_of(given)
    if has_engine():
        return ""
    from workers.remote import credentials

    return credentials.load().last


def is_near() -> bool:
    """Whether the engine of this home is asked, as its owner."""
    return has_engine() and not named()


def server_of() -> tuple[str, Login]:
    """The server that is asked, and as whom.

    Raises:
        SluicewayError: SLW476, no server is named, or nobody is logged in to it.
    """
    from workers.remote import credentials
    from workers.remote.credentials import Login

    origin = named()
    if not origin:
        raise SluicewayError("SLW476", "no server is named", fix="sluiceway login URL, or --server URL")
    token = os.environ.get(TOKEN, "")
    known = Login(token=token) if token else credentials.load().servers.get(origin)
    if known is None:
        raise SluicewayError("SLW476", f"nobody is logged in to {origin}", fix=f"sluiceway login {origin}")
    return origin, known


def home_of(origin: str, login: Login) -> str:
    """The installation whose signer a login's key signs for: as the server said when it was made."""
    return login.home or asyncio.run(who(origin, login.token)).home


def ask(call: Callable[[Client], Awaitable[T]]) -> T:
    """Asks the server that is chosen, or the engine of this home as its owner.

    Raises:
        SluicewayError: what the server or the engine says; as `server_of`.
    """
    if is_near():
        return to_engine(_near(call))
    from workers.remote.client import client_of

    origin, login = server_of()
    return asyncio.run(_asked(origin, login, lambda server: call(client_of(server))))


def vouch(call: Callable[[Vouching], Awaitable[T]]) -> T:
    """Signs with the key of the login at the server that is chosen.

    Raises:
        SluicewayError: SLW476, nobody is logged in there with a key; what the server says; as `server_of`.
    """
    from workers.remote.signing import load_key
    from workers.remote.vouching import Vouching

    origin, login = server_of()
    if not login.key:
        why = "a token signs nothing, and neither does a login that a browser has allowed"
        raise SluicewayError(
            "SLW476", f"nobody is logged in to {origin} with a key", why=why, fix=f"sluiceway login {origin}"
        )
    key, person = load_key(Path(login.key)), login.who.removeprefix("person:")
    return asyncio.run(_asked(origin, login, lambda server: call(Vouching(server, origin, person, key))))


def to_engine(call: Coroutine[Any, Any, T]) -> T:
    """Runs what asks the engine.

    Raises:
        SluicewayError: SLW916, a text of the command line cannot be sent; or what the engine says.
    """
    try:
        return asyncio.run(call)
    except Exception as failed:
        if getattr(failed, "type", "") != "SLW916":
            raise
        why = "a text on the command line is not UTF-8, or holds half of a surrogate pair"
        raise SluicewayError("SLW916", "the request cannot be written as JSON", why=why) from failed


async def _near(call: Callable[[Client], Awaitable[T]]) -> T:
    """In this process, and only for the owner of the home."""
    from workers.client.for_owner import owner_client
    from workers.core.settings import current
    from workers.worker.client_wiring import command_parts

    return await call(owner_client(command_parts(current())))


async def _asked(origin: str, login: Login, call: Callable[[Connection], Awaitable[T]]) -> T:
    from workers.remote.client import http_of
    from workers.remote.connection import Connection

    try:
        async with http_of(origin, login.token) as http:
            return await call(Connection(http))
    except SluicewayError as refused:
        if refused.code != "SLW411" or not login.key:
            raise
    return await _asked(origin, replace(await confirmed(origin, login), key=""), call)


async def confirmed(origin: str, login: Login) -> Login:
    """Signs with the person's key that it is still them; the session has another secret then, which is kept."""
    from workers.remote import credentials
    from workers.remote.client import http_of
    from workers.remote.connection import Connection
    from workers.remote.logins import step_up
    from workers.remote.signing import load_key

    key = load_key(Path(login.key))
    async with http_of(origin, login.token) as http:
        given = await step_up(Connection(http), origin, login.who.removeprefix("person:"), key)
    renewed = replace(login, token=given.token or login.token)
    credentials.save(replace(credentials.load().with_login(origin, renewed)))
    return renewed


async def who(origin: str, token: str) -> Me:
    """Whom the server takes a token for, and which installation it is."""
    from workers.remote.client import http_of, me
    from workers.remote.connection import Connection

    async with http_of(origin, token) as http:
        return await me(Connection(http))


def pages(limit: int, part_of: Callable[[Client, PageOf], Awaitable[Page[T]]]) -> list[T]:
    """The first rows of a list, in as many pages as they need."""
    return ask(lambda client: rows_of(limit, lambda page: part_of(client, page)))


async def rows_of(limit: int, part_of: Callable[[PageOf], Awaitable[Page[T]]]) -> list[T]:
    """The same of a client that is asked already. A page may be empty, and more follow: few of its rows can be read."""
    found: list[T] = []
    page = PageOf(limit=min(limit, MOST))
    while len(found) < limit:
        part = await part_of(page)
        found += part.items
        if not part.next:
            break
        page = PageOf(part.next, min(limit - len(found), MOST))
    return found[:limit]
