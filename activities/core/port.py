"""Questions to Temporal itself that a workflow cannot ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity


@dataclass(frozen=True)
class Completed:
    """How a subprocess ended."""

    exit_code: int
    output: bytes
    """Standard output and error, together, cut at MAX_OUTPUT_BYTES."""
    stopped: str = ""
    """Why it was stopped by us: a limit in words."""


class WorkflowStatusActivities(Protocol):
    """As workflows call them; their implementation is in workflow_status.py."""

    @activity.defn(name="who-is-gone")
    async def gone(self, workflow_ids: list[str]) -> list[str]:
        """Those that are not open."""
        ...

    @activity.defn(name="is-open")
    async def is_open(self, workflow_id: str) -> bool:
        """Whether it is running; False for one that Temporal does not know."""
        ...

    @activity.defn(name="cancel-workflow")
    async def cancel(self, workflow_id: str) -> None:
        """Asks Temporal to cancel a workflow, which may be the one that calls; one that has ended stays as it is."""
        ...
