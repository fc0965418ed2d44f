"""Worker deployments: several versions of the engine side by side, each with its own workflows.

Releases are pinned to the version that started them; all others move to the current version at their next task.
https://docs.temporal.io/worker-versioning
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from domain.core.errors import SluicewayError
from workers.core import code

DETERMINISTIC = (
    *("domain/**/*.py", "pipeline_defs/**/*.py", "workflows/**/*.py"),
    *("activities/**/port.py", "activities/core/serialization.py"),
)
"""Files whose code decides workflow commands; a test compares them with what a workflow loads."""
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Deployed:
    """A worker's deployment version; `build` is a hash of the deterministic code."""

    name: str
    build: str

    @property
    def config(self) -> WorkerDeploymentConfig:
        """By default workflows move to the current version at their next task."""
        version = WorkerDeploymentVersion(self.name, self.build)
        return WorkerDeploymentConfig(version, True, VersioningBehavior.AUTO_UPGRADE)


def build_id(root: Path = code.ROOT) -> str:
    """A hash of the code that workflows run: equal code is the same version."""
    return code.digest(DETERMINISTIC, root)


async def make_current(client: Client, deployed: Deployed) -> None:
    """Makes this version current for new and unpinned workflows. It must be polling already.

    Raises:
        SluicewayError: Temporal refuses, or does not see the worker in time.
    """
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=deployed.name,
        build_id=deployed.build,
        identity="sluiceway worker",
        ignore_missing_task_queues=True,
    )
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        try:
            await client.workflow_service.set_worker_deployment_current_version(request)
            return
        except RPCError as refused:
            unseen = refused.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION)
            if not unseen or asyncio.get_running_loop().time() > deadline:
                what = f"{deployed.name} {deployed.build} cannot become the current version"
                raise SluicewayError("SLW914", what, why=refused.message) from refused
        await asyncio.sleep(0.2)
