"""The port of executors, which run the steps of a job, and the messages and signatures of job activities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Protocol

from temporalio import activity

from domain.jobs.agent import AgentSpec
from domain.jobs.isolation import JailSpec, Level, Network, ProxySpec
from domain.jobs.record import JobRecord
from domain.jobs.result import JobResult
from domain.pipelines.job import Job
from domain.pipelines.steps import ImageSpec, Step
from domain.triggers.events import EventRef
from domain.triggers.source import SourceRef

ProgressCallback = Callable[[str], None]
"""Reports progress to people. Raises to stop."""


@dataclass(frozen=True)
class Layout:
    """A job's folder as its steps see it."""

    root: str
    path: str = ""
    """The PATH of the steps; empty: the executor's default."""

    def env(self) -> dict[str, str]:
        """HOME, TMPDIR and the engine's own paths; PATH only if the layout has one."""
        found = {
            "HOME": f"{self.root}/home",
            "TMPDIR": f"{self.root}/tmp",  # noqa: S108  (below the job's own folder)
            "SLUICEWAY_WORKSPACE": f"{self.root}/workspace",
            "SLUICEWAY_OUTPUT": f"{self.root}/outputs",
        }
        return {"PATH": self.path, **found} if self.path else found


class Executor(Protocol):
    """Creates the place of a job, and the command that starts a step in it. A supervisor on the worker runs the steps.

    Places are named by the job's key: a second `open` removes what the first one left unfinished.
    """

    limits_memory: bool
    """Whether the place itself enforces the job's memory limit."""

    def layout(self, folder: Path) -> Layout:
        """How the steps see the job's folder."""
        ...

    def open(self, job: Job, key: str, folder: Path, secrets: Mapping[str, str], told: ProgressCallback) -> list[str]:
        """Creates the place; returns log lines.

        Raises:
            SluicewayError: it cannot be created; nothing is left of it.
        """
        ...

    def jail(self, folder: Path) -> JailSpec | None:
        """What keeps the steps apart from the machine; None: they do not run on it."""
        ...

    def proxy(self, key: str) -> ProxySpec | None:
        """The proxy that is the steps' only way out; None: they have no need of one."""
        ...

    def agent(self, folder: Path) -> AgentSpec | None:
        """What runs the steps elsewhere, and dials the supervisor; None: the supervisor starts them itself."""
        ...

    def command(self, step: Step, key: str, folder: Path) -> list[str]:
        """What the supervisor starts instead of the step's shell; the environment comes on standard input, as JSON.
        Empty: the shell itself.
        """
        ...

    def after(self, key: str, folder: Path) -> list[str]:
        """What the supervisor starts after the last step: downloads remote output, and stops what would run on without
        a worker. The file `lost` lists what could not be downloaded.
        """
        ...

    def close(self, key: str) -> None:
        """Removes the place. Idempotent."""
        ...

    def limited(self, level: Level, network: Network, hosts: frozenset[str] | None) -> Executor:
        """The executor as policies want it; what is stricter here stays so. `hosts` None: nothing is said about them.

        Raises:
            RefusedError: SLW052, it cannot do what they demand.
        """
        ...

    def sweep(self, unfinished: Callable[[str], bool]) -> list[str]:
        """Removes the places of jobs that are not unfinished; returns their keys."""
        ...


@dataclass(frozen=True)
class JobInput:
    """One attempt of one job, with all its inputs."""

    run: str
    """Workflow id of the run."""
    job: Job
    """With all expressions evaluated."""
    _: KW_ONLY
    attempt: int = 1
    source: SourceRef = SourceRef()
    artifacts: dict[str, str] = field(default_factory=dict)
    """`job.name` to digest, for the artifacts that the job uses."""
    reports: dict[str, str] = field(default_factory=dict)
    """Scan job to the digest of its report, for a gate."""
    env: dict[str, str] = field(default_factory=dict)
    """The engine's own variables, for scripts: SLUICEWAY_BRANCH and the like."""
    repo: str = ""
    """The event's commit; the source may be a snapshot of it."""
    event: EventRef | None = None
    """None: sent by an earlier version; `activities.jobs.event` reads both."""
    approved: bool = False
    """Whether the approval of the job's environment was granted before it; asked for its secrets."""


class JobRecords(Protocol):
    """Records attempts of jobs."""

    def record_job(self, job: JobRecord) -> None:
        """Records the state of one attempt; an ended one is final."""
        ...


@dataclass(frozen=True)
class Built:
    """An image as the daemon and the registry know it."""

    name: str
    digest: str
    """Digest of the image's configuration: its id in a daemon."""
    reference: str = ""
    """`NAME@sha256:…` in the registry; empty: not pushed."""


class ImageBuilder(Protocol):
    """Builds an OCI image from a folder."""

    def build(
        self,
        spec: ImageSpec,
        workspace: Path,
        labels: Mapping[str, str],
        told: ProgressCallback,
        network: Network,
        login: Mapping[str, str] | None,
    ) -> Built:
        """Builds, and pushes if requested. Idempotent for the same content and labels.

        `network`: what the commands of the Dockerfile reach, at most. `login`: of the registry that is pushed to, as
        `username` and `password`; None: this machine's.

        Raises:
            SluicewayError: no daemon answers, or the build or the push failed.
        """
        ...


class JobActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="run-job")
    async def run_job(self, input: JobInput) -> JobResult:
        """Idempotent by run, job and attempt: finds a running job, and repeats the answer of an ended one."""
        ...
