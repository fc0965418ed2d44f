"""The table of answers: what is asked twice with the same key is done once, and answered twice.

The API's Idempotency-Key. A key is a caller's own, and of one method and path. While the first request is under way, a
second one is told to wait; afterwards it gets the same answer, and another body under that key is refused. An answer
may hold a secret that is told once (a new token): it is encrypted by the key, of which the table has only a digest.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Double, Index, Integer, LargeBinary, Table, Text, bindparam, delete, select, update

from activities.storage.database import METADATA, Database
from domain.core.errors import RefusedError

ANSWERS = Table(
    "answers",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("status", Integer, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("answers_by_age", "at"),
)
KEPT_S = 86_400.0
UNDER_WAY_S = 10.0
"""After that, a request whose server was killed is made again: its effects have their ids from the key, so twice is
once.
"""
NONCE = 12
MOST_BYTES = 256 * 1024
"""Of an answer that is kept; a larger one is made again."""
_ONE = select(ANSWERS).where(ANSWERS.c.key == bindparam("which"))
_OLD = delete(ANSWERS).where(ANSWERS.c.at < bindparam("before"))
_DROP = delete(ANSWERS).where(ANSWERS.c.key == bindparam("which"), ANSWERS.c.status == 0)
_TAKE = (
    update(ANSWERS)
    .where(ANSWERS.c.key == bindparam("which"), ANSWERS.c.status == 0, ANSWERS.c.at == bindparam("seen"))
    .values(at=bindparam("now"))
)
_END = (
    update(ANSWERS)
    .where(ANSWERS.c.key == bindparam("which"))
    .values(status=bindparam("code"), media_type=bindparam("kind"), body=bindparam("said"))
)


@dataclass(frozen=True)
class Kept:
    """An answer as it was."""

    status: int
    media_type: str
    body: bytes


class AnswerStore:
    """One row for each key, for a day."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock
        self._begin = database.insert(ANSWERS).on_conflict_do_nothing(index_elements=["key"]).returning(ANSWERS.c.key)

    def begin(self, principal: str, key: str, method: str, path: str, body: bytes) -> Kept | None:
        """Before the work. None: do it, then `end` it.

        Raises:
            RefusedError: SLW456, the key was another request's; SLW457, the first one is still under way.
        """
        name, request, now = _name(principal, key), _digest(method, path, body), self._clock()
        row = {"key": name, "request": request, "at": now, "status": 0, "media_type": "", "body": b""}
        with self._database.write() as connection:
            if connection.execute(self._begin, row).first():
                connection.execute(_OLD, {"before": now - KEPT_S})
                return None
            known = connection.execute(_ONE, {"which": name}).mappings().first()
            if known is None:  # it was refused, and so forgotten, between these two looks
                raise _under_way()
            if known["request"] != request:
                raise RefusedError("SLW456", "this Idempotency-Key was another request's")
            if known["status"]:
                return Kept(known["status"], known["media_type"], _opened(principal, key, bytes(known["body"])))
            if now - known["at"] < UNDER_WAY_S:
                raise _under_way()
            if connection.execute(_TAKE, {"which": name, "seen": known["at"], "now": now}).rowcount != 1:
                raise _under_way()  # another retry has taken it
        return None

    def end(self, principal: str, key: str, answer: Kept) -> None:
        """After the work. What was refused or failed is forgotten: it may go better next time."""
        name = _name(principal, key)
        if not 200 <= answer.status < 400 or len(answer.body) > MOST_BYTES:
            self._database.execute(_DROP, {"which": name})
            return
        values: dict[str, str | int] = {"which": name, "code": answer.status, "kind": answer.media_type}
        self._database.execute(_END, {**values, "said": _sealed(principal, key, answer.body)})


def _under_way() -> RefusedError:
    return RefusedError("SLW457", "the first request with this Idempotency-Key is still under way", transient=True)


def _name(principal: str, key: str) -> str:
    return hashlib.sha256(f"{principal}\0{key}".encode()).hexdigest()


def _cipher(principal: str, key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(f"answer\0{principal}\0{key}".encode()).digest())


def _sealed(principal: str, key: str, body: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + _cipher(principal, key).encrypt(nonce, body, None)


def _opened(principal: str, key: str, body: bytes) -> bytes:
    return _cipher(principal, key).decrypt(body[:NONCE], body[NONCE:], None)


def _digest(method: str, path: str, body: bytes) -> str:
    return hashlib.sha256(f"{method}\0{path}\0".encode() + body).hexdigest()
