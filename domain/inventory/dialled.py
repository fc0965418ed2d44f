"""What the worker in a cluster is asked for, beside its watch: a look by one request, or a deed with its permit.

The worker decides what it answers, by what the owner of its cluster has let it do; whoever asks is believed nothing.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from domain.core.errors import RefusedError, SluicewayError

T = TypeVar("T")
CALL = "dialled-call"
"""The kind of task."""
MOST_WIRE, MOST_PLAIN = 900_000, 32_000_000
"""Characters of a question or an answer as they are sent, and bytes of what is packed in it."""
MOST_LOG, MOST_LINES, LONGEST_WATCH_S = 600_000, 10_000, 5
"""Of one look: bytes and lines of a log, and seconds of a watch. Whoever wants more looks again."""
CODE, AWAY = "SLW977", "SLW982"
OWN_CODES = frozenset({"SLW943", "SLW944", "SLW951", "SLW971", "SLW974", "SLW975", "SLW976", CODE, "SLW983"})
"""Codes of errors that a worker in a cluster may tell of; all others of its errors are SLW943."""
_READ = frozenset({"log", "status", "scale"})
_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,252}")
_HIDDEN = frozenset({"secrets", "proxy", "exec", "attach", "portforward"})
AS_PERSON = "as-person"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
APPLY = "application/apply-patch+yaml"


class May(StrEnum):
    """What the owner of a cluster lets its worker do; each holds those before it."""

    WATCH = "watch"
    """Tell what is in it."""
    READ = "read"
    """Answer for single objects and logs, when somebody looks."""
    ACT = "act"
    """Change what the engine's signer has permitted."""

    def holds(self, other: May) -> bool:
        """Whether it is at least that."""
        return _ORDER.index(self) >= _ORDER.index(other)


_ORDER = tuple(May)


