"""Who may decide, who did, what counts, and until when. Fails closed.

A decision that does not count is kept with the rule that refused it; nothing that is refused changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.pipelines.job import ApprovalSpec


class Trust(StrEnum):
    SIGNED = "signed"
    OPEN = "open"
    """Unsigned signals count, under the name that they claim. For trying things out."""


@dataclass(frozen=True)
class EnvironmentRule:
    """What a registered environment demands at least; a pipeline may ask for more, never for less."""

    name: str = ""
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    quorum: int = 0
    per_group: dict[str, int] = field(default_factory=dict)
    trust: Trust = Trust.SIGNED
    allow_author: bool = True
    allow_committer: bool = True
    allow_starter: bool = True
    max_expires_s: float = 0
    """0: the pipeline's own expiry counts."""


MAX_REFUSED = 100
"""Characters that are kept of what did not count: a flood must not make a gate too big to answer."""
CARRIED = 100
"""Decisions without effect that are still listed after a continue-as-new."""


@dataclass(frozen=True)
class Binding:
    """What exactly is approved. A decision is valid for this and nothing else."""

    workflow_id: str = ""
    nonce: str = ""
    """New for every attempt: an old decision means nothing to a new attempt."""
    job: str = ""
    commit: str = ""
    digests: tuple[str, ...] = ()
    """Artifacts, sorted."""
    verdicts: tuple[str, ...] = ()
    """Gates as `job=passed`, sorted."""


@dataclass(frozen=True)
class People:
    author: str = ""
    committer: str = ""
    starter: str = ""


@dataclass(frozen=True)
class Decision:
    """One person's answer as it arrives: every field may be missing or a lie."""

    approver: str = ""
    approve: bool = False
    comment: str = ""
    binding: Binding = Binding()
    expires_at: float = 0
    """Seconds since the epoch after which the signature is worthless."""
    signature: str = ""
    """Base64 of ed25519 over `signed_text`."""
    request_id: str = ""


@dataclass(frozen=True)
class Checked:
    """What the identity registry says of a decision; looked up when it arrives, and kept with it."""

    known: bool = False
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    signature_valid: bool = False


class Rule(StrEnum):
    """The rule that counted or refused a decision."""

    COUNTED = "counted"
    CLOSED = "the approval is already decided"
    EXPIRED = "the approval has expired"
    MALFORMED = "the decision names no approver"
    UNSIGNED = "unsigned decisions are ignored here; use `sluiceway approve`"
    UNKNOWN = "no such identity is registered"
    FORGED = "the signature does not fit the decision"
    STALE = "the signature's own time has run out"
    OTHER = "the decision is for another run, job, attempt or content"
    NOT_ALLOWED = "the approver is none of those who may decide"
    AUTHOR = "the author of the change may not decide"
    COMMITTER = "the committer of the change may not decide"
    STARTER = "who started the run may not decide"
    REPEATED = "this approver has already decided"


class Outcome(StrEnum):
    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Recorded:
    """A decision with its fate."""

    decision: Decision
    at: float
    rule: Rule
    source: str
    """`signal` or `update`."""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """An approval that is asked for."""

    spec: ApprovalSpec
    binding: Binding
    people: People
    opened_at: float
    trust: Trust = Trust.SIGNED
    must_users: tuple[str, ...] = ()
    must_groups: tuple[str, ...] = ()
    """The environment's list: who is in neither may not decide whatever the pipeline says; empty: no limit."""

    @property
    def expires_at(self) -> float:
        return self.opened_at + self.spec.expires_s


def signed_text(decision: Decision) -> bytes:
    """The canonical JSON that a signature covers: everything but the signature and the request id."""
    b = decision.binding
    return json.dumps(
        {
            "approve": decision.approve,
            "approver": decision.approver,
            "comment": decision.comment,
            "commit": b.commit,
            "digests": sorted(b.digests),
            "expires_at": decision.expires_at,
            "job": b.job,
            "nonce": b.nonce,
            "verdicts": sorted(b.verdicts),
            "workflow_id": b.workflow_id,
        },
        sort_keys=True,
        separators=(",", ":"),
    ).encode()


