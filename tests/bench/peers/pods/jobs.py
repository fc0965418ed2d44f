"""Ours as a pipeline: a run with as many jobs as pods, by the executor of jobs in pods.

Real are the run, its records, the supervisor of each job, and every object in the cluster. Played is what would happen
inside of a pod, as for the others: no files are sent, and the step is a second of sleep beside the supervisor.
"""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from unittest import mock

from activities.authority.port import PlanStatement
from activities.jobs.executors.kubernetes import files
from activities.jobs.executors.kubernetes.executor import KubernetesExecutor
from activities.pipelines.plan_store import store_plan
from activities.storage.stores.folder import FolderStore
from domain.pipelines.container import ContainerSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import Plan
from domain.pipelines.steps import Step
from tests.bench.peers.pods.world import NAMESPACE, World
from tests.support.lab import on_signer
from workflows.runs.messages import RunInput
from workflows.runs.run import RunWorkflow


class Jobs:
    """One run; its pods are removed when its jobs have ended."""

    def __init__(self, world: World) -> None:
        self._world, self._permits = world, on_signer(world.settings).permits

    async def install(self, end: AsyncExitStack) -> None:
        """What is played."""
        step, nothing = mock.Mock(return_value=["sleep", "1"]), mock.Mock(return_value=["true"])
        end.enter_context(mock.patch.multiple(KubernetesExecutor, command=step, after=nothing))
        end.enter_context(mock.patch.object(files, "send"))

    async def run(self, name: str, pods: int) -> None:
        """Returns when the run has passed.

        Raises:
            RuntimeError: it has not.
        """
        engine, number = self._world.engine, time.time_ns() % 10**12
        plan = store_plan(FolderStore(self._world.settings.store), Plan(name, tuple(map(self._job, range(pods)))))
        run = f"run/{name}/{number}"
        self._permits.plan(PlanStatement(pipeline=name, plan=plan.digest, delivery=run))
        given = RunInput(pipeline=name, number=number, plan=plan)
        result = await engine.client.execute_workflow(RunWorkflow.run, given, id=run, task_queue=engine.queue)
        if result.status != "passed":
            raise RuntimeError(f"the run {result.status}")

    def _job(self, number: int) -> Job:
        spec = ContainerSpec("job:1", cluster=self._world.spec.name, namespace=NAMESPACE)
        id_, steps = f"job-{number}", (Step("true"),)
        return Job(id_, JobKind.RUN, id_, stage="run", steps=steps, executor="kubernetes", container=spec)
