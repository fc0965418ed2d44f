"""The table of answers: what is asked twice with the same key is done once, and answered twice.

The API's Idempotency-Key. A key is a caller's own, and of one method and path. While the first request is under way, a
second one is told to wait, however long that takes: the server that works on it says so every few seconds. Afterwards
it gets the same answer, and another body under that key is refused. A server that ends in the middle says nothing any
more, and a retry takes its turn. What it changed in the records is marked in the transaction of that change
(`mark`), so a retry that comes after it is told so instead of doing it twice; what it changed in the engine has its id
from the key.

An answer may hold a secret that is told once (a new token): it is encrypted by the key, of which the table has only a
digest.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    Column,
    Connection,
    Double,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)

from activities.storage.database import METADATA, Database
from domain.core.errors import RefusedError

ANSWERS = Table(
    "answers",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("holder", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("answers_by_age", "at"),
)
_C = ANSWERS.c
KEPT_S = 86_400.0
SILENT_S = 15.0
"""After that without a word of its server, a request counts as broken off."""
TOUCH_S = 3.0
"""How often a server says that it works on a request."""
NONCE = 12
MOST_BYTES = 256 * 1024
"""Of an answer that is kept; a larger one is made again."""
UNDER_WAY, CHANGED = 0, 1
"""In place of a status: nothing is changed yet; something is, and the answer is not known yet."""
_ONE = select(ANSWERS).where(_C.key == bindparam("which"))
_OLD = delete(ANSWERS).where(_C.at < bindparam("before"))
_MINE = (_C.key == bindparam("which"), _C.holder == bindparam("who"), _C.status <= CHANGED)
_DROP = delete(ANSWERS).where(*_MINE, _C.status == UNDER_WAY)
_TOUCH = update(ANSWERS).where(*_MINE).values(at=bindparam("now"))
_MARK = update(ANSWERS).where(*_MINE).values(status=CHANGED)
_TAKE = (
    update(ANSWERS)
    .where(_C.key == bindparam("which"), _C.status == UNDER_WAY, _C.at == bindparam("seen"))
    .values(at=bindparam("now"), holder=bindparam("who"))
)
_END = (
    update(ANSWERS)
    .where(*_MINE)
    .values(
        status=bindparam("code"),
        media_type=bindparam("kind"),
        body=bindparam("said"),
    )
)


@dataclass(frozen=True)
class Kept:
    """An answer as it was."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    """Those that say more than the kind of the body: where a browser looks next, and its cookies."""


@dataclass(frozen=True)
class Turn:
    """A request that is to be done now, by whoever got this."""

    principal: str
    key: str
    holder: str

    @property
    def name(self) -> str:
        """Of its row."""
        return _name(self.principal, self.key)


TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)
"""Of the request that this task or thread works on."""


def mark(connection: Connection) -> None:
    """In the transaction of a change: the request that asked for it has changed something. Without one: nothing.

    Raises:
        RefusedError: SLW457, another server has taken its turn meanwhile.
    """
    turn = TURN.get()
    if turn and connection.execute(_MARK, {"which": turn.name, "who": turn.holder}).rowcount != 1:
        raise _under_way()


class AnswerStore:
    """One row for each key, for a day."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._begin = database.insert(ANSWERS).on_conflict_do_nothing(index_elements=["key"]).returning(_C.key)

    def begin(self, principal: str, key: str, method: str, path: str, body: bytes) -> Kept | Turn:
        """Before the work. A turn: do it, `touch` it while that lasts, then `end` it.

        Raises:
            RefusedError: SLW456, the key was another request's; SLW457, the first one is still under way; SLW460, it
                was done, and its answer is lost.
        """
        turn, request, now = Turn(principal, key, secrets.token_hex(8)), _digest(method, path, body), self._clock()
        with self._database.read() as reading:
            known = reading.execute(_ONE, {"which": turn.name}).mappings().first()
        if known is None:
            return self._first(turn, request, now)
        if known["request"] != request:
            raise RefusedError("SLW456", "this Idempotency-Key was another request's")
        if known["status"] > CHANGED:
            return _kept(turn, known)
        if now - known["at"] < SILENT_S:
            raise _under_way()
        if known["status"] == CHANGED:
            raise RefusedError("SLW460", "this was done, and its answer is lost")
        with self._database.write() as connection:
            values = {"which": turn.name, "seen": known["at"], "now": now, "who": turn.holder}
            if connection.execute(_TAKE, values).rowcount != 1:
                raise _under_way()  # another retry has taken it
        return turn

    def _first(self, turn: Turn, request: str, now: float) -> Turn:
        empty = {"status": UNDER_WAY, "media_type": "", "body": b""}
        row = {"key": turn.name, "request": request, "at": now, "holder": turn.holder, **empty}
        with self._database.write() as connection:
            if not connection.execute(self._begin, row).first():
                raise _under_way()  # it came between the look and this
            connection.execute(_OLD, {"before": now - KEPT_S})
        return turn

    def touch(self, turn: Turn) -> None:
        """While the work lasts, every `TOUCH_S`."""
        self._database.execute(_TOUCH, {"which": turn.name, "who": turn.holder, "now": self._clock()})

    def end(self, turn: Turn, answer: Kept) -> None:
        """After the work. What was refused or failed, and changed nothing, is forgotten: it may go better next time."""
        mine: dict[str, str | int | bytes] = {"which": turn.name, "who": turn.holder}
        if not 200 <= answer.status < 400 or len(answer.body) > MOST_BYTES:
            self._database.execute(_DROP, mine)
            return
        told = json.dumps(answer.headers).encode() + b"\n" + answer.body
        said = _cipher(turn).encrypt(nonce := os.urandom(NONCE), told, None)
        mine |= {"code": answer.status, "kind": answer.media_type, "said": nonce + said}
        self._database.execute(_END, mine)


def _kept(turn: Turn, row: RowMapping) -> Kept:
    said = bytes(row["body"])
    headers, _, body = _cipher(turn).decrypt(said[:NONCE], said[NONCE:], None).partition(b"\n")
    return Kept(row["status"], row["media_type"], body, tuple((name, value) for name, value in json.loads(headers)))


def _under_way() -> RefusedError:
    return RefusedError("SLW457", "the first request with this Idempotency-Key is still under way", transient=True)


def _name(principal: str, key: str) -> str:
    return hashlib.sha256(f"{principal}\0{key}".encode()).hexdigest()


def _cipher(turn: Turn) -> AESGCM:
    return AESGCM(hashlib.sha256(f"answer\0{turn.principal}\0{turn.key}".encode()).digest())


def _digest(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(f"{method}\0{path}\0".encode() + body).hexdigest()
