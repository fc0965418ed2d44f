"""Kind of a job to how it runs: an activity, or a child workflow where it has its own life and people."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    TimeoutError,
    TimeoutType,
    WorkflowAlreadyStartedError,
)
from temporalio.workflow import ParentClosePolicy

from activities.access.port import IdentityActivities
from activities.core.port import LivenessActivities, ReserveRelease
from activities.jobs.port import JobActivities, JobInput
from activities.runs.port import GrantQuestion, RerunActivities
from activities.scans.port import GateActivities, ScanActivities
from activities.supply_chain.port import AdmitActivities, Admitted, ImageQuestion
from activities.volumes.port import VolumeWish
from domain.approvals import decisions as approval
from domain.approvals.request import Outcome, People, Recorded, Rule
from domain.approvals.spec import ApprovalSpec
from domain.core import ids as keys
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines import dag as graph
from domain.pipelines.job import Job, JobKind
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.deployment import Deployment
from domain.scans import gate
from workflows.approvals.approval import ApprovalWorkflow
from workflows.approvals.messages import ApprovalInput, ApprovalResult
from workflows.clusters import provision
from workflows.core import activity_options as options
from workflows.core import search_attributes as attributes
from workflows.core.failures import reraise_cancelled
from workflows.jobs.expression_context import Seen
from workflows.releases.messages import ReleaseInput
from workflows.releases.release import ReleaseWorkflow
from workflows.runs.messages import RunInput
from workflows.volumes.volume import VolumeWorkflow

_APPROVALS = {
    Outcome.GRANTED: Status.PASSED,
    Outcome.REFUSED: Status.REFUSED,
    Outcome.EXPIRED: Status.EXPIRED,
}
_RELEASES = {
    ReleaseVerdict.LIVE: Status.PASSED,
    ReleaseVerdict.ROLLED_BACK: Status.ROLLED_BACK,
    ReleaseVerdict.ABORTED: Status.ROLLED_BACK,
    ReleaseVerdict.FAILED: Status.FAILED,
}


MAX_BOUND = 200
"""Digests and verdicts that an approval is bound to."""


Asking = workflow.ChildWorkflowHandle[ApprovalWorkflow, ApprovalResult]


class JobKinds:
    def __init__(self, run: RunInput, jobs: Mapping[str, Job], seen: Seen, waits: Callable[[str, str], None]) -> None:
        self._run, self._jobs, self._seen, self._waits = run, jobs, seen, waits
        self.decisions: dict[str, tuple[Recorded, ...]] = {}
        """Of each approval that was answered."""
        self._handlers: dict[JobKind, Callable[[Job, int], Any]] = {
            JobKind.RUN: self._process,
            JobKind.BUILD: self._process,
            JobKind.TEST: self._process,
            JobKind.SCAN: self._scan,
            JobKind.GATE: self._gate,
            JobKind.APPROVAL: self._approval,
            JobKind.DEPLOY: self._deploy,
            JobKind.PROVISION: self._provision,
            JobKind.VOLUME: self._volume,
        }

    async def run(self, job: Job, attempt: int) -> JobResult:
        """Every failure of the machinery becomes a result; only a cancel gets through."""
        try:
            result: JobResult = await self._handlers[job.kind](job, attempt)
        except (ActivityError, ChildWorkflowError) as failed:
            reraise_cancelled(failed)
            return _from_failure(failed, job, attempt)
        return result

    def _input(self, job: Job, attempt: int, reports: Mapping[str, str] | None = None) -> JobInput:
        event = self._run.event
        return JobInput(
            workflow.info().workflow_id,
            job,
            attempt,
            self._run.source,
            self._seen.artifacts(job.artifacts_in),
            dict(reports or {}),
            {"SLUICEWAY_BRANCH": event.branch, "SLUICEWAY_TAG": event.tag, "SLUICEWAY_EVENT": str(event.kind)},
            event.repo,
        )

    async def _process(self, job: Job, attempt: int) -> JobResult:
        return await workflow.execute_activity_method(
            JobActivities.run_job, self._input(job, attempt), **options.job(job, _summary(job, attempt))
        )

    async def _provision(self, job: Job, attempt: int) -> JobResult:
        assert job.provision is not None
        self._waits(job.id, f"cluster {job.provision.name}")
        try:
            return await provision.run(job, attempt)
        finally:
            self._waits(job.id, "")

    async def _volume(self, job: Job, attempt: int) -> JobResult:
        assert job.volume is not None
        wanted = job.volume
        key = keys.job_key(workflow.info().workflow_id, job.id, attempt)
        wish = VolumeWish(wanted.cluster, wanted.spec, wanted.action, wanted.limit_s, wanted.snapshot, key)
        try:
            done = await workflow.execute_child_workflow(
                VolumeWorkflow.run,
                wish,
                id=keys.volume_id(wish.cluster, wish.spec.namespace, wish.spec.name),
                parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
                static_summary=f"{wish.action} volume {wish.spec.name} in {wish.cluster}",
                search_attributes=attributes.typed(cluster=wish.cluster, namespace=wish.spec.namespace),
            )
        except WorkflowAlreadyStartedError:
            return JobResult(Status.FAILED, "somebody else changes this volume just now", Failure.INFRASTRUCTURE)
        seen = done.seen
        outputs = {
            "phase": str(seen.phase),
            "volume": seen.volume,
            "snapshot": done.snapshot,
            "capacity-gb": seen.capacity_gb,
        }
        if done.refusal:
            return JobResult(Status.FAILED, done.refusal[:800], Failure.CHECK, outputs=outputs, attempt=attempt)
        return JobResult(Status.PASSED, f"{wish.action}: {done.words or seen.phase}", outputs=outputs, attempt=attempt)

    async def clear_away(self) -> None:
        """Clusters that were made for this run."""
        made = [job.id for job in self._jobs.values() if job.provision and job.provision.ephemeral]
        results = [self._seen.results[id_] for id_ in made if id_ in self._seen.results]
        names = {str(one.outputs["cluster"]) for one in results if "cluster" in one.outputs}
        await asyncio.gather(*(provision.away(name) for name in sorted(names)))

    async def _scan(self, job: Job, attempt: int) -> JobResult:
        return await workflow.execute_activity_method(
            ScanActivities.scan, self._input(job, attempt), **options.job(job, _summary(job, attempt))
        )

    async def _gate(self, job: Job, attempt: int) -> JobResult:
        upstream = graph.upstream(self._needs(), job.group)
        assert job.gate is not None
        scans = [
            other.id
            for other in self._jobs.values()
            if other.kind is JobKind.SCAN and other.group in (job.gate.scans or upstream)
        ]
        reports = {scan: self._seen.results[scan].report if scan in self._seen.results else "" for scan in scans}
        judged = await self._judged(job, attempt, reports)
        held = job.gate.hold if judged.status is Status.FAILED and judged.failure is Failure.CHECK else None
        return await self._held(job, attempt, reports, judged, held) if held else judged

    async def _judged(self, job: Job, attempt: int, reports: Mapping[str, str]) -> JobResult:
        return await workflow.execute_activity_method(
            GateActivities.gate, self._input(job, attempt, reports), **options.short(_summary(job, attempt))
        )

    async def _held(
        self, job: Job, attempt: int, reports: Mapping[str, str], judged: JobResult, spec: ApprovalSpec
    ) -> JobResult:
        """A closed gate, until what people say elsewhere opens it, or they decide, or nobody did in time."""
        asked = replace(self._question(job, spec), verdicts=(f"{job.id}: {judged.reason}"[:500],))
        self._waits(job.id, f"{job.id} is held: {judged.reason}"[:200])
        people, since = await self._ask(asked, job, attempt), workflow.time()
        while True:
            again = timedelta(seconds=gate.looks_again_s(workflow.time() - since))
            with contextlib.suppress(asyncio.TimeoutError):
                await workflow.wait_condition(people.done, timeout=again, timeout_summary=f"look again at {job.id}")
            if people.done():
                break
            judged = await self._judged(job, attempt, reports)
            if judged.status is Status.PASSED:
                people.cancel()
                await asyncio.gather(people, return_exceptions=True)
                break
        self._waits(job.id, "")
        if judged.status is Status.PASSED:
            return judged
        answer = await people
        self.decisions[job.id] = answer.records
        if Outcome(answer.outcome) is not Outcome.GRANTED:
            return replace(judged, reason=f"{judged.reason}; held, and then {answer.reason}"[:1000])
        who = list(answer.approvers)
        why = f"opened by {', '.join(who)}, although {judged.reason}"[:1000]
        return replace(judged, status=Status.PASSED, failure=Failure.NONE, reason=why, outputs={"approvers": who})

    def _needs(self) -> dict[str, tuple[str, ...]]:
        return {job.group: job.needs for job in self._jobs.values()}

    def _approved(self, job: Job) -> set[str]:
        """Environments whose approval was granted before this job."""
        upstream = graph.upstream(self._needs(), job.group)
        return {
            other.environment
            for other in self._jobs.values()
            if other.kind is JobKind.APPROVAL
            and other.group in upstream
            and other.id in self._seen.results
            and self._seen.results[other.id].status is Status.PASSED
        }

    def _question(self, job: Job, spec: ApprovalSpec) -> ApprovalInput:
        """What is asked for: everything before the job, by digest, and what the gates said of it."""
        upstream = [x for group in sorted(graph.upstream(self._needs(), job.group)) for x in self._seen.cells(group)]
        ended = [(id_, self._seen.results[id_]) for id_ in upstream if id_ in self._seen.results]
        digests = sorted({digest for _, result in ended for digest in (*result.artifacts.values(), *_images(result))})
        verdicts = sorted(f"{id_}={result.status}" for id_, result in ended if self._jobs[id_].kind is JobKind.GATE)
        event = self._run.event
        return ApprovalInput(
            workflow.info().workflow_id,
            self._run.pipeline,
            job.id,
            spec,
            job.environment,
            event.commit,
            tuple(digests[:MAX_BOUND]),
            tuple(verdicts[:MAX_BOUND]),
            People(event.author, event.committer, event.actor),
        )

    async def _granted_before(self, asked: ApprovalInput) -> JobResult | None:
        """The answer of the attempt before, when it was given for exactly the same."""
        grant = await workflow.execute_local_activity_method(
            RerunActivities.granted_before,
            GrantQuestion(
                self._run.earlier,
                asked.job,
                asked.spec,
                asked.environment,
                asked.commit,
                asked.digests,
                asked.verdicts,
                asked.people,
            ),
            **options.LOCAL,
        )
        if not grant.records:
            return None
        self.decisions[asked.job] = grant.records
        approvers = [r.decision.approver for r in grant.records if r.rule is Rule.COUNTED]
        why = f"approved by {', '.join(approvers)} in {grant.run}, for exactly the same"
        return JobResult(Status.PASSED, why, outputs={"approvers": approvers}, reused=grant.run)

    async def _approval(self, job: Job, attempt: int) -> JobResult:
        assert job.approval is not None
        asked = self._question(job, job.approval)
        if self._run.earlier and attempt == 1 and (granted := await self._granted_before(asked)):
            return granted
        self._waits(job.id, f"approval of {job.id}")
        answer = await (await self._ask(asked, job, attempt))
        self._waits(job.id, "")
        self.decisions[job.id] = answer.records
        status = _APPROVALS[Outcome(answer.outcome)]
        failure = Failure.NONE if status is Status.PASSED else Failure.CHECK
        return JobResult(status, answer.reason, failure, outputs={"approvers": list(answer.approvers)}, attempt=attempt)

    async def _ask(self, asked: ApprovalInput, job: Job, attempt: int) -> Asking:
        return await workflow.start_child_workflow(
            ApprovalWorkflow.run,
            asked,
            id=keys.approval_id(asked.run, job.id if attempt == 1 else f"{job.id}/{attempt}"),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"{job.id} of {self._run.pipeline} #{self._run.number}",
            search_attributes=attributes.typed(
                pipeline=self._run.pipeline, environment=job.environment, commit=asked.commit, status="waiting"
            ),
        )

    async def _admitted(self, job: Job) -> Admitted:
        """The image by digest, when the environment lets it run. Going back to it later is not asked about."""
        assert job.deploy is not None
        return await workflow.execute_activity_method(
            AdmitActivities.admit,
            ImageQuestion(job.deploy.image, job.environment),
            **options.pulling(f"image of {job.deploy.service} for {job.environment}"),
        )

    async def _deploy(self, job: Job, attempt: int) -> JobResult:
        assert job.deploy is not None
        rule = await workflow.execute_local_activity_method(
            IdentityActivities.environment_rule, job.environment, **options.LOCAL
        )
        unprotected = approval.protection(rule, self._approved(job))
        if unprotected:
            return JobResult(Status.REFUSED, unprotected, Failure.CHECK, attempt=attempt)
        key = f"{workflow.info().workflow_id}/{job.id}/{attempt}"
        number = await workflow.execute_activity_method(
            LivenessActivities.reserve,
            ReserveRelease(job.environment, key),
            **options.short(f"number of the release to {job.environment}"),
        )
        spec = job.deploy
        if spec.target == "docker":
            admitted = await self._admitted(job)
            if admitted.refusal:
                return JobResult(Status.REFUSED, admitted.refusal, Failure.CHECK, attempt=attempt)
            spec = replace(spec, image=admitted.image)
        artifact = next(iter(self._seen.artifacts((spec.artifact,)).values()), "") if spec.artifact else ""
        if spec.artifact and not artifact:
            return JobResult(Status.FAILED, f"artifact {spec.artifact} does not exist in this run", Failure.CHECK)
        deployment = Deployment(
            spec.service, job.environment, f"r{number}", spec, self._run.source, artifact, job.env, job.secrets
        )
        result = await self._released(job, deployment, number)
        status = _RELEASES[result.verdict]
        failure = Failure.NONE if status is Status.PASSED else Failure.CHECK
        outputs = {"address": result.address, "version": result.live}
        return JobResult(status, result.reason, failure, outputs=outputs, attempt=attempt)

    async def _released(self, job: Job, deployment: Deployment, number: int) -> ReleaseResult:
        spec, event = deployment.spec, self._run.event
        self._waits(job.id, f"release of {spec.service} {spec.version} to {job.environment}")
        result = await workflow.execute_child_workflow(
            ReleaseWorkflow.run,
            ReleaseInput(
                workflow.info().workflow_id,
                number,
                deployment,
                spec.target,
                pipeline=self._run.pipeline,
                commit=event.commit,
                people=People(event.author, event.committer, event.actor),
            ),
            id=keys.release_id(spec.service, job.environment, number),
            parent_close_policy=ParentClosePolicy.REQUEST_CANCEL,
            static_summary=f"{spec.service} {spec.version} to {job.environment}",
            search_attributes=attributes.typed(
                pipeline=self._run.pipeline,
                service=spec.service,
                environment=job.environment,
                commit=self._run.event.commit,
                digest=deployment.artifact,
                status="running",
            ),
        )
        self._waits(job.id, "")
        return result


def _images(result: JobResult) -> list[str]:
    """Of a build: what an image is by digest."""
    return [str(result.outputs[name]) for name in ("digest", "reference") if result.outputs.get(name)]


def _summary(job: Job, attempt: int) -> str:
    return job.id if attempt == 1 else f"{job.id} (attempt {attempt})"


def _from_failure(failed: ActivityError | ChildWorkflowError, job: Job, attempt: int) -> JobResult:
    cause = failed.cause
    if isinstance(cause, TimeoutError):
        if cause.type is TimeoutType.SCHEDULE_TO_START:
            why = f"no worker took it within {job.queue_timeout_s:g} s"
            return JobResult(Status.FAILED, why, Failure.TIMEOUT, attempt=attempt)
        why = f"the worker was lost ({cause.type.name.lower() if cause.type else 'timeout'})"
        return JobResult(Status.FAILED, why, Failure.INFRASTRUCTURE, attempt=attempt)
    code = cause.type if isinstance(cause, ApplicationError) else type(cause).__name__
    return JobResult(Status.FAILED, f"{code}: {cause}"[:1000], Failure.INFRASTRUCTURE, attempt=attempt)
