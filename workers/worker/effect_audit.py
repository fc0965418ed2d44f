"""Effects in the audit: the intent once the signer has permitted it, and the outcome when its activity ends.

An intent without an outcome is an effect whose worker was killed; the next attempt of the activity has an intent of its
own.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextvars import ContextVar
from typing import Any

from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.authority.client import Ask, AuthorityClient, Blob
from domain.access.actions import Action
from domain.access.audit import AuditEvent, AuditKind, AuditOutcome, Recorder
from domain.access.principal import ANONYMOUS, Principal, PrincipalKind
from domain.approvals.request import Decision, VerifiedIdentity
from domain.authority.initiators import ACTIONS, changes, subject_of
from domain.authority.permit import Claim, Effect, Right, SignedPermit
from domain.core.digests import sha256
from domain.core.documents import Manifest
from domain.core.errors import RefusedError, SluicewayError

_begun: ContextVar[list[tuple[int, AuditEvent]] | None] = ContextVar("begun", default=None)
"""Intents of the activity that runs here; its threads share the list."""
CHANNEL = "effect"
RECORDED_BY_SIGNER = "SLW484"
MOST_DECIDED = 10_000
"""Decisions that are known to be recorded: an approval looks at each of them more than once."""


class AuditedAuthority(AuthorityClient):
    """What is permitted is recorded before it is done; what cannot be recorded is not done."""

    def __init__(self, ask: Ask, blob: Blob, recorder: Recorder) -> None:
        super().__init__(ask, blob)
        self._recorder = recorder
        self._decided: OrderedDict[str, None] = OrderedDict()

    def permit(self, claim: Claim) -> SignedPermit:
        """As `AuthorityClient.permit`.

        Raises:
            SluicewayError: SLW480, it cannot be recorded.
        """
        try:
            signed = super().permit(claim)
        except RefusedError as refused:
            if refused.code != RECORDED_BY_SIGNER:
                self._recorder.record(_event(claim, AuditOutcome.DENIED, Right(rule=refused.code)))
            raise
        if changes(claim):
            self._begin(_event(claim, _outcome(claim), signed.right, permit=signed.permit.entry))
        return signed

    def decision(self, decision: Decision) -> VerifiedIdentity:
        """As `AuthorityClient.decision`: each decision of a person is recorded once, whichever way it came in."""
        found = super().decision(decision)
        key = sha256(f"{found.signature_valid} {decision!r}".encode())  # all of it: a signature alone can be sent again
        if key not in self._decided:
            self._recorder.record(_decided(decision, found))
            self._decided[key] = None
            while len(self._decided) > MOST_DECIDED:
                self._decided.popitem(last=False)
        return found

    def _begin(self, event: AuditEvent) -> None:
        seq, begun = self._recorder.record(event), _begun.get()
        if begun is not None and event.outcome is AuditOutcome.BEGUN:
            begun.append((seq, event))


class EffectOutcomes(Interceptor):
    """A worker interceptor; begins again for every attempt of an activity."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Called by the SDK for every attempt of an activity."""
        return _Recorded(next, self._recorder)


class _Recorded(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, recorder: Recorder) -> None:
        super().__init__(next)
        self._recorder = recorder

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # the SDK's type: any activity's result
        begun: list[tuple[int, AuditEvent]] = []
        _begun.set(begun)  # each activity has a context of its own
        try:
            result = await self.next.execute_activity(input)
        except BaseException as broken:
            await self._tell(begun, AuditOutcome.FAILED, {"error": _name(broken)})
            raise
        await self._tell(begun, *_told(result))
        return result

    async def _tell(self, begun: list[tuple[int, AuditEvent]], outcome: AuditOutcome, details: Manifest) -> None:
        """The effect is done: that its outcome cannot be recorded fails the activity, which is tried again."""
        for seq, event in begun:
            told = AuditEvent(
                kind=AuditKind.OUTCOME,
                outcome=outcome,
                actor=event.actor,
                action=event.action,
                resource=event.resource,
                rule=event.rule,
                policy_digest=event.policy_digest,
                request=event.request,
                channel=CHANNEL,
                details={**event.details, "intent": seq, **details},
            )
            await asyncio.shield(asyncio.to_thread(self._recorder.record, told))


def _outcome(claim: Claim) -> AuditOutcome:
    """A secret is read at once: there is nothing to wait for."""
    return AuditOutcome.ALLOWED if claim.effect is Effect.SECRET else AuditOutcome.BEGUN


def _event(claim: Claim, outcome: AuditOutcome, right: Right, permit: int = 0) -> AuditEvent:
    told: Manifest = {"subject": claim.subject, "digest": claim.digest, "action": claim.action, "job": claim.job}
    told |= {"run": claim.run, "attempt": claim.attempt, "share": claim.share, "permit": permit}
    return AuditEvent(
        kind=AuditKind.SECRET if claim.effect is Effect.SECRET else AuditKind.INTENT,
        outcome=outcome,
        actor=right.initiator,
        action=ACTIONS[claim.effect],
        resource=subject_of(claim),
        rule=right.rule,
        policy_digest=right.policy_digest,
        request=claim.run,
        channel=CHANNEL,
        details={name: one for name, one in told.items() if one},
    )


def _decided(decision: Decision, found: VerifiedIdentity) -> AuditEvent:
    """A name without a valid signature is only claimed."""
    bound, signed = decision.binding, found.signature_valid
    told: Manifest = {"approve": decision.approve, "approval": bound.workflow_id, "job": bound.job}
    told |= {"comment": decision.comment, "key": found.key_kind, "scope": bound.scope, "commit": bound.commit}
    told |= {} if signed else {"claimed": decision.approver, "signed": bool(decision.signature)}
    return AuditEvent(
        kind=AuditKind.APPROVAL,
        outcome=AuditOutcome.DONE if signed else AuditOutcome.DENIED,
        actor=Principal(kind=PrincipalKind.PERSON, name=decision.approver).id if signed else ANONYMOUS.id,
        action=Action.APPROVALS_DECIDE,
        resource=f"environment:{bound.environment}" if bound.environment else "",
        rule="" if signed else "approval/signature",
        request=decision.request_id,
        details={name: one for name, one in told.items() if one != ""},
    )


def _told(result: Any) -> tuple[AuditOutcome, Manifest]:
    """What an activity says of itself: a job has a status, an action of a release is fine or not."""
    status, ok = getattr(result, "status", None), getattr(result, "ok", None)
    if status is not None:
        return (AuditOutcome.DONE if str(status) == "passed" else AuditOutcome.FAILED), {"status": str(status)}
    return (AuditOutcome.FAILED if ok is False else AuditOutcome.DONE), {}


def _name(broken: BaseException) -> str:
    cause = broken.__cause__
    if isinstance(broken, SluicewayError):
        return broken.code
    return cause.code if isinstance(cause, SluicewayError) else type(broken).__name__
