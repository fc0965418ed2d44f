"""What of a plan the policies refuse, each as a line with its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from domain.pipelines.job import DEPLOYING, Job, JobKind
from domain.pipelines.plan import Plan
from domain.policy.policy import PolicyFor, Push, lets_in
from domain.triggers.events import Event, EventKind
from domain.triggers.repository_name import repository_name
from domain.triggers.source import SourceRef

STEPS = frozenset((JobKind.RUN, JobKind.BUILD, JobKind.TEST))
"""Kinds of jobs whose steps an executor runs."""


def push_of(pipeline: str, event: Event, source: SourceRef) -> Push:
    """What policies look at."""
    home = repository_name(event.repo)
    foreign = event.kind is EventKind.PULL_REQUEST and (not event.own_branch or repository_name(source.repo) != home)
    return Push(
        repository=home,
        pipeline=pipeline,
        event=event.kind,
        branch=event.branch,
        tag=event.tag,
        elsewhere=foreign,
    )


def of_push(held: PolicyFor) -> Iterator[str]:
    """Why the push may not start a run."""
    push, rules = held.push, held.rules
    if not lets_in(rules.repositories, push.repository):
        said = held.saying("repositories")
        yield f"error SLW050: the policy {said} does not let the repository {push.repository} start runs"
    if not lets_in(rules.refs, push.ref):
        where = push.ref or "a run without a branch"
        yield f"error SLW050: the policy {held.saying('refs')} does not let {where} start runs"


def of_plan(held: PolicyFor, plan: Plan) -> Iterator[str]:
    """Why jobs of a plan may not run."""
    without = ungated(plan.jobs)
    for job in plan.jobs:
        if why := of_job(held, job):
            yield f"job {job.id}: error SLW051: {why}"
        if job.id in without and (why := of_ungated(held)):
            yield f"job {job.id}: error SLW054: {why}"


def ungated(jobs: Sequence[Job]) -> frozenset[str]:
    """Ids of the deployments of a plan that no gate stands before."""
    needed = _needs(jobs)
    kinds = {job.group or job.id: job.kind for job in jobs}
    deployments = (job for job in jobs if job.kind in DEPLOYING)
    return frozenset(job.id for job in deployments if JobKind.GATE not in map(kinds.get, _upstream(job, needed)))


def of_ungated(held: PolicyFor) -> str:
    """Why nothing is deployed that no gate has judged; empty: it may be."""
    asks = held.rules.gate is not None and held.rules.gate.required
    return f"the policy {held.saying('gate')} wants a gate before it" if asks else ""


def of_job(held: PolicyFor, job: Job) -> str:
    """Why an executor may not run a job; empty: it may."""
    return of_executor(held, job.executor) if job.kind in STEPS else ""


def of_executor(held: PolicyFor, executor: str) -> str:
    """Why an executor may run nothing of the push; empty: it may."""
    allowed = held.rules.executors
    if allowed is None or executor in allowed:
        return ""
    known = ", ".join(sorted(allowed)) or "none"
    said = held.saying("executors")
    return f"the policy {said} does not allow the executor {executor}; allowed: {known}"


def of_use(held: PolicyFor, url: str) -> str:
    """Why a definition may not use files of another repository; empty: it may."""
    if lets_in(held.rules.uses, repository_name(url)):
        return ""
    return f"the policy {held.saying('uses')} does not allow files of {repository_name(url)}"


def _needs(jobs: Sequence[Job]) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for job in jobs:
        name = job.group or job.id
        found[name] = found.get(name, frozenset()) | frozenset(job.needs)
    return found


def _upstream(job: Job, needed: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = list(job.needs)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needed.get(name, ())
    return frozenset(found)
