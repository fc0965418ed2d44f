"""The jobs of a plan, with everything static decided; the run workflow executes them.

A plan is made once per run from definition, event and parameters (pipeline_defs.pipelines.compile). What is known only
at run time stays text: conditions, and strings with `${{ … }}`.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum

from domain.approvals.spec import ApprovalSpec
from domain.clusters.provision import ProvisionSpec
from domain.pipelines.cache import CacheSpec
from domain.pipelines.checkout import CheckoutSpec
from domain.pipelines.container import ContainerSpec
from domain.pipelines.steps import ImageSpec, Retry, Step, TestSpec
from domain.queues.queue import ConcurrencyPolicy
from domain.releases.argocd.job import ArgocdSync
from domain.releases.deploy_spec import DeploySpec
from domain.scans.spec import GatesBefore, GateSpec, ScanSpec
from domain.volumes.volume_job import VolumeJob


class JobKind(StrEnum):
    """What a job does; each kind has its own runner."""

    RUN = "run"
    BUILD = "build"
    TEST = "test"
    SCAN = "scan"
    GATE = "gate"
    APPROVAL = "approval"
    DEPLOY = "deploy"
    PROVISION = "provision"
    VOLUME = "volume"
    ARGOCD_SYNC = "argocd-sync"


DEPLOYING = frozenset({JobKind.DEPLOY, JobKind.ARGOCD_SYNC})
"""Kinds that change what runs in an environment, so its rules hold for them whatever their conditions say."""


@dataclass(frozen=True)
class Job:
    """One node of the DAG: a job, or one cell of a matrix."""

    id: str
    """`test`, or `test[os=linux,py=3.12]` for a cell."""
    kind: JobKind
    group: str = ""
    """The name in the definition; cells share it."""
    _: KW_ONLY
    stage: str = ""
    needs: tuple[str, ...] = ()
    """Groups."""
    needs_as: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Job name in expressions to group, where the two differ: inside a component, and for `uses`."""
    when: str = ""
    """CEL; empty: every need passed."""
    skip: str = ""
    """Why the job is skipped, if planning already decided that."""
    for_each: str = ""
    """CEL that evaluates to a list at run time; the job runs once per item."""
    matrix: dict[str, str | int | float | bool] = field(default_factory=dict)
    inputs: dict[str, str | int | float | bool] = field(default_factory=dict)
    """Inputs of the component that the job comes from."""
    max_parallel: int = 0
    """Limit of parallel cells or items of the group; 0: no limit."""
    fail_fast: bool = True
    queue_timeout_s: float = 3_600
    run_timeout_s: float = 3_600
    grace_s: float = 30
    """How long its processes may take to end after SIGTERM, when it is cancelled or its time is over."""
    concurrency: ConcurrencyPolicy = ConcurrencyPolicy()
    cpu: float = 0
    """CPU cores that the worker reserves."""
    memory_mb: int = 0
    """0: no limit."""
    output_mb: int = 64
    retry: Retry = Retry()
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Environment variable to the name of a secret; never a value."""
    executor: str = "process"
    container: ContainerSpec | None = None
    """For the executor docker."""
    outputs: dict[str, str] = field(default_factory=dict)
    """Name to type: string, integer, number, boolean, list, object."""
    artifacts_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    artifacts_in: tuple[str, ...] = ()
    artifact_times: str = "real"
    """Or `commit`: files in artifacts are never newer than the commit."""
    caches: tuple[CacheSpec, ...] = ()
    continue_on_error: bool = False
    environment: str = ""
    checkout: CheckoutSpec = CheckoutSpec()
    steps: tuple[Step, ...] = ()
    image: ImageSpec | None = None
    test: TestSpec | None = None
    scan: ScanSpec | None = None
    gate: GateSpec | None = None
    before: GatesBefore | None = None
    """For a gate: what it was set to in the commit before the push; None: the same."""
    approval: ApprovalSpec | None = None
    deploy: DeploySpec | None = None
    provision: ProvisionSpec | None = None
    volume: VolumeJob | None = None
    argocd_sync: ArgocdSync | None = None
