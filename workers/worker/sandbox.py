"""The workflow sandbox, without the cost of unused queries, and behind the seals of the installation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info

from workers.worker.sealed_workflow import SealedWorkflow


@dataclass(frozen=True)
class QuietRunner(SandboxedWorkflowRunner):
    """Runs workflows in the SDK's sandbox, and does not enter it for the context of a payload.

    The SDK enters the sandbox three or four times for every payload that a workflow gets or gives, and compiles a
    line of Python each time, to ask for what our converter does not look at: a fifth of a worker's time.
    """

    seals: Callable[[WorkflowInstance, Info], SealedWorkflow] | None = None
    """Without it workflows hear everybody: for replays of recorded histories only."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Required by the SDK."""
        inner = super().create_instance(det)
        return _Quiet(inner, self.seals(inner, det.info) if self.seals else inner)


class _Quiet(WorkflowInstance):
    """A workflow whose payload contexts are queried outside the sandbox."""

    def __init__(self, inner: WorkflowInstance, heard: WorkflowInstance | SealedWorkflow) -> None:
        self._inner, self._heard = inner, heard

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._heard.activate(act)

    def get_serialization_context(self, command_info: object) -> SerializationContext | None:
        """None: workers/core/conversion.py needs no context."""
        return None

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:
        """Unused: there is no external storage."""
        return StorageDriverStoreContext(target=None)

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()
