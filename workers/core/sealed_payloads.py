"""Seals as metadata of Temporal's payloads, which may be encrypted then. A message without payloads carries its seal
in a header.
"""

from __future__ import annotations

import itertools
import json
import os
import time
import uuid
from collections.abc import Iterable, MutableMapping, Sequence

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import WorkflowSerializationContext

from domain.authority import hiding
from domain.authority.hiding import Hiding
from domain.authority.seals import Kind, Message, Seal, Sealed, read
from workers.core.hidden_payloads import hide, opened
from workers.core.keyring import Keyring

METADATA = "seal"
HIDDEN = "Encoded failure"
"""In place of an encrypted failure's words, as the SDKs of Temporal write it."""
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


def is_put(payload: Payload) -> bool:
    """Whether `put` has made it what it is."""
    return METADATA in payload.metadata or hiding.read(payload.metadata) is not None


def put(
    ring: Keyring,
    message: Message,
    payloads: Sequence[Payload],
    headers: MutableMapping[str, Payload] | None = None,
    *,
    nonce: str = "",
    at_ms: int = 0,
) -> None:
    """Seals the payloads of a message in place; without any, its headers. Encrypts them where the home chose that."""
    open_all(ring, message.namespace, payloads)
    seal_only(ring, message, payloads, headers, nonce=nonce, at_ms=at_ms)
    if ring.hiding is Hiding.NOW:
        for payload in payloads:
            hide(ring, message.namespace, message.workflow_id, payload)


def seal_only(
    ring: Keyring,
    message: Message,
    payloads: Sequence[Payload],
    headers: MutableMapping[str, Payload] | None = None,
    *,
    nonce: str = "",
    at_ms: int = 0,
) -> None:
    """As `put`, and readable for everybody: headers, which no codec reads."""
    seals = ring.seal(message, [part(one) for one in payloads], nonce or new_nonce(), at_ms or now_ms())
    if payloads:
        for payload, seal in zip(payloads, seals, strict=True):
            payload.metadata[METADATA] = seal.text()
    elif headers is not None:
        headers[HEADER].CopyFrom(Payload(metadata={METADATA: seals[0].text()}))


def open_all(ring: Keyring, namespace: str, payloads: Iterable[Payload]) -> None:
    """Opens in place what is encrypted."""
    for payload in payloads:
        if (found := opened(ring, namespace, payload)) is not payload:
            payload.CopyFrom(found)


def hide_failure(ring: Keyring, message: Message, failure: Failure) -> None:
    """Encrypts the words of a failure and of its causes, where payloads are: what the SDK's converters read again."""
    while ring.hiding is Hiding.NOW:
        if failure.message != HIDDEN or not failure.HasField("encoded_attributes"):
            words = {"message": failure.message, "stack_trace": failure.stack_trace}
            text = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(words).encode())
            failure.encoded_attributes.CopyFrom(text)
            failure.message, failure.stack_trace = HIDDEN, ""
        put(ring, message, [failure.encoded_attributes])
        if not failure.HasField("cause"):
            return
        failure = failure.cause


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
        if not is_put(payload):
            id_ = context.workflow_id
            put(ring, Message(kind=Kind.MEMO, name="", workflow_id=id_, namespace=context.namespace), [payload])
