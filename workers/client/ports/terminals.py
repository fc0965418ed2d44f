"""Commands of people in containers: asked for with a reason, opened by a ticket, recorded, listed, ended."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.pods.exec_session import ExecTarget
from workers.client.ports.pages import Page, PageOf

MOST_REASON = 500
EXITED = "the command has ended"
LEFT = "the connection was closed"


@dataclass(frozen=True, kw_only=True)
class ExecTicket:
    """Opens one session, once, within seconds, for who asked, from the same login and address."""

    id: str
    """Of the session."""
    secret: str
    """256 random bits; only their hash is kept."""
    expires_at: float


@dataclass(frozen=True, kw_only=True)
class ExecRow:
    """A session that has begun. Times are seconds since the epoch."""

    id: str
    person: str
    """Id of the principal whose rights were used."""
    principal: str
    """Who asked: the person, or a token of theirs."""
    cluster: str
    namespace: str
    pod: str
    container: str
    command: tuple[str, ...]
    tty: bool
    reason: str
    begun_at: float
    ended_at: float | None = None
    end_by: str = ""
    """Who has ended it; empty: nobody but itself."""
    why: str = ""
    """How it ended."""
    exit_code: int | None = None
    bytes_in: int = 0
    bytes_out: int = 0
    recording: str = ""
    """Digest of its asciicast; empty: there is none yet."""


@dataclass(frozen=True, kw_only=True)
class ExecEnd:
    """How a session ended."""

    why: str
    code: int | None = None
    """The command's exit code; None: nobody knows."""


class LiveSession(Protocol):
    """An open session. Whoever does not read makes the command wait."""

    @property
    def id(self) -> str:
        """Of the session."""
        ...

    async def read(self) -> tuple[int, bytes] | None:
        """Channel (1: output, 2: errors) and what was written; None: it has ended, and `ended` says how."""
        ...

    async def write(self, data: bytes) -> None:
        """To the command's input; waits where it comes too fast."""
        ...

    async def resize(self, columns: int, rows: int) -> None:
        """Of its terminal."""
        ...

    @property
    def ended(self) -> ExecEnd | None:
        """None: it is under way."""
        ...


class Terminals(Protocol):
    """Exec sessions."""

    async def ask(self, target: ExecTarget, reason: str, key: str = "") -> ExecTicket:
        """A ticket for a command in a container. Needs the right, a second factor of the last minutes, and a reason.

        Raises:
            RefusedError: SLW410, SLW411; SLW461, too many are open.
            DefinitionError: SLW463, it is no command in a container, or without a reason.
        """
        ...

    def open(self, ticket: str, columns: int, rows: int) -> AbstractAsyncContextManager[LiveSession]:
        """Runs the command. Rights are asked again, by the signer too, and every few seconds from then on.

        Raises:
            RefusedError: SLW465, the ticket opens nothing; SLW410 or SLW484, the right is gone.
            SluicewayError: SLW480, it cannot be recorded; SLW943, the cluster refuses or does not answer.
        """
        ...

    async def clusters(self) -> tuple[str, ...]:
        """Names of clusters in which the caller may ask for one."""
        ...

    async def list(self, page: PageOf, *, running: bool = False) -> Page[ExecRow]:
        """Newest first: one's own, and those in clusters that one may change; all for who reads the audit."""
        ...

    async def show(self, id_: str) -> ExecRow:
        """One of the list.

        Raises:
            SluicewayError: SLW464, there is none.
        """
        ...

    async def end(self, id_: str, reason: str, key: str = "") -> ExecRow:
        """Ends one within seconds, with the reason on its terminal. One's own, or where one may change the cluster.

        Raises:
            SluicewayError: SLW464, there is none; SLW462, it has ended already.
        """
        ...

    async def recording(self, id_: str) -> str:
        """Its asciicast (version 2), one's own or for who reads the audit. That it was read is recorded.

        Raises:
            SluicewayError: SLW464, there is no such session, or no recording of it (yet, or any more).
        """
        ...