def may_of(text: str) -> May:
    """What a worker says that it may; a word that nobody knows is the least."""
    return May(text) if text in _ORDER else May.WATCH


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to the API server. `path`: without its query."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: str = ""
    """JSON."""
    content_type: str = ""
    user: str = ""
    """In whose name; empty: the worker's own."""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Deed:
    """What the signer has permitted, to the letter."""

    permit: Mapping[str, Any]
    """As `domain.authority.permit.plain` writes it."""
    signature: str
    what: Mapping[str, Any]
    """All that decides what happens: the permit has its digest."""
    origin: str = ""
    """Workflow of a pod."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """How it is done, which adds nothing to what is permitted; `AS_PERSON`: by the person of the permit, or not."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One of both."""

    call: Call | None = None
    deed: Deed | None = None


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """An error of ours, as it is told."""

    code: str
    what: str
    why: str = ""
    fix: str = ""
    transient: bool = False
    refused: bool = False
    status: int = 0


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What came of it. `status`, `content_type`, `body`: what the API server answered a call; `done`: of a deed."""

    status: int = 0
    content_type: str = ""
    body: str = ""
    done: Mapping[str, str] = field(default_factory=dict)
    trouble: Trouble | None = None


def packed(value: Asked | Answered) -> str:
    """For a message, with its bound.

    Raises:
        RefusedError: SLW983, it is too large.
    """
    text = base64.b64encode(zlib.compress(msgspec.json.encode(value), 6)).decode()
    if len(text) > MOST_WIRE:
        what = "this is too large for a cluster that dials out"
        raise RefusedError("SLW983", what, why=f"more than {MOST_WIRE:,} characters, packed")
    return text


def unpacked(kind: type[T], text: str) -> T:
    """Of a stranger's message.

    Raises:
        SluicewayError: SLW983, it is none, or holds more than anybody reads.
    """
    try:
        opened = zlib.decompressobj()
        plain = opened.decompress(base64.b64decode(text[: MOST_WIRE + 1], validate=True), MOST_PLAIN)
        if len(text) > MOST_WIRE or opened.unconsumed_tail or not opened.eof:
            raise ValueError("it is too large")
        return msgspec.json.decode(plain, type=kind)
    except (binascii.Error, zlib.error, ValueError, RecursionError, msgspec.MsgspecError) as odd:
        why = str(odd)[:300]
        raise SluicewayError("SLW983", "this is no message of a worker in a cluster", why=why) from odd


def bounded(call: Call) -> Call:
    """What is asked for in parts that one answer can hold: fewer bytes of a log, fewer seconds of a watch."""
    query = dict(call.query)
    if call.path.endswith("/log"):
        query["limitBytes"] = str(min(_number(query.get("limitBytes", ""), MOST_LOG), MOST_LOG))
        if "tailLines" in query:
            query["tailLines"] = str(min(_number(query["tailLines"], MOST_LINES), MOST_LINES))
    if "watch" in query:
        query["timeoutSeconds"] = str(min(_number(query.get("timeoutSeconds", ""), LONGEST_WATCH_S), LONGEST_WATCH_S))
    return Call(
        method=call.method,
        path=call.path,
        query=tuple(query.items()),
        body=call.body,
        content_type=call.content_type,
        user=call.user,
        groups=call.groups,
    )


def _number(text: str, other: int) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else other


def refusal(call: Call, may: May) -> str:
    """Why the worker does not ask its API server this; empty: it does. No call changes anything."""
    if not may.holds(May.READ):
        return "it is let watch and nothing else"
    parts = call.path.strip("/").split("/")
    if not all(_SEGMENT.fullmatch(one) and ".." not in one for one in parts):
        return "this is no path of an API"
    query = dict(call.query)
    if call.method == "GET":
        return _of_get(parts, query)
    if (call.method, call.path) == ("POST", REVIEW):
        return ""
    if call.method == "PATCH" and _is_dry(parts, query, call.content_type):
        return "" if may.holds(May.ACT) else "it is let look, and try nothing"
    return "what changes something needs a permit of the signer"


def _of_get(parts: list[str], query: Mapping[str, str]) -> str:
    if parts[0] not in ("api", "apis", "version", "readyz"):
        return "this is no path of an API"
    if _HIDDEN & set(parts):
        return "no Secret is read from outside, and no connection is opened"
    own = _own(parts)
    if len(own) == 3 and own[2] not in _READ:
        return f"{own[2][:60]} is not read from outside"
    if call_is_open(query):
        return "it goes on for too long"
    return ""


def _own(parts: list[str]) -> list[str]:
    """Resource, name and subresource of a path."""
    rest = parts[2:] if parts[0] == "api" else parts[3:]
    return rest[2:] if rest[:1] == ["namespaces"] and len(rest) > 2 else rest


def call_is_open(query: Mapping[str, str]) -> bool:
    """Whether its answer would have no near end."""
    if query.get("follow", "false") != "false":
        return True
    watches = query.get("watch", "false").casefold() != "false"
    return watches and _number(query.get("timeoutSeconds", ""), LONGEST_WATCH_S + 1) > LONGEST_WATCH_S


def _is_dry(parts: list[str], query: Mapping[str, str], content_type: str) -> bool:
    """A pod that would be applied, and is not."""
    is_pod = parts[:3] == ["api", "v1", "namespaces"] and len(parts) == 6 and parts[4] == "pods"
    return is_pod and query.get("dryRun") == "All" and content_type == APPLY


def told_error(trouble: Trouble, cluster: str) -> SluicewayError:
    """The error that a worker tells of, bounded: all of it is a stranger's text."""
    kind = RefusedError if trouble.refused else SluicewayError
    code = trouble.code if trouble.code in OWN_CODES else "SLW943"
    return kind(
        code,
        trouble.what[:300],
        where=cluster,
        why=trouble.why[:600],
        fix=trouble.fix[:300],
        transient=trouble.transient is True,
        status=trouble.status if 0 <= trouble.status < 600 else 0,
    )


def trouble_of(broken: SluicewayError) -> Trouble:
    """An error as it is told."""
    return Trouble(
        code=broken.code,
        what=broken.what[:300],
        why=broken.why[:600],
        fix=broken.fix[:300],
        transient=broken.transient,
        refused=isinstance(broken, RefusedError),
        status=broken.status,
    )
