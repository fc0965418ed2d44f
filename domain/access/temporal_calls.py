"""What passes from a browser to the Temporal UI behind the login: reads, and decisions that carry a signature.

The UI is not ours, and everything else that it can write would be neither decided nor recorded. So what passes is
named here, and the request that goes on is built again from what was understood: nothing else of it goes along.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

PREFIX = "/temporal"
"""The UI's public path."""
API = ("api", "v1", "namespaces")
DECISIONS = frozenset({"approve", "reject", "decide"})
MOST_BODY = 64 * 1024
MOST_PATH = 4_000
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_CALLS = {"signal": frozenset({"approve", "reject"}), "update": frozenset({"decide"}), "query": None}
"""The last part but one of a call's path, and the names that pass; None: every one."""
Argument = Callable[[str, bytes], Mapping[str, object]]
"""The payload, as JSON, of a JSON text that goes to an execution."""


@dataclass(frozen=True)
class Call:
    """A request that may go on."""

    path: str
    """As it is sent on; empty: refused."""
    body: bytes | None = None
    """None: without one."""
    decides: str = ""
    """Workflow id of the approval that a decision is for."""
    why_not: str = ""


def plain(_workflow_id: str, text: bytes) -> Mapping[str, object]:
    """The payload of a JSON text, as it is sent where nothing is encrypted."""
    return {"metadata": {"encoding": _base64(b"json/plain")}, "data": _base64(text)}


def understood(method: str, raw_path: str, body: bytes, ids: tuple[str, str], argument: Argument = plain) -> Call:
    """What becomes of a request. `raw_path`: with its escapes; `ids`: a request's id, and who is known to send it;
    `argument`: makes the payload of a decision.
    """
    segments = [unquote(one) for one in raw_path.split("/")]
    if len(raw_path) > MOST_PATH or segments[:2] != ["", PREFIX.strip("/")] or not all(map(_plain, segments)):
        return Call("", why_not="its path is not one of the Temporal UI")
    if method in _READING:
        return Call(raw_path)
    if method != "POST":
        return Call("", why_not=f"{method} changes what the engine does not know of")
    return _called(segments[2:], body, ids, argument)


def _plain(segment: str) -> bool:
    """An id may hold `/`, as `%2F`: no part of it leads upwards for whoever decodes it before looking at the path."""
    dots = any(part in (".", "..") for part in unquote(segment).split("/"))
    return not dots and "\\" not in segment and all(ord(one) >= 0x20 for one in segment)


def _called(parts: list[str], body: bytes, ids: tuple[str, str], argument: Argument) -> Call:
    """POST /temporal/api/v1/namespaces/NAMESPACE/workflows/ID/KIND/NAME."""
    if len(parts) != 8 or tuple(parts[:3]) != API or parts[4] != "workflows":
        return Call("", why_not="nothing is started, ended or changed from here")
    namespace, workflow, kind, name = parts[3], *parts[5:]
    if kind not in _CALLS or (_CALLS[kind] is not None and name not in DECISIONS):
        return Call("", why_not=f"{kind} '{name}' is none of approve, reject and decide")
    path = "/".join((PREFIX, *API, _quoted(namespace), "workflows", _quoted(workflow), kind, _quoted(name)))
    if kind == "query":
        return Call(path, _query(name))
    if name not in (_CALLS[kind] or ()):
        return Call("", why_not=f"'{name}' is not a {kind}")
    if not workflow.startswith("approval/"):
        return Call("", why_not=f"{workflow} is not an approval; that of a release is approval/release/…")
    decision = signed(body)
    if decision is None:
        return Call("", why_not="the decision is not signed: `sluiceway decision sign` prints one that is")
    text = json.dumps(decision, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return Call(path, _decision(kind, name, argument(workflow, text), ids), decides=workflow)


def _quoted(segment: str) -> str:
    return quote(segment, safe="")


def _query(name: str) -> bytes:
    return json.dumps({"query": {"queryType": name}}).encode()


def signed(body: bytes) -> Mapping[str, object] | None:
    """The one argument of a signal or update, if it says that somebody has signed it. Whether that is true, the worker
    verifies.
    """
    if len(body) > MOST_BODY:
        return None
    try:
        arguments = _arguments(json.loads(body))
    except (ValueError, RecursionError):
        return None
    if len(arguments) != 1 or not isinstance(arguments[0], Mapping):
        return None
    decision = arguments[0]
    told = [decision.get(name) for name in ("approver", "signature")]
    return decision if all(isinstance(one, str) and one for one in told) else None


def _arguments(body: object) -> list[object]:
    """Payloads with Base64, or plain JSON, which the HTTP API takes as well."""
    found = _at(body, "input") or _at(_at(_at(body, "request"), "input"), "args")
    payloads = _at(found, "payloads") if isinstance(found, Mapping) else found
    return [_argument(one) for one in payloads] if isinstance(payloads, list) else []


def _argument(payload: object) -> object:
    data = _at(payload, "data")
    if not isinstance(data, str) or _at(payload, "metadata") is None:
        return payload
    try:
        return json.loads(base64.b64decode(data, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        return None


def _at(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _decision(kind: str, name: str, payload: Mapping[str, object], ids: tuple[str, str]) -> bytes:
    """The HTTP API's request: SignalWorkflowExecutionRequest or UpdateWorkflowExecutionRequest."""
    request, who = ids
    arguments = {"payloads": [payload]}
    if kind == "signal":
        return json.dumps({"input": arguments, "requestId": request, "identity": who}).encode()
    said = {"meta": {"updateId": request, "identity": who}, "input": {"name": name, "args": arguments}}
    stage = "UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED"
    return json.dumps({"waitPolicy": {"lifecycleStage": stage}, "request": said}).encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
