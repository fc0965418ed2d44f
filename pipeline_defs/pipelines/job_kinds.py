"""The kinds of jobs: how each is linted and compiled. A new kind is a line here.

`uses` is not a kind: it stands for the jobs of a component, which have their own kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from domain.pipelines.outputs import BUILT_IN
from pipeline_defs.approvals.compile import compile_approval
from pipeline_defs.approvals.lint import lint_approval
from pipeline_defs.clusters.lint import lint_provision
from pipeline_defs.clusters.provision import compile_provision
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.job_context import JobContext, JobPart, PlanContext
from pipeline_defs.jobs.compile import compile_build, compile_run, compile_test
from pipeline_defs.jobs.lint import lint_build, lint_run, lint_test
from pipeline_defs.pipelines.model import Job
from pipeline_defs.releases.argocd_compile import compile_argocd
from pipeline_defs.releases.argocd_lint import lint_argocd
from pipeline_defs.releases.compile import compile_deploy
from pipeline_defs.releases.lint import lint_deploy
from pipeline_defs.scans.compile import compile_gate, compile_scan
from pipeline_defs.scans.lint import lint_gate, lint_scan
from pipeline_defs.volumes.compile import compile_volume
from pipeline_defs.volumes.lint import lint_volume

B = TypeVar("B")
USES = "uses"


@dataclass(frozen=True)
class JobKind:
    """Lint and compile functions of one kind."""

    lint: Callable[[Job, JobContext], Iterator[Diagnostic]]
    compile: Callable[[Job, PlanContext], JobPart]
    outputs: Mapping[str, str]
    """Name to type of its built-in outputs."""


def _kind(
    block: Callable[[Job], B | None],
    lint: Callable[[B, JobContext], Iterator[Diagnostic]],
    compile_: Callable[[B, PlanContext], JobPart],
    outputs: Mapping[str, str] | None = None,
) -> JobKind:
    """`block`: the key of a job that selects this kind."""

    def lint_job(job: Job, context: JobContext) -> Iterator[Diagnostic]:
        found = block(job)
        assert found is not None
        return lint(found, context)

    def compile_job(job: Job, context: PlanContext) -> JobPart:
        found = block(job)
        assert found is not None
        return compile_(found, context)

    return JobKind(lint_job, compile_job, outputs or {})


JOB_KINDS: Mapping[str, JobKind] = {
    "run": _kind(lambda job: job.run, lint_run, compile_run),
    "build": _kind(lambda job: job.build, lint_build, compile_build, BUILT_IN["build"]),
    "test": _kind(lambda job: job.test, lint_test, compile_test, BUILT_IN["test"]),
    "scan": _kind(lambda job: job.scan, lint_scan, compile_scan, BUILT_IN["scan"]),
    "gate": _kind(lambda job: job.gate, lint_gate, compile_gate),
    "approval": _kind(lambda job: job.approval, lint_approval, compile_approval, BUILT_IN["approval"]),
    "deploy": _kind(lambda job: job.deploy, lint_deploy, compile_deploy, BUILT_IN["deploy"]),
    "provision": _kind(lambda job: job.provision, lint_provision, compile_provision, BUILT_IN["provision"]),
    "volume": _kind(lambda job: job.volume, lint_volume, compile_volume, BUILT_IN["volume"]),
    "argocd-sync": _kind(lambda job: job.argocd_sync, lint_argocd, compile_argocd, BUILT_IN["argocd-sync"]),
}
"""Key of a job's block to its kind."""
NAMES = (*JOB_KINDS, USES)


def kinds_of(job: Job) -> list[str]:
    """All kinds whose block the job has; a valid job has exactly one."""
    return [name for name in NAMES if getattr(job, name.replace("-", "_")) not in (None, "")]


def kind_of(job: Job) -> str:
    """The kind; empty when there is none or more than one."""
    kinds = kinds_of(job)
    return kinds[0] if len(kinds) == 1 else ""


def outputs_of(job: Job) -> dict[str, str]:
    """Name to type: the kind's built-in outputs, and those that the job declares."""
    kind = JOB_KINDS.get(kind_of(job))
    return {**(kind.outputs if kind else {}), **job.outputs}
