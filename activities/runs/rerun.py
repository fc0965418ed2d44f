"""Reads what a rerun needs from records and store; domain/runs/rerun.py decides."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

from temporalio import activity

from activities.access.addresses import Addresses
from activities.access.environments import Environments
from activities.access.identity_store import IdentityStore
from activities.access.people import ChangeReader
from activities.authority.port import Permits
from activities.core import serialization as serial
from activities.core.errors import permanent
from activities.pipelines.plan_store import plan_jobs, plan_ref
from activities.runs import port
from activities.runs.approval_scope import read
from activities.runs.port import Attempt, Grant, GrantQuestion, Rerun
from activities.runs.run_reader import RunReader
from activities.storage.port import Store
from activities.triggers.delivery import DeliveryActivities, statement
from domain.approvals import decisions as approval
from domain.approvals import scope
from domain.approvals.artifact import DECISIONS
from domain.approvals.request import (
    ApprovalSubject,
    ChangeAuthors,
    DecisionReason,
    DecisionRecord,
    EnvironmentRule,
    VerifiedIdentity,
)
from domain.approvals.scope import SUBJECT, Scope
from domain.approvals.spec import ApprovalSpec
from domain.core import ids as keys
from domain.core.errors import RefusedError, SluicewayError
from domain.jobs.result import JobResult, Status
from domain.pipelines.job import Job
from domain.pipelines.plan_ref import PlanRef
from domain.runs import approval_scope, rerun
from domain.runs.change_people import people_of
from domain.runs.record import RunRecord
from domain.runs.rerun import Before
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event
from domain.triggers.source import SourceRef

MAX_REASONS = 1_000


class RerunActivities(port.RerunActivities):
    """Reads what the previous attempt left; the domain decides."""

    def __init__(
        self,
        runs: RunReader,
        environments: Environments,
        store: Store,
        delivery: DeliveryActivities,
        identities: IdentityStore,
        permits: Permits,
        people: ChangeReader | None = None,
    ) -> None:
        self._runs, self._environments, self._store, self._delivery = runs, environments, store, delivery
        self._identities, self._permits, self._people = identities, permits, people

    @activity.defn(name="plan-rerun")
    async def plan(self, asked: Rerun) -> Attempt:
        """Plans a new attempt.

        Raises:
            ApplicationError: it is refused, with the reason's code.
        """
        try:
            return await asyncio.to_thread(self._plan, asked)
        except SluicewayError as refused:
            words = [refused.what, *(x for x in (refused.why, refused.fix) if x)]
            raise permanent(refused.code, "; ".join(words)) from refused

    def _plan(self, asked: Rerun) -> Attempt:
        row = self._ended(asked)
        event = replace(serial.load(Event, row["event"]), actor=asked.actor, actor_from=asked.actor_from)
        source = serial.load(SourceRef, row["source"])
        before = plan_jobs(self._store, row["plan"])
        plan, jobs = plan_ref(self._store, row["plan"]), before
        if asked.changed is not None:
            plan, jobs = self._anew(replace(asked.changed, event=event))
        results = {
            job: serial.load(JobResult, found["result"]) for job, found in self._runs.last_results(row["id"]).items()
        }
        known = Before(
            {job: result.status for job, result in results.items()},
            {job: gone for job, result in results.items() if (gone := self._gone(result))},
            {**_changed(before, jobs), **self._void(jobs, results, people_of(event, source), plan)},
        )
        again = rerun.again(jobs, known, asked.wish)
        kept = rerun.kept(jobs, known, again)
        ids = {job.id for job in jobs}
        names = [job for job in results if job not in again and (job in ids or job.partition("[")[0] in kept.spread)]
        attempt = max(row["attempt"], asked.last) + 1
        run = keys.run_id(asked.pipeline, asked.number, attempt)
        again_as = Delivery(run, event, row["path"], source, asked.pipeline)
        self._permits.plan(statement(again_as, plan.digest, run))
        return Attempt(
            attempt=attempt,
            earlier=row["id"],
            event=event,
            source=source,
            path=row["path"],
            plan=plan,
            letters=kept.letters,
            spread=dict(kept.spread),
            kept=self._store.put(json.dumps(names).encode()),
            again=dict(list(again.items())[:MAX_REASONS]),
            count=len(again),
        )

    def _ended(self, asked: Rerun) -> RunRecord:
        attempts = self._runs.attempts(asked.pipeline, asked.number)
        run = keys.run_id(asked.pipeline, asked.number)
        if not attempts:
            raise RefusedError("SLW911", f"no record of {run}", fix="sluiceway runs")
        last = attempts[-1]
        if last["ended_at"] is None:
            raise RefusedError("SLW923", f"{last['id']} is still running", fix=f"sluiceway cancel {last['id']}")
        if not last["plan"]:
            raise RefusedError("SLW924", f"{last['id']} has no plan: its definition had errors", fix="start a new run")
        return last

    def _anew(self, changed: Delivery) -> tuple[PlanRef, list[Job]]:
        reading = self._delivery.read(changed)
        if reading.problems:
            raise RefusedError("SLW925", "the changed definition has errors", why="\n".join(reading.problems))
        if not reading.starts:
            raise RefusedError("SLW928", "the changed definition has no trigger for this event", why=reading.reason)
        return reading.plan, plan_jobs(self._store, reading.plan.digest)

    def _gone(self, result: JobResult) -> str:
        for name, digest in result.artifacts.items():
            if not self._store.has(digest):
                return f"artifact {name}"
        return "the report" if result.report and not self._store.has(result.report) else ""

    def _void(
        self, jobs: list[Job], results: dict[str, JobResult], people: ChangeAuthors, plan: PlanRef
    ) -> dict[str, str]:
        """Approvals that are no longer valid, by the current rules and with the requester as the starter, or because
        anything after them is not what they were granted for.
        """
        found = {}
        for job in jobs:
            result = results.get(job.id)
            if result is None or result.status is not Status.PASSED:
                continue
            opened = job.gate is not None and DECISIONS in result.artifacts
            spec = job.gate.hold if job.gate and opened else job.approval
            if spec is None:
                continue
            rule = self._permits.rule(job.environment)
            decisions = self._decisions(result.artifacts[DECISIONS] if opened else result.report)
            why = self._other(job, jobs, result, plan) or _tightened(result, rule)
            why = why or self._insufficient(spec, rule, decisions, people)
            if why:
                found[job.id] = why
        return found

    def _other(self, job: Job, jobs: list[Job], result: JobResult, plan: PlanRef) -> str:
        """Why what happens after an approval is not what it was granted for; empty: it is."""
        digest = result.artifacts.get(SUBJECT, "")
        if not digest or not self._store.has(digest):
            return "what it was granted for is not recorded"
        now = Scope(parameters=approval_scope.parameters(plan.params), jobs=approval_scope.bound_jobs(jobs, job.group))
        return scope.changed(read(self._store, digest), now)

    def _decisions(self, digest: str) -> tuple[DecisionRecord, ...]:
        if not digest or not self._store.has(digest):
            return ()
        return serial.load(tuple[DecisionRecord, ...], self._store.get(digest))

    def _void_by_people(
        self, asked: GrantQuestion, rule: EnvironmentRule, decisions: tuple[DecisionRecord, ...]
    ) -> bool:
        return bool(self._insufficient(asked.spec, rule, decisions, asked.people))

    def _insufficient(
        self, spec: ApprovalSpec, rule: EnvironmentRule, decisions: tuple[DecisionRecord, ...], people: ChangeAuthors
    ) -> str:
        """Why earlier decisions do not cover another attempt, by all that is known now; empty: they do."""
        people = self._people.read(people, rule.name) if self._people else people
        return approval.revalidate(spec, rule, decisions, people, self._known(decisions, people))

    def _known(self, decisions: tuple[DecisionRecord, ...], people: ChangeAuthors) -> dict[str, VerifiedIdentity]:
        """What is known now of everybody whose decision counted: a removed key and a left group void it."""
        counted = [one.decision for one in decisions if one.rule is DecisionReason.COUNTED]
        addresses = Addresses(self._environments.definitions, self._identities)
        unowned = addresses.unowned(people.addresses) if people.asked else ()
        return {
            one.approver: replace(
                self._permits.decision(one),
                addresses=addresses.of(one.approver),
                unowned=unowned,
            )
            for one in counted
        }

    @activity.defn(name="granted-before")
    async def granted_before(self, asked: GrantQuestion) -> Grant:
        """The previous attempt's decisions, if they were for exactly this subject and still suffice."""
        row = self._runs.last_results(asked.earlier).get(asked.job)
        if row is None or row["status"] != Status.PASSED:
            return Grant()
        result = serial.load(JobResult, row["result"])
        decisions = self._decisions(result.report)
        rule = await asyncio.to_thread(self._permits.rule, asked.environment)
        fits = approval.is_bound_to(decisions, _subject(asked, rule))
        if not fits or await asyncio.to_thread(self._void_by_people, asked, rule, decisions):
            return Grant()
        return Grant(decisions, result.reused or asked.earlier, rule.digest)


def _subject(asked: GrantQuestion, rule: EnvironmentRule) -> ApprovalSubject:
    return ApprovalSubject(
        job=asked.job,
        commit=asked.commit,
        digests=asked.digests,
        verdicts=asked.verdicts,
        version=2,
        repository=asked.repository,
        environment=asked.environment,
        rule=rule.digest,
        scope=asked.scope,
    )


def _tightened(result: JobResult, rule: EnvironmentRule) -> str:
    return "" if rule.is_of(result.rule) else "the environment's rule changed since it was granted"


def _changed(before: list[Job], now: list[Job]) -> dict[str, str]:
    """Jobs whose definition has changed."""
    known = {job.id: job for job in before}
    return {job.id: "its definition changed" for job in now if job.id in known and known[job.id] != job}
