"""Who may decide, which decisions count, and when a request expires. Fails closed.

A decision that does not count is recorded with the rule that refused it, and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from domain.approvals import four_eyes, registration
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    Decision,
    DecisionReason,
    DecisionRecord,
    EnvironmentRule,
    Keys,
    Outcome,
    Proof,
    Request,
    Trust,
    VerifiedIdentity,
)
from domain.approvals.spec import ApprovalSpec
from domain.core.values import number

BROWSER = "browser"
"""The kind of a key in a browser's storage (domain/access/keys.py)."""


def effective_policy(spec: ApprovalSpec, rule: EnvironmentRule) -> ApprovalSpec:
    """The policy that applies: in every point the stricter of the pipeline's and the environment's."""
    per_group = dict(spec.per_group)
    for group, quorum in rule.per_group.items():
        per_group[group] = max(quorum, per_group.get(group, 0))
    nobody_named = not (spec.users or spec.groups or spec.roles)
    return ApprovalSpec(
        users=rule.users if nobody_named else spec.users,
        groups=rule.groups if nobody_named else spec.groups,
        roles=spec.roles,
        quorum=max(spec.quorum, rule.quorum, 1),
        per_group=per_group,
        expires_s=min(spec.expires_s, rule.max_expires_s) if rule.max_expires_s else spec.expires_s,
        reminders_s=spec.reminders_s,
        allow_author=spec.allow_author and rule.allow_author,
        allow_committer=spec.allow_committer and rule.allow_committer,
        allow_starter=spec.allow_starter and rule.allow_starter,
        message=spec.message,
    )


def protection(rule: EnvironmentRule, approved: Collection[str]) -> str:
    """Why a protected environment forbids this deployment; empty when it may start.

    `approved` holds the environments whose approvals this run was granted before the deployment. A pipeline that leaves
    out the approval does not get around the environment's rules.
    """
    if unknown := registration.refusal(rule):
        return unknown
    if (rule.quorum or rule.per_group) and rule.name not in approved:
        wanted = number(rule.quorum, "approval") if rule.quorum else "approvals"
        return f"SLW066: environment {rule.name} requires {wanted}, but this job needs no approval job for it"
    return ""


def evaluate_decision(
    request: Request, decision: Decision, checked: VerifiedIdentity, records: tuple[DecisionRecord, ...], now: float
) -> DecisionReason:
    """Whether a decision counts, and the first rule that decides so."""
    if outcome(request, records, now) in (Outcome.GRANTED, Outcome.REFUSED):
        return DecisionReason.CLOSED
    if now >= request.expires_at:
        return DecisionReason.EXPIRED
    if not decision.approver:
        return DecisionReason.MALFORMED
    return _identity(request, decision, checked, now) or _person(request, decision, checked, records)


def refused_unseen(
    request: Request, decision: Decision, records: tuple[DecisionRecord, ...], now: float
) -> DecisionReason | None:
    """The rule that refuses a decision whatever its approver's key and groups are, so that a flood of such decisions
    costs no look-up; None: they have to be looked up.
    """
    if outcome(request, records, now) in (Outcome.GRANTED, Outcome.REFUSED):
        return DecisionReason.CLOSED
    if now >= request.expires_at:
        return DecisionReason.EXPIRED
    if not decision.approver:
        return DecisionReason.MALFORMED
    if not decision.signature:
        return None if request.trust is Trust.OPEN else DecisionReason.UNSIGNED
    if _normal(replace(decision.binding, rule=request.binding.rule)) != _normal(request.binding):
        return DecisionReason.OTHER
    return DecisionReason.STALE if now >= decision.expires_at else None


def _identity(request: Request, decision: Decision, checked: VerifiedIdentity, now: float) -> DecisionReason | None:
    if not decision.signature:
        return None if request.trust is Trust.OPEN else DecisionReason.UNSIGNED
    if not checked.known:
        return DecisionReason.UNKNOWN
    if not checked.signature_valid:
        return DecisionReason.FORGED
    if _is_too_weak(request, checked):
        return DecisionReason.BROWSER_KEY
    if _is_unconfirmed(request, checked):
        return DecisionReason.UNCONFIRMED
    if _normal(decision.binding) != _normal(request.binding):
        same = replace(decision.binding, rule=request.binding.rule)
        return DecisionReason.RULE if _normal(same) == _normal(request.binding) else DecisionReason.OTHER
    return DecisionReason.STALE if now >= decision.expires_at else None


