"""login, logout, whoami: who one is at a server."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
import sys
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import click

from domain.core.errors import RefusedError, SluicewayError
from workers.cli.session import named, server_of, who
from workers.cli.shown import as_json, print_json
from workers.remote import credentials
from workers.remote.client import http_of
from workers.remote.connection import Connection
from workers.remote.credentials import Login
from workers.remote.origin import origin_of
from workers.views.output import out

MOST_TOKEN = 4096
MACHINE = "slw_"
"""Begins a machine token (activities/access/secret_values.py)."""


@click.command()
@click.argument("url")
@click.option("--as", "person", default="", help="Who you are there.  [default: your login]")
@click.option("--key", type=click.Path(path_type=Path), help="Your ed25519 key.  [default: keys/NAME.key]")
@click.option("--token-file", type=click.File("r"), help="A machine token in a file; `-`: standard input.")
def login(url: str, person: str, key: Path | None, token_file: IO[str] | None) -> None:
    """Log in to the server at URL, with a key of yours or with a token; later commands find it by --server URL.

    Where there is no key, a browser that is logged in lets this command line in: it shows a code to type there. It then
    may what you may, but nothing dangerous, and it signs nothing.

    The key signs a text that names the server, here: neither the key nor a password crosses the network. A one-time
    link as URL registers a key of yours: --key, or a new one.
    """
    origin = origin_of(url)
    if token_file is not None:
        made = Login(token=_token(token_file.read(MOST_TOKEN)))
    elif code := urlsplit(url).fragment:
        made = asyncio.run(_by_link(origin, code, key))
    else:
        file = (key or _keys() / f"{person or getpass.getuser()}.key").absolute()
        by_key = key is not None or person or file.exists()
        made = asyncio.run(_by_key(origin, person or getpass.getuser(), file) if by_key else _by_browser(origin))
    found = asyncio.run(who(origin, made.token))
    made = Login(token=made.token, key=made.key, who=found.id, home=found.home)
    if made.who.startswith("anonymous:"):
        raise SluicewayError("SLW476", f"{origin} does not know this token")
    credentials.save(credentials.load().with_login(origin, made))
    out(f"logged in to {origin} as {made.who}")


def _token(text: str) -> str:
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise RefusedError("SLW476", "that is no token", fix="give a file with the token alone")
    return token


async def _by_browser(origin: str) -> Login:
    """Without a key: somebody types the code in a browser, where they see who asks."""
    from workers.remote.logins import ask_device, let_in

    async with http_of(origin) as http:
        device = await ask_device(Connection(http), origin, socket.gethostname())
        out(f"open {device.verification_uri} where you are logged in, and type {device.user_code}")
        out("tell the code to nobody: whoever types it lets this terminal act in their name", err=True)
        given = await let_in(Connection(http), device, asyncio.sleep)
    return Login(token=given.token)


async def _by_key(origin: str, person: str, file: Path) -> Login:
    from workers.remote.logins import log_in
    from workers.remote.signing import load_key

    loaded = load_key(file, _passphrase(file))
    async with http_of(origin) as http:
        given = await log_in(Connection(http), origin, person, loaded)
    return Login(token=given.token, key=str(file))


async def _by_link(origin: str, code: str, key: Path | None) -> Login:
    """Uses a one-time link, and registers a key at once: the link counts only this time."""
    from workers.remote.logins import log_in, log_in_by_link, register
    from workers.remote.signing import load_key, made_key

    given = load_key(key, _passphrase(key)) if key else None
    async with http_of(origin) as http:
        first = await log_in_by_link(Connection(http), code)
    file = (key or _keys() / f"{first.person}.key").absolute()
    loaded = given or made_key(file)
    async with http_of(origin, first.token) as http:
        await register(Connection(http), first.person, loaded, socket.gethostname(), code)
    out(f"{first.person} signs with {file} from now on")
    async with http_of(origin) as http:
        again = await log_in(Connection(http), origin, first.person, loaded)
    return Login(token=again.token, key=str(file))


def _keys() -> Path:
    """Where the keys of a person are, as for the engine's own commands."""
    return Path(os.environ.get("SLUICEWAY_KEYS") or credentials.folder() / "keys")


def _passphrase(file: Path) -> bytes | None:
    """Asks for it where the key has one and somebody is there."""
    try:
        text = file.read_bytes()
    except OSError:
        return None  # whoever loads it says so
    locked = b"ENCRYPTED" in text or (b"OPENSSH" in text and b"bcrypt" in _decoded(text))
    return getpass.getpass(f"passphrase of {file}: ").encode() if locked and sys.stdin.isatty() else None


def _decoded(text: bytes) -> bytes:
    import base64

    body = b"".join(line for line in text.splitlines() if not line.startswith(b"-----"))
    try:
        return base64.b64decode(body)
    except ValueError:
        return b""


@click.command()
@click.argument("url", default="")
def logout(url: str) -> None:
    """End the login at a server, there and here."""
    from workers.remote.logins import log_out

    origin = origin_of(url) if url else named() or credentials.load().last
    known = credentials.load().servers.get(origin)
    if known is None:
        raise SluicewayError("SLW476", f"nobody is logged in to {origin or 'a server'}")

    async def ended() -> None:
        async with http_of(origin, known.token) as http:
            await log_out(Connection(http))

    credentials.save(credentials.load().without(origin))
    if not known.token.startswith(MACHINE):  # a session; a machine token stays what it is
        asyncio.run(ended())
    out(f"logged out of {origin}")


@click.command()
@as_json
def whoami(json_: bool) -> None:
    """Show the server that commands ask, and whom it takes you for."""
    origin, known = server_of()
    found = asyncio.run(who(origin, known.token)).id
    if json_:
        print_json({"principal": found, "server": origin})
    else:
        out(f"{found} at {origin}")
