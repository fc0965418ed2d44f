"""Who may decide, which decisions count, and when a request expires. Fails closed.

A decision that does not count is recorded with the rule that refused it, and changes nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    Decision,
    DecisionReason,
    DecisionRecord,
    EnvironmentRule,
    Outcome,
    Request,
    Trust,
    VerifiedIdentity,
)
from domain.approvals.spec import ApprovalSpec
from domain.core.values import number


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
    if (rule.quorum or rule.per_group) and rule.name not in approved:
        wanted = f"{rule.quorum} approvals" if rule.quorum else "approvals"
        return f"environment {rule.name} requires {wanted}, but this job needs no approval job for it"
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


def _identity(request: Request, decision: Decision, checked: VerifiedIdentity, now: float) -> DecisionReason | None:
    if not decision.signature:
        return None if request.trust is Trust.OPEN else DecisionReason.UNSIGNED
    if not checked.known:
        return DecisionReason.UNKNOWN
    if not checked.signature_valid:
        return DecisionReason.FORGED
    if _normal(decision.binding) != _normal(request.binding):
        return DecisionReason.OTHER
    return DecisionReason.STALE if now >= decision.expires_at else None


def _person(
    request: Request, decision: Decision, checked: VerifiedIdentity, records: tuple[DecisionRecord, ...]
) -> DecisionReason:
    spec, who = request.spec, decision.approver
    if not _may(who, checked, spec.users, spec.groups, spec.roles):
        return DecisionReason.NOT_ALLOWED
    if not _may(who, checked, request.must_users, request.must_groups, ()):
        return DecisionReason.NOT_ALLOWED
    banned = (
        (spec.allow_author, request.people.author, DecisionReason.AUTHOR),
        (spec.allow_committer, request.people.committer, DecisionReason.COMMITTER),
        (spec.allow_starter, request.people.starter, DecisionReason.STARTER),
    )
    for allowed, person, rule in banned:
        if not allowed and same_person(who, person):
            return rule
    if any(record.rule is DecisionReason.COUNTED and record.decision.approver == who for record in records):
        return DecisionReason.REPEATED
    return DecisionReason.COUNTED


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
    rule = _person(request, record.decision, checked, ())
    return replace(record, rule=rule, groups=checked.groups, roles=checked.roles)


def _may(
    who: str, checked: VerifiedIdentity, users: tuple[str, ...], groups: tuple[str, ...], roles: tuple[str, ...]
) -> bool:
    if not (users or groups or roles):
        return True
    return who in users or bool(set(checked.groups) & set(groups)) or bool(set(checked.roles) & set(roles))


def same_person(approver: str, person: str) -> bool:
    """Whether two names mean one person: `ada`, `Ada <ada@example.org>` and `ada@example.org` are the same, in any
    case.
    """
    if not person or not approver:
        return False
    address = person[person.find("<") + 1 : person.rfind(">")] if "<" in person else person
    name = person.split("<")[0].strip()
    names = {part.casefold() for part in (person, address, address.split("@")[0], name) if part}
    return approver.casefold() in names


def _normal(binding: ApprovalSubject) -> ApprovalSubject:
    return ApprovalSubject(
        binding.workflow_id,
        binding.nonce,
        binding.job,
        binding.commit,
        tuple(sorted(binding.digests)),
        tuple(sorted(binding.verdicts)),
    )


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
    request = Request(
        spec=effective_policy(spec, rule),
        binding=ApprovalSubject(),
        people=people,
        opened_at=0,
        trust=rule.trust,
        must_users=rule.users,
        must_groups=rule.groups,
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


def is_bound_to(
    records: tuple[DecisionRecord, ...], commit: str, digests: tuple[str, ...], verdicts: tuple[str, ...]
) -> bool:
    """Whether every decision that counted was signed for exactly this content."""
    wanted = (commit, tuple(sorted(digests)), tuple(sorted(verdicts)))
    bindings = [_normal(record.decision.binding) for record in records if record.rule is DecisionReason.COUNTED]
    return bool(bindings) and all((b.commit, b.digests, b.verdicts) == wanted for b in bindings)


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
