"""Requests to Temporal that a workflow cannot make itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity


@dataclass(frozen=True)
class Completed:
    """The result of a subprocess."""

    exit_code: int
    output: bytes
    """Standard output and error combined, cut at MAX_OUTPUT_BYTES."""
    stopped: str = ""
    """The limit at which we stopped it, as text."""


class WorkflowStatusActivities(Protocol):
    """Signatures of the activities; implemented in workflow_status.py."""

    @activity.defn(name="who-is-gone")
    async def gone(self, workflow_ids: list[str]) -> list[str]:
        """The workflows that are not running."""
        ...

    @activity.defn(name="is-open")
    async def is_open(self, workflow_id: str) -> bool:
        """Whether it is running; False for an unknown one."""
        ...

    @activity.defn(name="cancel-workflow")
    async def cancel(self, workflow_id: str) -> None:
        """Requests cancellation of a workflow, which may be the caller; does nothing to an ended one."""
        ...
