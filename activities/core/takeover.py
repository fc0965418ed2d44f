"""Whether work that outlives its activity must stop, when the SDK cancels the activity.

Only one reason is a person's. A worker that was paused past its heartbeat (a laptop's lid, a snapshot of its machine)
is cancelled as well, because Temporal gave its attempt up: the next attempt finds the work and takes it up, unless the
execution was terminated meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum

from temporalio import activity
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.core.documents import Manifest, Node, Object

LOOK = timedelta(seconds=5)


class Fate(StrEnum):
    """What is to become of work whose activity ends before it."""

    STOP = "stop"
    """A cancel was requested, or nobody will ask for it again."""
    LEAVE = "leave"
    """The next attempt takes it up."""
    TAKEN = "taken"
    """The next attempt has taken it up, on this machine."""
    ELSEWHERE = "elsewhere"
    """The next attempt runs where it cannot find this work, and has begun again."""


@dataclass(frozen=True)
class Attempt:
    """One attempt of an activity."""

    workflow: str
    run: str
    """Temporal's id of the execution."""
    activity: str
    number: int
    worker: str
    """`PID@PLACE`."""

    @classmethod
    def mine(cls, client: Client) -> Attempt:
        """The running activity's."""
        info = activity.info()
        return cls(info.workflow_id or "", info.workflow_run_id or "", info.activity_id, info.attempt, client.identity)

    @classmethod
    def load(cls, known: Object) -> Attempt:
        """From `document`."""
        node = Node(known)
        workflow, run, id_ = (node[name].text() for name in ("workflow", "run", "activity"))
        return cls(workflow, run, id_, node["number"].whole(), node["worker"].text())

    def document(self) -> Manifest:
        """For a file."""
        return asdict(self)

    def fate(self, pending: Iterable[PendingActivityInfo]) -> Fate:
        """By what an open execution waits for."""
        found = next((one for one in pending if one.activity_id == self.activity), None)
        if found is None or found.state == PendingActivityState.PENDING_ACTIVITY_STATE_CANCEL_REQUESTED:
            return Fate.STOP
        if found.state != PendingActivityState.PENDING_ACTIVITY_STATE_STARTED or found.attempt <= self.number:
            return Fate.LEAVE
        return Fate.TAKEN if _place(found.last_worker_identity) == _place(self.worker) else Fate.ELSEWHERE


def _place(worker: str) -> str:
    return worker.partition("@")[2]


async def look(client: Client, attempt: Attempt) -> Fate:
    """Asks Temporal; work is left while it does not answer."""
    try:
        handle = client.get_workflow_handle(attempt.workflow, run_id=attempt.run or None)
        found = await handle.describe(rpc_timeout=LOOK)
    except RPCError as broken:
        return Fate.STOP if broken.status is RPCStatusCode.NOT_FOUND else Fate.LEAVE
    if found.status is not WorkflowExecutionStatus.RUNNING:
        return Fate.STOP
    return attempt.fate(found.raw_description.pending_activities)


async def fate() -> Fate:
    """In a cancelled activity: of the work that it started."""
    details = activity.cancellation_details()
    if details is not None and details.cancel_requested:
        return Fate.STOP
    if details is not None and details.worker_shutdown:
        return Fate.LEAVE
    client = activity.client()
    return await look(client, Attempt.mine(client))
