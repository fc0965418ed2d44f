"""The port of executors: where the steps of a job run, and the one that needs nothing but this machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from temporalio import activity

from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult
from domain.pipelines.job import Job
from domain.pipelines.steps import ImageSpec, Step
from domain.triggers.events import EventRef
from domain.triggers.source import SourceRef

ProgressCallback = Callable[[str], None]
"""Is told what is under way, for people. Raises when it is to stop."""


@dataclass(frozen=True)
class Layout:
    """A job's folder as its steps see it."""

    root: str
    path: str = ""
    """The PATH of the steps; empty: what the executor has."""

    def env(self) -> dict[str, str]:
        """HOME, TMPDIR and the engine's own paths; PATH only where the layout has one."""
        found = {
            "HOME": f"{self.root}/home",
            "TMPDIR": f"{self.root}/tmp",  # noqa: S108  (below the job's own folder)
            "SLUICEWAY_WORKSPACE": f"{self.root}/workspace",
            "SLUICEWAY_OUTPUT": f"{self.root}/outputs",
        }
        return {"PATH": self.path, **found} if self.path else found


class Executor(Protocol):
    """Makes the place, and says how a step is started in it. A supervisor on the worker starts, reads and ends steps.

    Places are named by the job's key: a second `open` finds, and removes, what the first one left unfinished.
    """

    limits_memory: bool
    """Whether the place enforces the job's memory limit itself."""

    def layout(self, folder: Path) -> Layout:
        """How the job's folder on the worker appears to the steps."""
        ...

    def open(self, job: Job, key: str, folder: Path, secrets: Mapping[str, str], told: ProgressCallback) -> list[str]:
        """Makes the place; lines for the log.

        Raises:
            SluicewayError: it cannot be made; nothing is left of it.
        """
        ...

    def command(self, step: Step, key: str, folder: Path) -> list[str]:
        """What the supervisor starts instead of the step's shell; its variables come on standard input, as JSON.
        Empty: the shell itself."""
        ...

    def after(self, key: str, folder: Path) -> list[str]:
        """What the supervisor starts after the last step: it brings back what the steps made, where that is
        elsewhere, and sees to it that nothing runs on when no worker is there. What is lost, the file `lost`
        tells."""
        ...

    def close(self, key: str) -> None:
        """Removes the place. One that was never made, or is gone, is removed too."""
        ...

    def sweep(self, unfinished: Callable[[str], bool]) -> list[str]:
        """Removes places whose job is not unfinished; their keys."""
        ...


@dataclass(frozen=True)
class JobInput:
    """One attempt of one job, with all that it needs."""

    run: str
    """Workflow id of the run."""
    job: Job
    """With every expression already replaced by its value."""
    attempt: int = 1
    source: SourceRef = SourceRef()
    artifacts: dict[str, str] = field(default_factory=dict)
    """`job.name` to digest, of what the job uses."""
    reports: dict[str, str] = field(default_factory=dict)
    """Scan job to the digest of its report, for a gate."""
    env: dict[str, str] = field(default_factory=dict)
    """The engine's own variables, for scripts: SLUICEWAY_BRANCH and the like."""
    repo: str = ""
    """Of the event; the source may be a snapshot of it."""
    event: EventRef | None = None
    """None: a version of before sent it; `activities.jobs.event` reads both."""


class JobRecords(Protocol):
    """Where attempts of jobs are written down."""

    def record_job(self, job: JobRecord) -> None:
        """The state of one attempt; what has ended is never changed again."""
        ...


@dataclass(frozen=True)
class Built:
    """An image as the daemon and the registry know it."""

    name: str
    digest: str
    """Of the image's configuration: the id that a daemon knows it by."""
    reference: str = ""
    """`NAME@sha256:…`, as a registry has it; empty: it was not pushed."""


class ImageBuilder(Protocol):
    """Builds an OCI image from a folder."""

    def build(self, spec: ImageSpec, workspace: Path, labels: Mapping[str, str], told: ProgressCallback) -> Built:
        """Builds, and pushes where that is wanted. The same content and labels may be built twice without harm.

        Raises:
            SluicewayError: no daemon answers, or the build or the push failed.
        """
        ...


class JobActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="run-job")
    async def run_job(self, input: JobInput) -> JobResult:
        """Idempotent by run, job and attempt: what was started is found again, what has ended is answered again."""
        ...