def _is_too_weak(request: Request, checked: VerifiedIdentity) -> bool:
    return checked.key_kind == BROWSER and request.proof is not Proof.ANY


def _is_unconfirmed(request: Request, checked: VerifiedIdentity) -> bool:
    return not checked.confirmed and request.keys is not Keys.ANY


def _person(
    request: Request, decision: Decision, checked: VerifiedIdentity, records: tuple[DecisionRecord, ...]
) -> DecisionReason:
    spec, who = request.spec, decision.approver
    if not _may(who, checked, spec.users, spec.groups, spec.roles):
        return DecisionReason.NOT_ALLOWED
    if not _may(who, checked, request.must_users, request.must_groups, ()):
        return DecisionReason.NOT_ALLOWED
    if rule := four_eyes.objection(spec, request.people, who, checked):
        return rule
    if any(record.rule is DecisionReason.COUNTED and record.decision.approver == who for record in records):
        return DecisionReason.REPEATED
    return DecisionReason.COUNTED


def of_person(request: Request, who: str, checked: VerifiedIdentity) -> DecisionReason:
    """Whether somebody may decide, whatever they would sign; COUNTED: they may."""
    rule = _person(request, Decision(approver=who), checked, ())
    return DecisionReason.UNCONFIRMED if rule is DecisionReason.COUNTED and _is_unconfirmed(request, checked) else rule


def recheck(request: Request, record: DecisionRecord, checked: VerifiedIdentity) -> DecisionRecord:
    """The record of a counted decision by what is known of its approver now: a removed or replaced key and a left group
    void it, until the approval is granted.
    """
    if record.rule is not DecisionReason.COUNTED or not record.decision.signature:
        return record
    if not checked.known:
        return replace(record, rule=DecisionReason.REMOVED)
    if not checked.signature_valid:
        return replace(record, rule=DecisionReason.ROTATED)
    if _is_too_weak(request, checked):
        return replace(record, rule=DecisionReason.BROWSER_KEY)
    if _is_unconfirmed(request, checked):
        return replace(record, rule=DecisionReason.UNCONFIRMED)
    rule = _person(request, record.decision, checked, ())
    return replace(record, rule=rule, groups=checked.groups, roles=checked.roles)


def _may(
    who: str, checked: VerifiedIdentity, users: tuple[str, ...], groups: tuple[str, ...], roles: tuple[str, ...]
) -> bool:
    if not (users or groups or roles):
        return True
    return who in users or bool(set(checked.groups) & set(groups)) or bool(set(checked.roles) & set(roles))


def _normal(binding: ApprovalSubject) -> ApprovalSubject:
    return replace(binding, digests=tuple(sorted(binding.digests)), verdicts=tuple(sorted(binding.verdicts)))


def outcome(request: Request, records: tuple[DecisionRecord, ...], now: float) -> Outcome:
    """One counted rejection refuses; quorum, in total and per group, grants; expiry refuses what is still open."""
    counted = [record for record in records if record.rule is DecisionReason.COUNTED]
    if any(not record.decision.approve for record in counted):
        return Outcome.REFUSED
    if counted and not missing(request.spec, counted):
        return Outcome.GRANTED
    return Outcome.EXPIRED if now >= request.expires_at else Outcome.PENDING


def missing(spec: ApprovalSpec, counted: list[DecisionRecord]) -> str:
    """The approvals still missing, as text for people; empty when the quorum is reached."""
    return ", ".join(f"{count} {of}" for count, of in _lacking(spec, counted))


def _lacking(spec: ApprovalSpec, counted: list[DecisionRecord]) -> list[tuple[int, str]]:
    """The count of approvals still missing, and of which kind."""
    quorum = max(spec.quorum, 1)
    wants = [(quorum - len(counted), f"of {number(quorum, 'approval')}")]
    for group, of_group in sorted(spec.per_group.items()):
        have = sum(1 for record in counted if group in record.groups)
        wants.append((of_group - have, f"from group {group}"))
    return [(count, of) for count, of in wants if count > 0]