def tighten(spec: ApprovalSpec, rule: EnvironmentRule) -> ApprovalSpec:
    """The stricter of what the pipeline asks and what the environment demands, in every point."""
    per_group = dict(spec.per_group)
    for group, number in rule.per_group.items():
        per_group[group] = max(number, per_group.get(group, 0))
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
    """Why a deployment must not begin; empty when it may.

    `approved` holds the environments of the approvals that were granted in this run before the deployment. Leaving the
    approval out of a pipeline is asking for less than the environment demands.
    """
    if (rule.quorum or rule.per_group) and rule.name not in approved:
        wanted = f"{rule.quorum} approvals" if rule.quorum else "approvals"
        return f"environment {rule.name} demands {wanted}, and no approval for it is among the jobs needed before"
    return ""


def weigh(request: Request, decision: Decision, checked: Checked, records: tuple[Recorded, ...], now: float) -> Rule:
    """Whether a decision counts, and the first rule that says it does not."""
    if outcome(request, records, now) in (Outcome.GRANTED, Outcome.REFUSED):
        return Rule.CLOSED
    if now >= request.expires_at:
        return Rule.EXPIRED
    if not decision.approver:
        return Rule.MALFORMED
    return _identity(request, decision, checked, now) or _person(request, decision, checked, records)


def _identity(request: Request, decision: Decision, checked: Checked, now: float) -> Rule | None:
    if not decision.signature:
        return None if request.trust is Trust.OPEN else Rule.UNSIGNED
    if not checked.known:
        return Rule.UNKNOWN
    if not checked.signature_valid:
        return Rule.FORGED
    if _normal(decision.binding) != _normal(request.binding):
        return Rule.OTHER
    return Rule.STALE if now >= decision.expires_at else None


def _person(request: Request, decision: Decision, checked: Checked, records: tuple[Recorded, ...]) -> Rule:
    spec, who = request.spec, decision.approver
    if not _may(who, checked, spec.users, spec.groups, spec.roles):
        return Rule.NOT_ALLOWED
    if not _may(who, checked, request.must_users, request.must_groups, ()):
        return Rule.NOT_ALLOWED
    banned = (
        (spec.allow_author, request.people.author, Rule.AUTHOR),
        (spec.allow_committer, request.people.committer, Rule.COMMITTER),
        (spec.allow_starter, request.people.starter, Rule.STARTER),
    )
    for allowed, person, rule in banned:
        if not allowed and same_person(who, person):
            return rule
    if any(record.rule is Rule.COUNTED and record.decision.approver == who for record in records):
        return Rule.REPEATED
    return Rule.COUNTED


def _may(who: str, checked: Checked, users: tuple[str, ...], groups: tuple[str, ...], roles: tuple[str, ...]) -> bool:
    if not (users or groups or roles):
        return True
    return who in users or bool(set(checked.groups) & set(groups)) or bool(set(checked.roles) & set(roles))


def same_person(approver: str, person: str) -> bool:
    """`ada` is `ada`, `Ada <ada@example.org>` and `ada@example.org`; letter case does not matter."""
    if not person or not approver:
        return False
    address = person[person.find("<") + 1 : person.rfind(">")] if "<" in person else person
    name = person.split("<")[0].strip()
    names = {part.casefold() for part in (person, address, address.split("@")[0], name) if part}
    return approver.casefold() in names


def _normal(binding: Binding) -> Binding:
    return Binding(
        binding.workflow_id,
        binding.nonce,
        binding.job,
        binding.commit,
        tuple(sorted(binding.digests)),
        tuple(sorted(binding.verdicts)),
    )


def outcome(request: Request, records: tuple[Recorded, ...], now: float) -> Outcome:
    """One counted rejection refuses; quorum in total and per group grants; time refuses what is still open."""
    counted = [record for record in records if record.rule is Rule.COUNTED]
    if any(not record.decision.approve for record in counted):
        return Outcome.REFUSED
    if counted and not missing(request.spec, counted):
        return Outcome.GRANTED
    return Outcome.EXPIRED if now >= request.expires_at else Outcome.PENDING


def missing(spec: ApprovalSpec, counted: list[Recorded]) -> str:
    """What is still needed, for people; empty when the quorum is reached."""
    wants = []
    if len(counted) < max(spec.quorum, 1):
        wants.append(f"{max(spec.quorum, 1) - len(counted)} more of {max(spec.quorum, 1)}")
    for group, number in sorted(spec.per_group.items()):
        have = sum(1 for record in counted if group in record.groups)
        if have < number:
            wants.append(f"{number - have} more of group {group}")
    return ", ".join(wants)


