"""What a kind of job is linted and compiled with: what the rest of the definition says about and around it.

The kinds live in features that do not know each other, nor what a pipeline is; they know this.
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
    """What other jobs may ask of a job."""

    kind: str
    """Empty when it has none, or several."""
    needs: tuple[str, ...]
    artifacts: Collection[str]
    """Names of those that leave it."""

    @property
    def is_component(self) -> bool:
        """Whether it stands for jobs of another file, whose artifacts are not known here."""
        return self.kind == "uses"


@dataclass(frozen=True)
class JobContext:
    """Where a job stands that is linted."""

    name: str
    path: Path
    reporter: DiagnosticReporter
    files: UsedFiles
    jobs: Mapping[str, JobFacts]
    """Every job of the same document, by name."""
    environment: str
    """That the job names; empty: none."""
    scope: Mapping[str, Type]
    """What expressions may name that are evaluated when the job begins."""
    plan_scope: Mapping[str, Type]
    """What those may name that are evaluated before the run."""

    @property
    def file(self) -> str:
        """Of the document."""
        return self.reporter.source.file

    @property
    def kind(self) -> str:
        """Empty when the job has none, or several."""
        return self.jobs[self.name].kind

    @cached_property
    def upstream(self) -> frozenset[str]:
        """All jobs that this one needs, directly or not."""
        return frozenset(dag.upstream({name: job.needs for name, job in self.jobs.items()}, self.name))


class JobPart(TypedDict, total=False):
    """The fields of a planned job that are its kind's own."""

    steps: tuple[Step, ...]
    image: ImageSpec | None
    test: TestSpec
    scan: ScanSpec
    gate: GateSpec
    approval: ApprovalSpec
    deploy: DeploySpec
    provision: ProvisionSpec
    volume: VolumeJob


@dataclass(frozen=True)
class PlanContext:
    """What a job is compiled with."""

    event: Event
    file: str
    """The document that the job stands in."""
    files: UsedFiles
    fill: Callable[[str], Json]
    """A text with expressions to its value, before the run."""
    default_name: str
    """For what the job makes and the definition does not name."""
