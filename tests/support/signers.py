"""A signer for tests, and a run that it knows of."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from activities.authority.authority import Authority
from activities.authority.client import AuthorityClient
from activities.authority.log import Log, MemoryLog
from activities.authority.memory import MemoryKeys, MemoryRegistry
from activities.authority.port import PlanStatement, RunStatement
from activities.core import serialization as serial
from domain.approvals.request import ApprovalSubject, ChangeAuthors, Decision, VerifiedIdentity
from domain.approvals.scope import Scope, document
from domain.approvals.spec import ApprovalSpec
from domain.authority.permit import Claim, Effect
from domain.core.digests import sha256
from domain.core.documents import Manifest, Node
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from domain.releases.deploy_spec import DeploySpec
from domain.releases.deployment import Deployment
from domain.runs.approval_scope import bound, bound_jobs, deployment
from domain.supply_chain import attestation
from domain.triggers.source import SourceRef

COMMIT = "c" * 40
SOURCE = SourceRef("/repo", COMMIT)
ARTIFACT = "a" * 64
STEPS = (Step("make"),)
JOBS = (
    Job("build", JobKind.RUN, "build", steps=STEPS, env={"V": "x-${{ event.commit }}-y"}),
    Job("check", JobKind.GATE, "check", needs=("build",)),
    Job("ok", JobKind.APPROVAL, "ok", needs=("check",), environment="prod", approval=ApprovalSpec(groups=("leads",))),
    Job(
        "ship",
        JobKind.DEPLOY,
        "ship",
        needs=("ok",),
        environment="prod",
        deploy=DeploySpec(service="web", command=("a",), artifact="build.app"),
    ),
    Job("tell", JobKind.RUN, "tell", needs=("ship",), when="always()", steps=STEPS, secrets={"TOKEN": "store:mail"}),
    Job("after", JobKind.RUN, "after", needs=("ok",), steps=STEPS),
)


@dataclass
class Signing:
    """An authority in this process, with the store that its client reads from."""

    log: Log = field(default_factory=MemoryLog)
    registry: MemoryRegistry = field(default_factory=MemoryRegistry)
    blobs: dict[str, bytes] = field(default_factory=dict)
    now: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.keys = MemoryKeys()
        self.open()

    def open(self) -> None:
        """Again on the same log: what a restarted signer knows."""
        self.authority = Authority(self.log, self.keys, self.registry, lambda: self.now)
        self.client = AuthorityClient(self.authority.answer, self.blobs.__getitem__, lambda: self.now)

    def put(self, data: bytes) -> str:
        self.blobs[sha256(data)] = data
        return sha256(data)

    def plan(self, jobs: Sequence[Job] = JOBS) -> str:
        page = self.put(serial.dump(tuple(jobs), tuple[Job, ...]))
        return self.put(json.dumps({"pages": [page]}).encode())

    def begun(
        self, jobs: Sequence[Job] = JOBS, run: str = "run/shop/1", earlier: str = "", commit: str = COMMIT
    ) -> str:
        """A run whose plan was read and that has begun."""
        plan = self.plan(jobs)
        again = run if earlier else ""
        people = ChangeAuthors("eve", "eve", "eve")
        source = replace(SOURCE, commit=commit)
        said = PlanStatement(
            pipeline="shop", plan=plan, delivery=f"d-{run}", run=again, commit=commit, source=source, people=people
        )
        self.client.plan(said)
        self.client.begin(RunStatement(run=run, pipeline="shop", plan=plan, commit=commit, earlier=earlier))
        return run

    def decided(self, job: str = "ok", approver: str = "ada", run: str = "run/shop/1", **more: object) -> Decision:
        """A decision of a lead, for exactly what the plan does after it."""
        self.registry.people.setdefault(approver, VerifiedIdentity(True, ("leads",), (), True))
        made = bound("ship", deployment(JOBS[3], SOURCE, ARTIFACT))
        scope = self.put(document(Scope(job=job, commit=COMMIT, jobs=bound_jobs(JOBS, job), deployments=(made,))))
        rule = self.registry.rule("prod").digest
        of = f"approval/{run.removeprefix('run/')}/{job}"
        subject = ApprovalSubject(of, "n", job, COMMIT, version=2, environment="prod", rule=rule, scope=scope)
        decision = Decision(
            approver=approver, approve=True, binding=subject, expires_at=self.now + 60, signature=f"s-{approver}-{run}"
        )
        decision = replace(decision, **more)  # type: ignore[arg-type]
        self.client.decision(decision)
        return decision

    def judged(self, *, passed: bool = True, run: str = "run/shop/1", commit: str = COMMIT) -> None:
        """A gate's verdict, signed."""
        said: Manifest = {"run": run, "job": "check", "commit": commit, "passed": passed, "reason": "because"}
        statement = attestation.statement(attestation.GATE, {"object": "b" * 64}, said)
        self.client.sign(attestation.pae(attestation.PAYLOAD, json.dumps(statement).encode()))


def execution(job: Job, run: str = "run/shop/1", source: SourceRef = SOURCE) -> Claim:
    """The claim of a job's steps."""
    what = {"job": Node(serial.dump_plain(job)).object(), "source": {"repo": source.repo, "commit": source.commit}}
    return Claim(effect=Effect.EXEC, subject=job.id, what=what, run=run, job=job.id)


def release(
    job: Job = JOBS[3],
    run: str = "run/shop/1",
    instance: str = "r1",
    action: str = "start",
    share: int = 0,
    **more: object,
) -> Claim:
    """The claim of an action of a release. `more`: what differs from the planned deployment."""
    made: Deployment = replace(deployment(job, SOURCE, ARTIFACT), **more)  # type: ignore[arg-type]
    what = Node(serial.dump_plain(made)).object()
    subject = f"{made.environment}/{made.service}/{instance}"
    return Claim(effect=Effect.DEPLOY, subject=subject, what=what, run=run, job=job.id, action=action, share=share)
