"""The release for versioned workers: pinned to the worker version that started it.

A class of its own, since an unversioned worker cannot run a pinned workflow.
"""

from __future__ import annotations

from temporalio import workflow
from temporalio.common import VersioningBehavior

from domain.releases.actions import ReleaseResult
from workflows.releases.messages import ReleaseInput
from workflows.releases.release import ReleaseWorkflow


@workflow.defn(name="Release", versioning_behavior=VersioningBehavior.PINNED)
class PinnedReleaseWorkflow(ReleaseWorkflow):
    """The same workflow type as `ReleaseWorkflow`, for workers with a deployment version."""

    @workflow.init
    def __init__(self, input: ReleaseInput) -> None:
        super().__init__(input)

    @workflow.run
    async def run(self, input: ReleaseInput) -> ReleaseResult:
        """See `ReleaseWorkflow.run`."""
        return await super().run(input)
