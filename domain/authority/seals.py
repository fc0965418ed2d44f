"""Seals on messages: a MAC by which the engine's processes know each other's words from a stranger's.

The orchestration server stands between our processes, and others may reach it. A seal fits one payload of one message
only: its kind, its name, the execution it belongs to, its place among the others and a nonce are all under the MAC
(HMAC-SHA256, RFC 2104). A payload that is copied elsewhere, sent again, or sent as another kind does not verify.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

CODE = "SLW001"
"""A message without a valid seal."""
WINDOW_MS = 600_000
"""How much older than the execution a message to it may be: as long as a busy server may take to hand it on."""
MAX_SEAL_BYTES = 2_000
_JSON = json.JSONEncoder(separators=(",", ":"))


class Kind(StrEnum):
    """What a payload is part of."""

    START = "start"
    CONTINUED = "continued"
    SCHEDULED = "scheduled"
    """The arguments of a schedule: the id of the execution that it starts ends with a time."""
    SIGNAL = "signal"
    UPDATE = "update"
    QUERY = "query"
    ACTIVITY = "activity"
    ACTIVITY_RESULT = "activity-result"
    NOTE = "note"
    """Heartbeats and details of an activity's failure."""
    RESULT = "result"
    FAILURE = "failure"
    """Details of an execution's failure: they hold the result of what ended badly."""
    UPDATE_RESULT = "update-result"
    QUERY_RESULT = "query-result"
    MEMO = "memo"
    SEEN = "seen"
    """The nonces that an execution hands on when it continues as new."""


FOR_CLIENTS = frozenset({Kind.RESULT, Kind.FAILURE, Kind.UPDATE_RESULT, Kind.QUERY_RESULT, Kind.MEMO, Kind.NOTE})
"""What a client reads: nothing that was sealed as a question passes as an answer."""
BY_SCHEDULES = frozenset({"Scheduled", "Rescan"})
"""The workflow types that schedules start."""
BY_HAND = frozenset(
    {
        ("Approval", Kind.SIGNAL, "approve"),
        ("Approval", Kind.SIGNAL, "reject"),
        ("Approval", Kind.UPDATE, "decide"),
    }
)
"""Type, kind and name of what people send by hand, without a seal: its handler trusts their signatures only."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """What a payload belongs to. What a kind does not have is empty."""

    kind: Kind
    name: str
    """Of the workflow type, signal, update, query or activity type."""
    workflow_id: str
    namespace: str = "default"
    run_id: str = ""
    """Where both sides know it."""
    id: str = ""
    """Of the activity or the update."""


@dataclass(frozen=True, kw_only=True)
class Seal:
    """What stands beside a payload. Everything but `mac` is under the MAC."""

    key: str
    kind: str
    name: str
    run_id: str
    nonce: str
    at_ms: int
    """When it was sealed, in milliseconds since the epoch."""
    place: int
    count: int
    mac: str

    def text(self) -> bytes:
        """As it is sent: JSON in ASCII."""
        fields = {
            "key": self.key, "kind": self.kind, "name": self.name, "run_id": self.run_id, "nonce": self.nonce,
            "at_ms": self.at_ms, "place": self.place, "count": self.count, "mac": self.mac,
        }  # fmt: skip
        return _JSON.encode(fields).encode()


@dataclass(frozen=True)
class Sealed:
    """The bytes that a seal is about."""

    encoding: bytes
    data: bytes


def sealed(key: str, secret: bytes, message: Message, parts: Sequence[Sealed], nonce: str, at_ms: int) -> list[Seal]:
    """One seal for each part of a message, in their order. Without parts: one, for the message alone."""
    made = []
    for place, part in enumerate(parts or [Sealed(b"", b"")]):
        seal = Seal(
            key=key, kind=str(message.kind), name=message.name, run_id=message.run_id,
            nonce=nonce, at_ms=at_ms, place=place, count=len(parts), mac="",
        )  # fmt: skip
        made.append(replace(seal, mac=_mac(secret, message, seal, part)))
    return made


@lru_cache(maxsize=256)
def read(text: bytes) -> Seal | None:
    """The seal in a stranger's bytes; None: there is none of our form. Each is looked at two or three times."""
    if len(text) > MAX_SEAL_BYTES:
        return None
    try:
        found = json.loads(text)
        seal = Seal(**found)
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (seal.key, seal.kind, seal.name, seal.run_id, seal.nonce, seal.mac)
    whole = (seal.at_ms, seal.place, seal.count)
    fits = all(isinstance(one, str) for one in texts) and all(type(one) is int for one in whole)
    return seal if fits else None


def refusal(
    secret_of: Callable[[str], bytes | None], message: Message, seals: Sequence[Seal | None], parts: Sequence[Sealed]
) -> str:
    """Why a message is not one of ours; empty: it is, and complete."""
    wanted = parts or [Sealed(b"", b"")]
    if not seals or None in seals or len(seals) != len(wanted):
        return "it has no seal"
    known = [seal for seal in seals if seal is not None]
    first = known[0]
    for place, (seal, part) in enumerate(zip(known, wanted, strict=True)):
        secret = secret_of(seal.key)
        if secret is None:
            return f"its key {seal.key[:40]} is unknown"
        said = (seal.kind, seal.name, seal.run_id, seal.place, seal.count, seal.nonce, seal.at_ms)
        if said != (message.kind, message.name, message.run_id, place, len(parts), first.nonce, first.at_ms):
            return f"its seal is for {seal.kind[:40]} {seal.name[:80]}, or for another place"
        if not _fits(secret, message, seal, part):
            return "its seal does not fit it"
    return ""


def answers(
    secret_of: Callable[[str], bytes | None], workflow_id: str, namespace: str, seal: Seal, part: Sealed
) -> bool:
    """Whether a payload is an answer of one of our workers about an execution, of whatever kind a client reads."""
    secret = secret_of(seal.key)
    if secret is None or seal.kind not in FOR_CLIENTS:
        return False
    message = Message(
        kind=Kind(seal.kind), name=seal.name, workflow_id=workflow_id, namespace=namespace, run_id=seal.run_id
    )
    return _fits(secret, message, seal, part)


def stale(seal: Seal, started_ms: int) -> bool:
    """Whether a message was sealed so long before its execution began that it was meant for another one."""
    return seal.at_ms < started_ms - WINDOW_MS


def scheduled_base(workflow_id: str) -> str:
    """The id of a schedule's action, of an id that the server made of it by adding `-TIME`."""
    base, _, time = workflow_id.rpartition("-20")
    return base if len(time) == len("26-11-28T03:00:00Z") and time.endswith("Z") else ""


def _fits(secret: bytes, message: Message, seal: Seal, part: Sealed) -> bool:
    mac = _mac(secret, message, seal, part)
    return hmac.compare_digest(seal.mac.encode("utf-8", "replace"), mac.encode())


def _mac(secret: bytes, message: Message, seal: Seal, part: Sealed) -> str:
    texts = (
        *("sluiceway/message/v1", message.namespace, message.workflow_id, message.id),
        *(seal.key, seal.kind, seal.name, seal.run_id, seal.nonce, str(seal.at_ms), str(seal.place), str(seal.count)),
    )
    fields = [*(text.encode("utf-8", "surrogatepass") for text in texts), part.encoding, part.data]
    return hmac.digest(secret, framed(fields), hashlib.sha256).hex()


def framed(fields: Sequence[bytes]) -> bytes:
    """Each field after its length: no two lists of fields give the same bytes."""
    return b"".join(b"%d:%b" % (len(one), one) for one in fields)
