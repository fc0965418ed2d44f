"""Questions to Temporal itself that a workflow cannot ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.queues.queue import ConcurrencyPolicy


@dataclass(frozen=True)
class ReserveRelease:
    """Asks for the next number of a release in an environment."""

    environment: str
    key: str
    """Of the run, job and attempt: asked again, the number is the same."""


@dataclass(frozen=True)
class Join:
    """Asks for a place in a queue, by the id of the workflow that waits."""

    queue: str
    """Workflow id; started when there is none."""
    who: str
    terms: ConcurrencyPolicy


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

    @activity.defn(name="join-queue")
    async def join(self, input: Join) -> None:
        """Asks for a place in a concurrency group. Asking again changes nothing."""
        ...

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

    @activity.defn(name="reserve-release")
    async def reserve(self, input: ReserveRelease) -> int:
        """The release's number in its environment, whose entity workflow is started if there is none."""
        ...