def revalidate(
    spec: ApprovalSpec,
    rule: EnvironmentRule,
    records: tuple[DecisionRecord, ...],
    people: ChangeAuthors,
    known: Mapping[str, VerifiedIdentity] | None = None,
) -> str:
    """Why the decisions granted earlier do not cover another attempt; empty when they do.

    Checked against the environment's current rules, with the person who requests the attempt as its starter. `known`:
    approvers to what is known of them and of their signature now; without it, what was known then counts.
    """
    if unknown := registration.refusal(rule):
        return unknown
    request = Request(
        spec=effective_policy(spec, rule),
        binding=ApprovalSubject(),
        people=people,
        opened_at=0,
        trust=rule.trust,
        must_users=rule.users,
        must_groups=rule.groups,
        proof=rule.proof,
        keys=rule.keys_wanted,
    )
    counted = [record for record in records if record.rule is DecisionReason.COUNTED and record.decision.approve]
    standing, fallen = [], ""
    for record in counted:
        then = VerifiedIdentity(True, record.groups, record.roles, True)
        now = then if known is None else known.get(record.decision.approver, VerifiedIdentity())
        again = recheck(request, record, now)
        if again is record:  # unsigned, as an open environment accepts it
            again = replace(record, rule=_person(request, record.decision, then, ()))
        if again.rule is DecisionReason.COUNTED:
            standing.append(again)
        else:
            fallen = f" ({record.decision.approver}: {again.rule})"
    lacking = missing(request.spec, standing)
    return f"its approval is no longer sufficient: missing {lacking}{fallen}" if lacking or not standing else ""


def is_bound_to(records: tuple[DecisionRecord, ...], subject: ApprovalSubject) -> bool:
    """Whether every decision that counted was signed for exactly this content, under this rule.

    `subject`: the whole one; its workflow id and nonce, new in each attempt, are not compared. Decisions of version 1
    were bound to less, so they never fit.
    """
    wanted = _normal(subject)
    bindings = [_normal(record.decision.binding) for record in records if record.rule is DecisionReason.COUNTED]
    return bool(bindings) and all(
        b.version >= 2 and replace(b, workflow_id=wanted.workflow_id, nonce=wanted.nonce) == wanted for b in bindings
    )


def under_rule(
    request: Request, spec: ApprovalSpec, rule: EnvironmentRule, records: tuple[DecisionRecord, ...]
) -> tuple[Request, tuple[DecisionRecord, ...]]:
    """The request and its decisions by the environment's rule as it is now. Where the rule changed, who decided under
    the one before has to look again. `spec`: what the pipeline asks for.
    """
    if request.binding.rule == rule.digest:
        return request, records
    now = replace(
        request,
        spec=effective_policy(spec, rule),
        binding=replace(request.binding, rule=rule.digest),
        trust=rule.trust,
        must_users=rule.users,
        must_groups=rule.groups,
        proof=rule.proof,
        keys=rule.keys_wanted if rule.name else request.keys,
    )
    void = (replace(one, rule=DecisionReason.RULE) if one.rule is DecisionReason.COUNTED else one for one in records)
    return now, tuple(void)


def explain(request: Request, records: tuple[DecisionRecord, ...], now: float) -> str:
    """One sentence for the run's record."""
    counted = [record for record in records if record.rule is DecisionReason.COUNTED]
    yes = [record.decision.approver for record in counted if record.decision.approve]
    no = [record for record in counted if not record.decision.approve]
    match outcome(request, records, now):
        case Outcome.GRANTED:
            return f"approved by {', '.join(yes)}"
        case Outcome.REFUSED:
            comment = f": {no[0].decision.comment}" if no[0].decision.comment else ""
            after = f" (previously approved by {', '.join(yes)})" if yes else ""
            return f"rejected by {no[0].decision.approver}{comment}{after}"
        case Outcome.EXPIRED:
            one = [count for count, _ in _lacking(request.spec, counted)] == [1]
            return f"expired: {missing(request.spec, counted)} {'was' if one else 'were'} still missing"
    return f"waiting for {missing(request.spec, counted)}"
