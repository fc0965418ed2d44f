"""Creates the engine's workers: workflows, one sandbox, slots."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Any

from temporalio.client import Client
from temporalio.worker import Interceptor, Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from workers.core.keyring import Keyring
from workers.core.sealed_client import SealedCalls
from workers.core.settings import TASK_QUEUE
from workers.worker.refusals import Tell, logged
from workers.worker.sandbox import QuietRunner
from workers.worker.sealed_activities import ActivityCodec, SealedActivities, SealingConverter
from workers.worker.sealed_workflow import SealedWorkflow
from workflows.access.audit import AuditWitness
from workflows.approvals.approval import ApprovalWorkflow
from workflows.clusters.cluster import ClusterWorkflow
from workflows.clusters.remediation import HealWorkflow
from workflows.clusters.request import RequestWorkflow
from workflows.core.activity_options import JOBS, WATCHES
from workflows.inventory.dialled_call import DialledCallWorkflow
from workflows.inventory.inventory import InventoryWorkflow
from workflows.pods.object_action import ObjectActionWorkflow
from workflows.pods.pod import PodWatchWorkflow, PodWorkflow
from workflows.queues.queue import QueueWorkflow
from workflows.releases.environment import EnvironmentWorkflow
from workflows.releases.pinned import PinnedReleaseWorkflow
from workflows.releases.release import ReleaseWorkflow
from workflows.releases.together import TogetherWorkflow
from workflows.releases.waves import WavesWorkflow
from workflows.runs.run import RunWorkflow
from workflows.scans.rescan import RescanWorkflow
from workflows.triggers.pipeline import PipelineEntity
from workflows.triggers.scheduled import ScheduledWorkflow
from workflows.volumes.volume import VolumeWorkflow

WORKFLOWS = [
    PipelineEntity,
    RunWorkflow,
    ApprovalWorkflow,
    ReleaseWorkflow,
    WavesWorkflow,
    TogetherWorkflow,
    EnvironmentWorkflow,
    QueueWorkflow,
    ScheduledWorkflow,
    RescanWorkflow,
    ClusterWorkflow,
    HealWorkflow,
    RequestWorkflow,
    InventoryWorkflow,
    DialledCallWorkflow,
    PodWorkflow,
    PodWatchWorkflow,
    ObjectActionWorkflow,
    VolumeWorkflow,
    AuditWitness,
]
Activity = Callable[..., Any]
"""Any signature and result, as the SDK types them."""
JOB_ACTIVITIES = frozenset({"run-job", "scan"})
WATCH_ACTIVITIES = frozenset({"watch-inventory", "watch-pods", "cluster-survey"})
"""They last as long as their clusters do."""
CONTROL_SLOTS = 200
WATCH_SLOTS = 2_000
"""A slot alone costs nothing; what a watch costs is measured."""
SLOTS_PER_CORE = 20
THREADS = 32
"""They wait for disks and networks, so cores do not bound them. Asyncio's own are six on two cores: jobs would wait for
each other's pods.
"""

_PASSED_THROUGH = (
    "domain",
    "activities",
    "pipeline_defs",
    "cel",
    "pydantic",
    "pydantic_core",
    "httpx2",
    "cryptography",
)
"""Loaded once and shared: their workflow-facing parts are pure, and loading them per workflow costs 60 ms or more."""


def runner(ring: Keyring | None = None, tell: Tell = logged) -> SandboxedWorkflowRunner:
    """The workflow sandbox; stateless modules are passed through, which saves time and memory.

    Without keys it hears everybody: for replays of recorded histories.
    """
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*_PASSED_THROUGH, "workflows")
    seals = partial(SealedWorkflow, ring=ring, tell=tell) if ring else None
    return QuietRunner(restrictions=restrictions, seals=seals)


class Workers:
    """Workers of one process: one for workflows and short activities; one for jobs, which occupy slots for long; one
    for watches, which occupy theirs for ever.
    """

    def __init__(self, *workers: Worker) -> None:
        self._workers = workers

    async def __aenter__(self) -> Workers:
        for one in self._workers:
            await one.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(one.__aexit__(kind, raised, trace) for one in self._workers))


def more_threads() -> None:
    """For the calls of activities that block: of the running loop, once, before there are any."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, thread_name_prefix="blocking"))


def sealing(client: Client, ring: Keyring) -> Client:
    """A client on the same connection, for a worker and its activities: it seals what it sends."""
    converter = client.data_converter
    others = [one for one in client.config()["interceptors"] if not isinstance(one, SealedCalls)]
    return Client(
        client.service_client,
        namespace=client.namespace,
        data_converter=SealingConverter(
            payload_converter_class=converter.payload_converter_class,
            payload_codec=ActivityCodec(ring, client.namespace),
            failure_converter_class=converter.failure_converter_class,
        ),
        interceptors=[*others, SealedCalls(ring, client.namespace, converter.payload_converter)],
    )


def worker(
    client: Client,
    activities: Sequence[Activity],
    ring: Keyring,
    queue: str = TASK_QUEUE,
    slots: int = 0,
    more: Sequence[type] = (),
    deployment: WorkerDeploymentConfig | None = None,
    grace_s: float = 1,
    debug: bool = False,
    interceptors: Sequence[Interceptor] = (),
    tell: Tell = logged,
) -> Workers:
    """Hears and says nothing without the keys of `ring`.

    `slots`: parallel jobs; 0: twenty per core. `grace_s`: for running activities at shutdown. `debug`: disables the
    SDK's deadlock detector, which on a busy test machine mistakes slow workflows for blocked ones.
    """
    slots = slots or SLOTS_PER_CORE * len(os.sched_getaffinity(0))
    workflows: list[type] = [*WORKFLOWS, *more]
    if deployment:
        workflows[workflows.index(ReleaseWorkflow)] = PinnedReleaseWorkflow
    made = partial(
        _worker,
        sealing(client, ring),
        runner=runner(ring, tell),
        deployment=deployment,
        grace_s=grace_s,
        debug=debug,
        interceptors=[SealedActivities(ring, tell), *interceptors],
    )
    own = ((JOBS, JOB_ACTIVITIES, slots), (WATCHES, WATCH_ACTIVITIES, WATCH_SLOTS))
    chosen = ((suffix, [one for one in activities if _name(one) in names], most) for suffix, names, most in own)
    others = [made(queue + suffix, some, most, []) for suffix, some, most in chosen if some]
    return Workers(made(queue, activities, CONTROL_SLOTS, workflows), *others)


def _worker(
    client: Client,
    queue: str,
    activities: Sequence[Activity],
    slots: int,
    workflows: Sequence[type],
    *,
    runner: SandboxedWorkflowRunner,
    deployment: WorkerDeploymentConfig | None,
    grace_s: float,
    debug: bool,
    interceptors: Sequence[Interceptor],
) -> Worker:
    return Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        workflow_runner=runner,
        max_concurrent_activities=slots,
        max_heartbeat_throttle_interval=timedelta(seconds=0.5),
        default_heartbeat_throttle_interval=timedelta(seconds=0.5),
        # how long workflows of a dead worker wait before another one takes over
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(seconds=grace_s),
        deployment_config=deployment,
        interceptors=interceptors,
        debug_mode=debug,
    )


def _name(defined: Activity) -> str:
    return str(getattr(defined, "__temporal_activity_definition").name)
