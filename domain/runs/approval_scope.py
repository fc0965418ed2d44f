"""What an approval of a run is bound to: the jobs after it, their deployments, and what the jobs before it gave."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from domain.approvals.scope import BoundDeployment, BoundJob
from domain.core.digests import digest
from domain.jobs.result import JobResult
from domain.pipelines import dag
from domain.pipelines.job import Job, JobKind
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.place import Place
from domain.secrets.rules import SecretUse
from domain.triggers.source import SourceRef

PEOPLE = (JobKind.APPROVAL, JobKind.GATE)
"""Kinds whose artifacts are what people decided, which differs with each attempt."""


def after(jobs: Sequence[Job], group: str) -> list[Job]:
    """The jobs of a plan that need a group, directly or not, in the order of the plan."""
    needs = {job.group: job.needs for job in jobs}
    found = {group}
    for name in dag.order(needs):
        if not found.isdisjoint(needs[name]):
            found.add(name)
    return [job for job in jobs if job.group in found and job.group != group]


def bound_jobs(jobs: Sequence[Job], group: str) -> tuple[BoundJob, ...]:
    """The jobs after a group, each with the digest of its whole definition."""
    return tuple(
        BoundJob(id=job.id, kind=str(job.kind), environment=job.environment, digest=digest(job))
        for job in after(jobs, group)
    )


def parameters(given: Mapping[str, str | int | float | bool]) -> dict[str, str]:
    """Name to the JSON of each value."""
    return {name: json.dumps(value, ensure_ascii=False) for name, value in sorted(given.items())}


def artifacts(ended: Iterable[tuple[Job, JobResult]]) -> dict[str, str]:
    """`job.name` to digest of all that ended jobs made."""
    return {
        f"{job.id}.{name}": found
        for job, result in ended
        if job.kind not in PEOPLE
        for name, found in sorted(result.artifacts.items())
    }


def images(ended: Iterable[tuple[Job, JobResult]]) -> dict[str, str]:
    """Job to the image that it built, with its digest where there is one."""
    named = ((job.id, result.outputs.get("reference") or result.outputs.get("digest")) for job, result in ended)
    return {id_: str(image) for id_, image in named if image}


def outputs(ended: Iterable[tuple[Job, JobResult]]) -> dict[str, str]:
    """Job to the digest of its outputs: jobs after it may read them."""
    return {job.id: digest(result.outputs) for job, result in ended if result.outputs and job.kind not in PEOPLE}


def deployment(job: Job, source: SourceRef, content: str) -> Deployment:
    """What a deploy job makes live, without the number of its release. `content`: digest of its artifact."""
    assert job.deploy is not None
    return Deployment(
        service=job.deploy.service,
        environment=job.environment,
        instance="",
        spec=job.deploy,
        source=source,
        artifact=content,
        env=job.env,
        secrets=job.secrets,
    )


def bound(job: str, made: Deployment, late: str = "") -> BoundDeployment:
    """A deployment as approvals are bound to it, whatever its release's number. `late`: why it is not known yet.

    Its place is of its environment's rule, whose digest each decision is bound to.
    """
    spec = made.spec
    placed = replace(spec.kubernetes, place=Place()) if spec.kubernetes else None
    plain = replace(made, instance="", cluster="", use=SecretUse(), spec=replace(spec, kubernetes=placed))
    return BoundDeployment(
        job=job,
        service=made.service,
        environment=made.environment,
        version=spec.version,
        image=spec.image,
        artifact=spec.artifact,
        content=made.artifact,
        command=spec.command,
        strategy=spec.strategy,
        target=spec.target,
        digest="" if late else digest(plain),
        late=late,
    )
