"""Whether people and gates have opened the way to a job, by what they have signed.

The results of a run are not looked at: whoever completes an approval or a gate in the place of the engine shows
nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.approvals import decisions as approval
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    Decision,
    DecisionReason,
    DecisionRecord,
    EnvironmentRule,
    Trust,
    VerifiedIdentity,
)
from domain.approvals.scope import Scope
from domain.approvals.spec import ApprovalSpec
from domain.core import ids
from domain.pipelines.job import DEPLOYING, Job, JobKind
from domain.runs.approval_scope import bound_jobs

_STATUS_CALL = re.compile(r"\b(success|failure|always)\s*\(")
"""As in expressions: such a condition does not require that the needs passed."""


@dataclass(frozen=True)
class Verdict:
    """What a gate has said, signed."""

    passed: bool
    commit: str


@dataclass(frozen=True)
class Chain:
    """An attempt of a run and the attempts before it whose results it may keep."""

    run: str
    commit: str
    """The event's, which decisions are about."""
    source_commit: str
    """Of the files, which scans and gates are about."""
    people: Callable[[str], ChangeAuthors]
    """Who made and started the change, for an environment: what it brings there depends on what is live."""
    runs: Mapping[str, tuple[Job, ...]]
    """Each attempt, this one included, to the jobs of its plan."""

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs of this attempt's plan."""
        return self.runs[self.run]


@dataclass(frozen=True)
class Known:
    """What the signer has seen, and what is registered."""

    decisions: Callable[[str], Sequence[Decision]]
    """Signed decisions by the workflow id of their approval or of one of its retries."""
    claimed: Callable[[str], Sequence[Decision]]
    """Unsigned ones, which count where the environment says `trust: open`."""
    verdicts: Callable[[str, str], Verdict | None]
    """The last verdict of a gate by run and job."""
    identity: Callable[[Decision], VerifiedIdentity]
    """What is known now of a decision's approver and of the signature."""
    unowned: Callable[[Collection[str]], tuple[str, ...]]
    """Those of the addresses of a change that nobody registered owns."""
    rule: Callable[[str], EnvironmentRule]
    """The registered rule of an environment."""
    rule_then: Callable[[str], EnvironmentRule | None]
    """The rule of that digest, as it was when a decision for it came; None: never seen."""
    scope: Callable[[str], Scope]
    """The document of an approval, by the digest that was signed."""


@dataclass(frozen=True)
class Shown:
    """Who and what has opened the way; or why it is closed."""

    approvers: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    scopes: tuple[Scope, ...] = ()
    """What the approvals of the job's environment were given for; empty: none was needed."""
    approval_missing: str = ""
    gate_missing: str = ""


def required(jobs: Sequence[Job], job: Job) -> list[Job]:
    """Approvals and gates that must have passed before a job starts, by conditions that need no results.

    A condition with a status function lets a job start whatever its needs came to: what stands above such a job is
    required only by the environment's rule.
    """
    groups: dict[str, list[Job]] = {}
    for one in jobs:
        groups.setdefault(one.group, []).append(one)
    found: dict[str, Job] = {}
    seen: set[str] = set()
    waiting = [job]
    while waiting:
        one = waiting.pop()
        if _STATUS_CALL.search(one.when):
            continue
        for need in one.needs:
            if need in seen:
                continue
            seen.add(need)
            for above in groups.get(need, ()):
                if above.continue_on_error:
                    continue
                waiting.append(above)
                if above.kind in (JobKind.APPROVAL, JobKind.GATE):
                    found[above.id] = above
    return list(found.values())


def shown(chain: Chain, job: Job, known: Known) -> Shown:
    """What has been signed for a job to start, and the first thing that is missing."""
    approvers: list[str] = []
    gates: list[str] = []
    scopes: list[Scope] = []
    strict = job.kind in DEPLOYING
    approved: set[str] = set()
    for one in _asked(chain, job, known):
        if one.kind is JobKind.GATE:
            wrong, who = _gate(chain, one, known, strict=strict)
            if wrong:
                return Shown(gate_missing=f"gate {one.id}: {wrong}")
            gates.append(one.id)
            approvers += who
            continue
        wrong, who, scope = _approval(chain, one, known, strict=strict)
        if wrong:
            return Shown(approval_missing=f"approval {one.id}: {wrong}")
        approved.add(one.environment)
        approvers += who
        if scope is not None and one.environment == job.environment:
            scopes.append(scope)
    unprotected = approval.protection(known.rule(job.environment), approved) if strict else ""
    return Shown(tuple(dict.fromkeys(approvers)), tuple(gates), tuple(scopes), approval_missing=unprotected)


def _asked(chain: Chain, job: Job, known: Known) -> list[Job]:
    """What the conditions require, and where the environment protects itself, its approvals above the job."""
    asked = required(chain.jobs, job)
    rule = known.rule(job.environment)
    if job.kind not in DEPLOYING or not (rule.quorum or rule.per_group):
        return asked
    if any(one.kind is JobKind.APPROVAL and one.environment == job.environment for one in asked):
        return asked
    above = _above(chain.jobs, job)
    return asked + [
        one
        for one in chain.jobs
        if one.group in above and one.kind is JobKind.APPROVAL and one.environment == job.environment
    ]


def _above(jobs: Sequence[Job], job: Job) -> Collection[str]:
    needs: dict[str, tuple[str, ...]] = {one.group: one.needs for one in jobs}
    found: set[str] = set()
    waiting = list(job.needs)
    while waiting:
        group = waiting.pop()
        if group not in found:
            found.add(group)
            waiting += needs.get(group, ())
    return found


