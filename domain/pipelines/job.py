"""The words of a plan: jobs with everything static already decided, as the run workflow walks them.

A plan is made once per run from definition, event and parameters (pipeline_defs.pipelines.compile). What only the run
can know stays text here: conditions, and strings with `${{ … }}`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.clusters.spec import ClusterSpec
from domain.pipelines.cache import CacheSpec
from domain.pipelines.container import ContainerSpec
from domain.queues.queue import Terms
from domain.releases.spec import RolloutSpec
from domain.volumes.volume import VolumeAction, VolumeSpec

MAX_JOBS = 5_000
MAX_CELLS = 2_000


class JobKind(StrEnum):
    RUN = "run"
    BUILD = "build"
    TEST = "test"
    SCAN = "scan"
    GATE = "gate"
    APPROVAL = "approval"
    DEPLOY = "deploy"
    PROVISION = "provision"
    VOLUME = "volume"


@dataclass(frozen=True)
class Step:
    run: str
    name: str = ""
    shell: str = "sh"
    env: dict[str, str] = field(default_factory=dict)
    timeout_s: float = 0
    """0: only the job's limit counts."""


@dataclass(frozen=True)
class Retry:
    """A retry is a new attempt of the job. `on` holds infrastructure, timeout, and exit codes as `exit:137`."""

    attempts: int = 1
    backoff_s: float = 2
    factor: float = 2
    max_backoff_s: float = 300
    on: tuple[str, ...] = ("infrastructure",)


@dataclass(frozen=True)
class ImageSpec:
    context: str = "."
    dockerfile: str = "Dockerfile"
    tag: str = ""
    build_args: dict[str, str] = field(default_factory=dict)
    push: bool = False
    """To the registry that the tag names."""


@dataclass(frozen=True)
class TestSpec:
    junit: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    min_coverage_percent: float = 0

    __test__ = False


@dataclass(frozen=True)
class ScanSpec:
    tools: tuple[str, ...] = ("bandit", "semgrep", "trivy")
    path: str = "."
    exclude: tuple[str, ...] = ()
    sarif: tuple[str, ...] = ()
    """Patterns of reports of other tools, among the checkout and the artifacts that the job uses."""
    image: str = ""
    """An image that is scanned instead of the source."""


@dataclass(frozen=True)
class ApprovalSpec:
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    quorum: int = 1
    per_group: dict[str, int] = field(default_factory=dict)
    expires_s: float = 86_400
    reminders_s: tuple[float, ...] = ()
    allow_author: bool = False
    allow_committer: bool = False
    allow_starter: bool = False
    message: str = ""


@dataclass(frozen=True)
class GateSpec:
    scans: tuple[str, ...] = ()
    """Jobs whose findings count; empty: every scan among the jobs it needs, directly or not."""
    fail_on: str = "high"
    """The lowest severity that blocks; never: none."""
    kinds: tuple[str, ...] = ()
    """Kinds of findings that count; empty: all."""
    allow: dict[str, int] = field(default_factory=dict)
    """Severity to the number of findings still let through."""
    unknown_as: str = "high"
    """The severity that a finding without one counts as."""
    new_only: bool = False
    """Findings that the baseline has too are let through, unless they got worse."""
    sla_s: dict[str, float] = field(default_factory=dict)
    """Severity to how long a finding may stay, since it was first seen; known ones too."""
    block: str = ""
    """CEL over `finding`, which then decides instead of `fail_on`: what it is true of blocks."""
    max_db_age_s: float = 0
    """Of the database of vulnerabilities; 0: any."""
    skipped: str = "allow"
    """Whether a scanner that is not installed closes the gate: allow or block."""
    hold: ApprovalSpec | None = None
    """Who may open it although it is closed, and for how long it waits for them, or for a statement; None: it fails."""


@dataclass(frozen=True)
class ProbeSpec:
    """An HTTP probe, or a TCP connect when `http` is empty."""

    http: str = ""
    timeout_s: float = 20
    """For readiness: how long a version may take until all its processes answer."""
    interval_s: float = 0.2
    failures: int = 3
    """For liveness: how many probes in a row must fail before a process is restarted."""


