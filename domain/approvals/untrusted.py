"""Decodes decisions from signals. Signals are untrusted: sizes are bounded and types are checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from domain.approvals.request import KIND, ApprovalSubject, Decision, DecisionReason, DecisionRecord, signed_text
from domain.core.canonical import text_to_sign
from domain.core.documents import Node, Object

MAX_REFUSED = 100
"""Characters kept of a decision that does not count, so that a flood of signals cannot grow the state without bound."""


MAX_SIGNATURE = 8_192
"""Characters kept of a signature that counts, and of each part of an assertion. An SSH signature by an RSA key of
16,384 bits has 6,000.
"""
CARRIED = 100
"""Rejected decisions that are still listed after a continue-as-new."""


def as_binding(raw: Object) -> ApprovalSubject:
    """Decodes untrusted JSON: a wrong type becomes an empty value, which matches no request."""

    def text(key: str) -> str:
        value = raw.get(key)
        return value if isinstance(value, str) else ""

    def texts(key: str) -> tuple[str, ...]:
        value = raw.get(key)
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()

    version = raw.get("version", 1)
    return ApprovalSubject(
        *(text("workflow_id"), text("nonce"), text("job"), text("commit"), texts("digests"), texts("verdicts")),
        version=version if isinstance(version, int) and not isinstance(version, bool) else 0,
        repository=text("repository"),
        environment=text("environment"),
        rule=text("rule"),
        scope=text("scope"),
    )


def as_decision(raw: Object, *, approve: bool | None = None) -> Decision:
    """Decodes the untrusted JSON of a signal. Never raises."""

    def text(key: str) -> str:
        value = raw.get(key)
        return value if isinstance(value, str) else ""

    binding, expires = raw.get("binding"), raw.get("expires_at")
    return Decision(
        approver=text("approver"),
        approve=raw.get("approve") is True if approve is None else approve,
        comment=text("comment")[:2000],
        binding=as_binding(binding) if isinstance(binding, Mapping) else ApprovalSubject(),
        expires_at=float(expires) if isinstance(expires, int | float) and not isinstance(expires, bool) else 0,
        signature=text("signature"),
        request_id=text("request_id"),
        proof_kind=text("proof_kind")[:16],
        authenticator_data=text("authenticator_data")[:MAX_SIGNATURE],
        client_data=text("client_data")[:MAX_SIGNATURE],
    )


def from_text(data: bytes) -> Decision:
    """The decision, without its signature, whose signed text of version 2 this is.

    Raises:
        ValueError: it is no such text, byte by byte.
    """
    prefix = text_to_sign(KIND, None).removesuffix(b"null")
    if not data.startswith(prefix):
        raise ValueError("it does not begin as the text of a decision")
    said = Node(json.loads(data.removeprefix(prefix)))
    decision = as_decision({**said.object(), "binding": said["subject"].value})
    if signed_text(decision) != data:
        raise ValueError("it is not the canonical text of a decision")
    return decision


def truncate_for_record(decision: Decision, rule: DecisionReason) -> Decision:
    """The form that is recorded: a counted decision in full, any other one shortened to who tried."""
    if rule is DecisionReason.COUNTED:
        return replace(decision, signature=decision.signature[:MAX_SIGNATURE])
    who, why = decision.approver[:MAX_REFUSED], decision.comment[:MAX_REFUSED]
    return Decision(approver=who, approve=decision.approve, comment=why, expires_at=decision.expires_at)


def carried(records: Sequence[DecisionRecord]) -> tuple[DecisionRecord, ...]:
    """What a continue-as-new carries: all counted decisions, and the latest of the others without their subjects."""
    last = set(range(max(len(records) - CARRIED, 0), len(records)))
    return tuple(
        one
        if one.rule is DecisionReason.COUNTED
        else replace(one, decision=replace(one.decision, binding=ApprovalSubject()))
        for index, one in enumerate(records)
        if one.rule is DecisionReason.COUNTED or index in last
    )