def _gate(chain: Chain, gate: Job, known: Known, *, strict: bool) -> tuple[str, list[str]]:
    """Why a gate is closed, and who has opened one that was held."""
    name = _item(gate)
    for run in _kept(chain, gate):
        verdict = known.verdicts(run, name)
        if verdict and verdict.commit == chain.source_commit and verdict.passed:
            return "", []
    hold = gate.gate.hold if gate.gate else None
    if hold is None:
        return "no signed verdict says that it passed", []
    wrong, who, _ = _people(chain, gate, hold, known, strict=strict)
    return wrong, who


def _approval(chain: Chain, job: Job, known: Known, *, strict: bool) -> tuple[str, list[str], Scope | None]:
    assert job.approval is not None
    return _people(chain, job, job.approval, known, strict=strict)


def _people(
    chain: Chain, job: Job, spec: ApprovalSpec, known: Known, *, strict: bool
) -> tuple[str, list[str], Scope | None]:
    """Why signed decisions do not suffice, who has decided, and what they decided about.

    `strict`: by the environment's rule as it is now; else the rule that the approvers saw counts.
    """
    rule = known.rule(job.environment)
    if rule.trust is Trust.OPEN:
        wrong, who = openly(chain, spec, rule, [ids.approval_id(run, _item(job)) for run in _kept(chain, job)], known)
        return wrong, who, None
    why = "nobody has signed a decision for it"
    for run in _kept(chain, job):
        for subject in subjects(known.decisions(ids.approval_id(run, _item(job)))):
            then = rule if rule.is_of(subject[0].binding.rule) else known.rule_then(subject[0].binding.rule)
            if then is None or (strict and then is not rule):
                why = f"the rule of environment {job.environment} has changed since"
                continue
            why = suffices(chain, spec, then, subject, known)
            if why:
                continue
            scope, why = _scope(chain, job, subject[0].binding, known)
            if scope is not None:
                return "", [one.approver for one in subject if one.approve], scope
    return why, [], None


def openly(
    chain: Chain, spec: ApprovalSpec, rule: EnvironmentRule, approvals: Sequence[str], known: Known
) -> tuple[str, list[str]]:
    """Why decisions do not suffice where unsigned ones count under the name that they claim, and whose do."""
    why = "nobody has decided it"
    for approval_id in approvals:
        said = [*known.decisions(approval_id), *known.claimed(approval_id)]
        if rejected := [one.approver for one in said if not one.approve]:
            why = f"{rejected[0]} has rejected it"
        elif said:
            distinct = tuple({one.approver: one for one in said}.values())
            why = _counted(distinct, spec, rule, chain.people(rule.name), known)
            if not why:
                return "", [one.approver for one in distinct]
    return why, []


def _scope(chain: Chain, job: Job, binding: ApprovalSubject, known: Known) -> tuple[Scope | None, str]:
    """What the decisions let happen, if that is what this attempt's plan does after them."""
    if binding.version < 2 or not binding.scope:
        return None, "the decisions do not say what they let happen"
    scope = known.scope(binding.scope)
    if scope.jobs != bound_jobs(chain.jobs, job.group):
        return None, "the decisions are for other jobs than the plan has after it"
    return scope, ""


def subjects(decisions: Sequence[Decision]) -> Iterator[list[Decision]]:
    """Decisions for one and the same subject, the latest subject first."""
    by_subject: dict[ApprovalSubject, list[Decision]] = {}
    for one in decisions:
        by_subject.setdefault(one.binding, []).append(one)
    yield from reversed(by_subject.values())


def suffices(chain: Chain, spec: ApprovalSpec, rule: EnvironmentRule, subject: Sequence[Decision], known: Known) -> str:
    """Why decisions about one subject do not suffice; empty: they do."""
    if subject[0].binding.commit != chain.commit:
        return "the decisions are for another commit"
    so_far: dict[str, Decision] = {}
    people, why = chain.people(rule.name), ""
    for one in subject:  # in the order of their arrival: what comes after the quorum changes nothing
        if one.approve:
            so_far.setdefault(one.approver, one)
            why = _counted(tuple(so_far.values()), spec, rule, people, known)
            if not why:
                return ""
        elif not _counted((replace(one, approve=True),), _lone(spec), _alone(rule), people, known, of=(one,)):
            return f"{one.approver} has rejected it"
    return why or "nobody has signed a decision for it"


def _counted(
    decisions: tuple[Decision, ...],
    spec: ApprovalSpec,
    rule: EnvironmentRule,
    people: ChangeAuthors,
    known: Known,
    of: tuple[Decision, ...] = (),
) -> str:
    """Why decisions do not suffice now. `of`: what was signed, where it is not the decisions themselves."""
    unowned = known.unowned(people.addresses) if people.asked else ()
    checked = {one.approver: replace(known.identity(one), unowned=unowned) for one in of or decisions}
    records = tuple(
        DecisionRecord(one, 0, DecisionReason.COUNTED, "", checked[one.approver].groups, checked[one.approver].roles)
        for one in decisions
    )
    return approval.revalidate(spec, rule, records, people, checked)


def _lone(spec: ApprovalSpec) -> ApprovalSpec:
    return replace(spec, quorum=1, per_group={})


def _alone(rule: EnvironmentRule) -> EnvironmentRule:
    return replace(rule, quorum=min(rule.quorum, 1), per_group={})


def _item(job: Job) -> str:
    """A for-each job has no result of its own: its first item stands for it."""
    return f"{job.id}[0]" if job.for_each else job.id


def _kept(chain: Chain, job: Job) -> list[str]:
    """This attempt, and those before it in which the job was the same."""
    return [run for run, jobs in chain.runs.items() if run == chain.run or job in jobs]
