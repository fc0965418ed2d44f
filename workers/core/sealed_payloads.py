"""Seals as metadata of Temporal's payloads. A message without payloads carries its seal in a header."""

from __future__ import annotations

import itertools
import os
import time
import uuid
from collections.abc import MutableMapping, Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import WorkflowSerializationContext

from domain.authority.seals import Kind, Message, Seal, Sealed, read
from workers.core.keyring import Keyring

METADATA = "seal"
HEADER = "sluiceway-seal"


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


class _Nonces:
    """A random word of the process, and a count: a random number for each message costs as much as its MAC."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._word, self._count = uuid.uuid4().hex, itertools.count()

    def next(self) -> str:
        return f"{self._word}{next(self._count):x}"


_NONCES = _Nonces()


def new_nonce() -> str:
    """A nonce that no other message has, of this process or of another one."""
    return _NONCES.next()


def part(payload: Payload) -> Sealed:
    """What a seal of the payload is about."""
    return Sealed(payload.metadata.get("encoding", b""), payload.data)


def seal_of(payload: Payload) -> Seal | None:
    """The seal of a payload, whether or not it fits."""
    return read(payload.metadata[METADATA]) if METADATA in payload.metadata else None


def put(
    ring: Keyring,
    message: Message,
    payloads: Sequence[Payload],
    headers: MutableMapping[str, Payload] | None = None,
    *,
    nonce: str = "",
    at_ms: int = 0,
) -> None:
    """Seals the payloads of a message in place; without any, its headers."""
    seals = ring.seal(message, [part(one) for one in payloads], nonce or new_nonce(), at_ms or now_ms())
    if payloads:
        for payload, seal in zip(payloads, seals, strict=True):
            payload.metadata[METADATA] = seal.text()
    elif headers is not None:
        headers[HEADER].CopyFrom(Payload(metadata={METADATA: seals[0].text()}))


def header(ring: Keyring, message: Message) -> Payload:
    """The header of a message without payloads."""
    return Payload(metadata={METADATA: ring.seal(message, [], new_nonce(), now_ms())[0].text()})


def found(payloads: Sequence[Payload], headers: MutableMapping[str, Payload]) -> list[Seal | None]:
    """The seals of a message."""
    if payloads:
        return [seal_of(one) for one in payloads]
    return [seal_of(headers[HEADER])] if HEADER in headers else []


def refusal(ring: Keyring, message: Message, payloads: Sequence[Payload], headers: MutableMapping[str, Payload]) -> str:
    """Why a message is not one of ours; empty: it is."""
    return ring.refusal(message, found(payloads, headers), [part(one) for one in payloads])


def put_on_bare(ring: Keyring, context: WorkflowSerializationContext, payloads: Sequence[Payload]) -> None:
    """Seals what describes an execution: its summary, its memo. What was sealed with its own name stays."""
    for payload in payloads:
        if METADATA not in payload.metadata:
            id_ = context.workflow_id
            put(ring, Message(kind=Kind.MEMO, name="", workflow_id=id_, namespace=context.namespace), [payload])