def void(spec: ApprovalSpec, rule: EnvironmentRule, records: tuple[Recorded, ...], people: People) -> str:
    """Why decisions that were granted once do not suffice for another attempt; empty: they do.

    The environment's rules are those of now, and who asks for the attempt is its starter.
    """
    request = Request(tighten(spec, rule), Binding(), people, 0, rule.trust, rule.users, rule.groups)
    counted = [record for record in records if record.rule is Rule.COUNTED and record.decision.approve]
    standing, fallen = [], ""
    for record in counted:
        said = _person(request, record.decision, Checked(True, record.groups, record.roles, True), ())
        if said is Rule.COUNTED:
            standing.append(record)
        else:
            fallen = f" ({record.decision.approver}: {said})"
    lacking = missing(request.spec, standing)
    return f"its approval does not suffice any more: {lacking} needed{fallen}" if lacking or not standing else ""


def covers(records: tuple[Recorded, ...], commit: str, digests: tuple[str, ...], verdicts: tuple[str, ...]) -> bool:
    """Whether every decision that counted was signed for exactly this content."""
    wanted = (commit, tuple(sorted(digests)), tuple(sorted(verdicts)))
    bindings = [_normal(record.decision.binding) for record in records if record.rule is Rule.COUNTED]
    return bool(bindings) and all((b.commit, b.digests, b.verdicts) == wanted for b in bindings)


def explain(request: Request, records: tuple[Recorded, ...], now: float) -> str:
    """One sentence for the run's record."""
    counted = [record for record in records if record.rule is Rule.COUNTED]
    yes = [record.decision.approver for record in counted if record.decision.approve]
    no = [record for record in counted if not record.decision.approve]
    match outcome(request, records, now):
        case Outcome.GRANTED:
            return f"approved by {', '.join(yes)}"
        case Outcome.REFUSED:
            comment = f": {no[0].decision.comment}" if no[0].decision.comment else ""
            after = f" (approved before by {', '.join(yes)})" if yes else ""
            return f"rejected by {no[0].decision.approver}{comment}{after}"
        case Outcome.EXPIRED:
            return f"nobody decided in time: {missing(request.spec, counted)} was missing"
    return f"waiting for {missing(request.spec, counted)}"


def as_binding(raw: Mapping[str, object]) -> Binding:
    """From untrusted JSON: wrong types become empty values, which fit no request."""

    def text(key: str) -> str:
        value = raw.get(key)
        return value if isinstance(value, str) else ""

    def texts(key: str) -> tuple[str, ...]:
        value = raw.get(key)
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else ()

    return Binding(text("workflow_id"), text("nonce"), text("job"), text("commit"), texts("digests"), texts("verdicts"))


def as_decision(raw: Mapping[str, object], *, approve: bool | None = None) -> Decision:
    """From untrusted JSON as a signal brings it. Never raises."""

    def text(key: str) -> str:
        value = raw.get(key)
        return value if isinstance(value, str) else ""

    binding, expires = raw.get("binding"), raw.get("expires_at")
    return Decision(
        approver=text("approver"),
        approve=raw.get("approve") is True if approve is None else approve,
        comment=text("comment")[:2000],
        binding=as_binding(binding) if isinstance(binding, Mapping) else Binding(),
        expires_at=float(expires) if isinstance(expires, int | float) and not isinstance(expires, bool) else 0,
        signature=text("signature"),
        request_id=text("request_id"),
    )


def kept(decision: Decision, rule: Rule) -> Decision:
    """As it is recorded: a decision that counts with all that was signed, and of any other what says who tried."""
    if rule is Rule.COUNTED:
        return replace(decision, signature=decision.signature[:100])
    who, why = decision.approver[:MAX_REFUSED], decision.comment[:MAX_REFUSED]
    return replace(decision, approver=who, comment=why, binding=Binding(), signature="", request_id="")


def carried(records: Sequence[Recorded]) -> tuple[Recorded, ...]:
    """What a long wait goes on with: all that counts, and the last of the rest, without what they were bound to."""
    last = set(range(max(len(records) - CARRIED, 0), len(records)))
    return tuple(
        one if one.rule is Rule.COUNTED else replace(one, decision=replace(one.decision, binding=Binding()))
        for index, one in enumerate(records)
        if one.rule is Rule.COUNTED or index in last
    )
