"""What a job's linter and compiler know about the rest of the definition.

Kinds of jobs live in features that import neither each other nor the pipeline; they share these types.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypedDict

from domain.approvals.spec import ApprovalSpec
from domain.clusters.provision import ProvisionSpec
from domain.core.values import Json
from domain.pipelines import dag
from domain.pipelines.steps import ImageSpec, Step, TestSpec
from domain.releases.argocd.job import ArgocdSync
from domain.releases.deploy_spec import DeploySpec
from domain.scans.spec import GateSpec, ScanSpec
from domain.triggers.events import Event
from domain.volumes.volume_job import VolumeJob
from pipeline_defs.core.diagnostics import Path
from pipeline_defs.core.expression_types import Type
from pipeline_defs.core.reader import UsedFiles
from pipeline_defs.core.reporter import DiagnosticReporter


@dataclass(frozen=True)
class JobFacts:
    """What other jobs may reference of a job."""

    kind: str
    """Empty when it has no kind, or several."""
    needs: tuple[str, ...]
    artifacts: Collection[str]
    """Names of its artifacts."""

    @property
    def is_component(self) -> bool:
        """Whether it stands for the jobs of another file, whose artifacts are unknown here."""
        return self.kind == "uses"


@dataclass(frozen=True, kw_only=True)
class JobContext:
    """The context of a linted job."""

    name: str
    path: Path
    reporter: DiagnosticReporter
    files: UsedFiles
    jobs: Mapping[str, JobFacts]
    """Every job of the document, by name."""
    environment: str
    """The environment that the job names; empty: none."""
    scope: Mapping[str, Type]
    """Names available in expressions that are evaluated when the job starts."""
    plan_scope: Mapping[str, Type]
    """Names available in expressions that are evaluated before the run."""

    @property
    def file(self) -> str:
        """Path of the document."""
        return self.reporter.source.file

    @property
    def kind(self) -> str:
        """Empty when the job has no kind, or several."""
        return self.jobs[self.name].kind

    @cached_property
    def upstream(self) -> frozenset[str]:
        """All direct and indirect needs of this job."""
        return frozenset(dag.upstream({name: job.needs for name, job in self.jobs.items()}, self.name))


class JobPart(TypedDict, total=False):
    """The kind-specific fields of a planned job."""

    steps: tuple[Step, ...]
    image: ImageSpec | None
    test: TestSpec
    scan: ScanSpec
    gate: GateSpec
    approval: ApprovalSpec
    deploy: DeploySpec
    provision: ProvisionSpec
    volume: VolumeJob
    argocd_sync: ArgocdSync


@dataclass(frozen=True)
class PlanContext:
    """What compiling a job needs."""

    event: Event
    file: str
    """The job's document."""
    files: UsedFiles
    fill: Callable[[str], Json]
    """Evaluates a text with expressions before the run."""
    default_name: str
    """Default name of an object that the definition leaves unnamed."""
