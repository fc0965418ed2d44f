"""What the audit records: one entry for each thing that was decided about people, or done in their name.

An entry is canonical JSON (RFC 8785) with a number: its bytes are a leaf of the log's tree. A stranger's text in it is
cut to a bound and never refused: what cannot be recorded must not be done, so recording may not fail by its content.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

from domain.access.principal import Caller
from domain.core.canonical import MAX_INTEGER, canonical
from domain.core.documents import Manifest, Node, Object
from domain.core.values import Json

VERSION = 1
MAX_TEXT, MAX_ITEMS, MAX_DEPTH = 2_000, 100, 4
"""Characters of a text, members of an object or list, and objects inside of objects."""


class AuditKind(StrEnum):
    """What an entry is about."""

    DECISION = "decision"
    """Somebody asked for something and was allowed or refused."""
    LOGIN = "login"
    STEP_UP = "step-up"
    SESSION = "session"
    """A login or its end by somebody else, or by time."""
    PERSON = "person"
    KEY = "key"
    TOKEN = "token"
    GRANT = "grant"
    """A role or a share was given or taken back."""
    LABEL = "label"
    POLICY = "policy"
    APPROVAL = "approval"
    """A person's signed decision."""
    SECRET = "secret"
    """A reference was read; never the value."""
    EXEC = "exec"
    """A session inside of a pod, with the digest of its recording."""
    INTENT = "intent"
    """Before a change or an effect."""
    OUTCOME = "outcome"
    """After it: `details.intent` is the number of its intent."""
    EXPORT = "export"
    """Of the audit itself."""
    RECOVERY = "recovery"
    """A command on the host made an administrator."""


class AuditOutcome(StrEnum):
    """How it went."""

    ALLOWED = "allowed"
    DENIED = "denied"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """What happened; the log gives it a number and a time."""

    kind: AuditKind
    outcome: AuditOutcome
    actor: str
    """Id of the principal that did it."""
    on_behalf_of: str = ""
    """Id of the principal whose rights were used; empty: the actor's own."""
    action: str = ""
    resource: str = ""
    """Id."""
    rule: str = ""
    """That decided."""
    policy_digest: str = ""
    session: str = ""
    address: str = ""
    request: str = ""
    channel: str = ""
    details: Object = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class AuditEntry:
    """An event in the log."""

    seq: int
    """From 0, without gaps."""
    at_ms: int
    """Milliseconds since the epoch."""
    event: AuditEvent


class Recorder(Protocol):
    """Appends to the audit."""

    def record(self, event: AuditEvent) -> int:
        """The entry's number, once it is kept.

        Raises:
            SluicewayError: it cannot be kept, so what it is about must not be done.
        """
        ...


TEXTS = tuple(one.name for one in fields(AuditEvent) if one.name != "details")


def event_of(
    caller: Caller,
    kind: AuditKind,
    outcome: AuditOutcome,
    *,
    action: str = "",
    resource: str = "",
    rule: str = "",
    policy_digest: str = "",
    details: Mapping[str, Json] | None = None,
) -> AuditEvent:
    """An event of a caller, with everything that is known of their way in."""
    return AuditEvent(
        kind=kind,
        outcome=outcome,
        actor=caller.principal.id,
        on_behalf_of=caller.on_behalf_of,
        action=action,
        resource=resource,
        rule=rule,
        policy_digest=policy_digest,
        session=caller.session,
        address=caller.address,
        request=caller.request,
        channel=caller.channel,
        details=details or {},
    )


def leaf_of(entry: AuditEntry) -> bytes:
    """The canonical bytes of an entry, whatever texts its event has."""
    event = entry.event
    body: Manifest = {"v": VERSION, "seq": entry.seq, "at_ms": entry.at_ms}
    body |= {name: _text(str(getattr(event, name))) for name in TEXTS}
    return canonical({**body, "details": _bounded(event.details, 0)})


def entry_of(leaf: bytes) -> AuditEntry:
    """The entry of canonical bytes.

    Raises:
        ValueError: they are not the canonical bytes of an entry.
    """
    try:
        said = Node(json.loads(leaf))
    except RecursionError as deep:
        raise ValueError("it is nested too deep") from deep
    texts = {name: said[name].text() for name in TEXTS if name not in ("kind", "outcome")}
    kind, outcome = AuditKind(said["kind"].text()), AuditOutcome(said["outcome"].text())
    event = AuditEvent(kind=kind, outcome=outcome, **texts, details=said["details"].object())
    entry = AuditEntry(said["seq"].whole(-1), said["at_ms"].whole(-1), event)
    if entry.seq < 0 or entry.at_ms < 0 or leaf_of(entry) != leaf:
        raise ValueError("these are not the canonical bytes of an entry")
    return entry


def _text(text: str) -> str:
    """At most `MAX_TEXT` characters, without lone surrogates and NUL, which UTF-8 and PostgreSQL cannot hold."""
    cut = text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
    return cut.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")


def _bounded(value: Json, depth: int) -> Json:
    match value:
        case None | bool():
            return value
        case int():
            return value if abs(value) <= MAX_INTEGER else _text(hex(value))
        case float():
            return int(value) if value.is_integer() and abs(value) <= MAX_INTEGER else repr(value)
        case str():
            return _text(value)
        case Mapping() if depth < MAX_DEPTH:
            kept = list(value.items())[:MAX_ITEMS]
            return {_text(str(key)): _bounded(one, depth + 1) for key, one in kept}
        case Sequence() if depth < MAX_DEPTH:
            return [_bounded(one, depth + 1) for one in value[:MAX_ITEMS]]
    return "…"