@dataclass(frozen=True)
class DeploySpec:
    service: str = ""
    version: str = ""
    command: tuple[str, ...] = ()
    instances: int = 1
    image: str = ""
    """Of the target docker; best a name with its digest."""
    port: int = 8080
    """That a container listens on."""
    cpu: float = 0
    """Cores at most for each container; 0: no limit."""
    memory_mb: int = 0
    """At most for each container; 0: no limit."""
    port_env: str = "PORT"
    artifact: str = ""
    """`job.artifact` that the processes run in; empty: a checkout of the commit."""
    strategy: str = "recreate"
    readiness: ProbeSpec = ProbeSpec()
    liveness: ProbeSpec | None = None
    drain_s: float = 5
    target: str = "local"
    router: str = "traefik"
    rollout: RolloutSpec = RolloutSpec()


@dataclass(frozen=True)
class ProvisionSpec:
    cluster: ClusterSpec
    name: str
    """What it is called; the spec's own name is not asked for."""
    ephemeral: bool = False
    """It goes with the run."""


@dataclass(frozen=True)
class VolumeJob:
    cluster: str
    spec: VolumeSpec
    action: VolumeAction
    limit_s: float = 300
    snapshot: bool = True


@dataclass(frozen=True)
class Job:
    """One node of the DAG: a job, or one cell of a matrix."""

    id: str
    """`test`, or `test[os=linux,py=3.12]` for a cell."""
    kind: JobKind
    group: str = ""
    """The name in the definition; cells share it."""
    stage: str = ""
    needs: tuple[str, ...] = ()
    """Groups."""
    needs_as: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Name in the job's expressions to groups, where it differs: inside a component, and for one."""
    when: str = ""
    """CEL; empty: every need passed."""
    skip: str = ""
    """Decided while planning: why the job does not run."""
    for_each: str = ""
    """CEL that gives a list at run time; the job runs once per item."""
    matrix: dict[str, str | int | float | bool] = field(default_factory=dict)
    inputs: dict[str, str | int | float | bool] = field(default_factory=dict)
    """Of the component that the job came from."""
    max_parallel: int = 0
    """Of the group's cells or items at once; 0: no limit."""
    fail_fast: bool = True
    queue_timeout_s: float = 3_600
    run_timeout_s: float = 3_600
    concurrency: Terms = Terms()
    cpu: float = 0
    """Cores that a worker sets aside."""
    memory_mb: int = 0
    """0: no limit."""
    output_mb: int = 64
    retry: Retry = Retry()
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Name in the environment to reference (`env:NAME` or `file:PATH`); never a value."""
    executor: str = "process"
    container: ContainerSpec | None = None
    """With the executor docker."""
    outputs: dict[str, str] = field(default_factory=dict)
    """Name to type: string, integer, number, boolean, list, object."""
    artifacts_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    artifacts_in: tuple[str, ...] = ()
    caches: tuple[CacheSpec, ...] = ()
    continue_on_error: bool = False
    environment: str = ""
    steps: tuple[Step, ...] = ()
    image: ImageSpec | None = None
    test: TestSpec | None = None
    scan: ScanSpec | None = None
    gate: GateSpec | None = None
    approval: ApprovalSpec | None = None
    deploy: DeploySpec | None = None
    provision: ProvisionSpec | None = None
    volume: VolumeJob | None = None


@dataclass(frozen=True)
class Plan:
    pipeline: str
    jobs: tuple[Job, ...]
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    fail_fast: bool = True
    concurrency: Terms = Terms()
    priority: int = 3
    tenant: str = ""


OUTPUT_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
}


def output_value(kind: str, value: Any) -> Any:
    """A declared output's value, checked and converted from the text that a step wrote.

    Raises:
        ValueError: the value is not of the declared type.
    """
    if isinstance(value, bool) and kind in ("integer", "number"):
        raise ValueError(f"{value!r} is no {kind}")
    if isinstance(value, OUTPUT_TYPES[kind]):
        return value
    raise ValueError(f"{value!r} is no {kind}")
