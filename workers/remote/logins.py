"""Logs in at a server with a key on this machine: what is signed names the server, so that no other can use it."""

from __future__ import annotations

import base64
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.access.device import Polled
from domain.access.link_code import key_seed_of, login_of
from domain.access.login import Challenge, Purpose, challenge_of
from domain.authority.registrations import Registration, Topic
from domain.core.errors import RefusedError, UnreachableError
from workers.client.ports.keys import new_key
from workers.remote import statements
from workers.remote.connection import Connection
from workers.remote.signing import public_line, sign

LONGEST_S = 900
"""Until a question ends."""
MOST_INTERVAL, SLOWER_S = 60, 5


@dataclass(frozen=True)
class Question:
    """What a server asks to sign."""

    state: str
    challenge: dict[str, str | int]


@dataclass(frozen=True)
class Statement:
    """What a server asks to sign: a statement about a key or a person, as its client has proposed it."""

    state: str
    statement: dict[str, Any]


@dataclass(frozen=True)
class LoggedIn:
    """What a login gives to a command line."""

    person: str
    token: str


async def log_in_by_link(server: Connection, code: str) -> LoggedIn:
    """A session of whom a one-time link is for; the link counts once.

    Raises:
        RefusedError: SLW420, it is no code of a link.
    """
    try:
        half = login_of(code)
    except ValueError as damaged:
        raise RefusedError("SLW420", "this login is not accepted", why=str(damaged)) from damaged
    return await server.post("/login/link", LoggedIn, {"login": half, "browser": False})


async def register(server: Connection, person: str, key: Ed25519PrivateKey, label: str, code: str) -> None:
    """Registers the first key of a person: signed by the half of their link's code that no server gets.

    Raises:
        SluicewayError: SLW478, the server asks to sign something else.
    """
    body = {"kind": "ed25519", "public": public_line(key), "label": label}
    asked = await server.post("/me/keys/file", Statement, body)
    wanted = {"kind": "ed25519", "public": base64.b64encode(key.public_key().public_bytes_raw()).decode()}
    said = statements.looked_at(asked.statement, Topic.KEY, person, wanted)
    await prove(server, asked, Ed25519PrivateKey.from_private_bytes(key_seed_of(code)), said)


async def prove(server: Connection, asked: Statement, key: Ed25519PrivateKey, said: Registration) -> None:
    """Hands in the signature of a statement that was looked at."""
    body = {"state": asked.state, "signature": sign(key, said.text())}
    await server.ask("POST", "/me/keys", body=body, key=new_key())


async def log_in(server: Connection, origin: str, person: str, key: Ed25519PrivateKey) -> LoggedIn:
    """A session of a command line.

    Raises:
        SluicewayError: SLW478, the question is for another server or another purpose; what the server says.
    """
    question = await server.post("/login/question", Question, {})
    return await _answered(server, "/login/key", question, Purpose.LOGIN, origin, person, key)


async def step_up(server: Connection, origin: str, person: str, key: Ed25519PrivateKey) -> LoggedIn:
    """A second factor for the session, which gets another secret. Raises as `log_in`."""
    question = await server.post("/login/step-up/question", Question, {})
    return await _answered(server, "/login/step-up", question, Purpose.STEP_UP, origin, person, key)


@dataclass(frozen=True)
class Device:
    """How a browser elsewhere lets this command line in."""

    device_code: str
    user_code: str
    verification_uri: str
    expires_in: int
    interval: int


@dataclass(frozen=True)
class PolledDevice:
    """What the server says while it waits."""

    state: Polled
    person: str = ""
    token: str = ""


async def ask_device(server: Connection, origin: str, host: str) -> Device:
    """Begins a login by a browser elsewhere.

    Raises:
        SluicewayError: SLW478, the server names another place than its own page.
    """
    found = await server.post("/login/device", Device, {"host": host})
    if found.verification_uri != f"{origin}/login/device":
        raise statements.not_ours("it sends its person to another place")
    return found


async def let_in(server: Connection, device: Device, pause: Callable[[float], Awaitable[None]]) -> LoggedIn:
    """Waits until somebody has decided (RFC 8628, section 3.5). `pause` waits for so many seconds.

    Raises:
        SluicewayError: SLW420, it was refused, or nobody has decided in time.
    """
    interval, waited = float(min(max(device.interval, 1), MOST_INTERVAL)), 0.0
    while waited < min(device.expires_in, LONGEST_S):
        await pause(interval)
        waited += interval
        try:
            told = await server.post("/login/device/token", PolledDevice, {"device_code": device.device_code})
        except UnreachableError:  # it may be back before the next time
            interval += SLOWER_S
            continue
        if told.state is Polled.ALLOWED:
            return LoggedIn(told.person, told.token)
        interval += SLOWER_S if told.state is Polled.SLOWER else 0
    raise RefusedError("SLW420", "this login is not accepted", why="nobody has let it in in time")


async def log_out(server: Connection) -> None:
    """Ends the session."""
    await server.ask("POST", "/logout", body={}, key="logout")


async def _answered(
    server: Connection,
    path: str,
    question: Question,
    purpose: Purpose,
    origin: str,
    person: str,
    key: Ed25519PrivateKey,
) -> LoggedIn:
    text = _looked_at(question, purpose, origin).text()
    body = {"state": question.state, "signature": sign(key, text), "person": person, "browser": False}
    return await server.post(path, LoggedIn, body)


def _looked_at(question: Question, purpose: Purpose, origin: str) -> Challenge:
    try:
        challenge = challenge_of(dict(question.challenge))
    except ValueError as wrong:
        raise statements.not_ours(str(wrong)) from wrong
    if challenge.plain() != question.challenge:
        raise statements.not_ours("it says more than a question does")
    if challenge.origin != origin:
        raise statements.not_ours(f"it is asked for {challenge.origin}, not for {origin}")
    if challenge.purpose is not purpose:
        raise statements.not_ours(f"it is for {challenge.purpose}, not for {purpose}")
    if challenge.expires_at > time.time() + LONGEST_S:
        raise statements.not_ours("it holds for too long")
    return challenge
