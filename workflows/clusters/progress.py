"""What is known and told of a cluster: its state, where it stands, what blocks it, and what happened."""

from __future__ import annotations

from temporalio import workflow

from domain.clusters.lifecycle import Blocker, Status
from domain.clusters.plan import Phase
from workflows.clusters import details
from workflows.clusters.messages import ClusterState, Entry
from workflows.core import search_attributes as attributes

KEEP_ENTRIES = 50


class ClusterProgress:
    """What the workflow shows of the cluster: its status, blocker and log; also as search attributes."""

    def __init__(self, state: ClusterState) -> None:
        self.state = state
        self._shown = ""

    @property
    def why(self) -> str:
        """The reason of the blocker; without one, that it was told to."""
        return self.state.blocker.reason if self.state.blocker else "it was told to"

    def block(self, phase: Phase, owner: str, reason: str) -> None:
        """Sets the blocker; the same phase again keeps its time and counts another try."""
        known = self.state.blocker
        again = known is not None and known.phase is phase
        since = known.since if known and again else workflow.time()
        self.state.blocker = Blocker(phase, owner, reason, since, known.tries + 1 if known and again else 1)

    def enter(self, status: Status, words: str = "") -> None:
        """A new status, or the same one with more to show; `words` go to the log."""
        if status is not self.state.status:
            self.state.since = workflow.time()
        self.state.status = status
        if words:
            self.note(words)
        self.show()

    def note(self, words: str) -> None:
        """Adds a line of at most 600 characters to the log, which keeps the last `KEEP_ENTRIES`."""
        self.state.log.append(Entry(workflow.time(), words[:600]))
        del self.state.log[:-KEEP_ENTRIES]

    def show(self) -> None:
        """To the current details; search attributes only when they changed."""
        workflow.set_current_details(details.text(self.state))
        waits = self.state.phase if self.state.status not in (Status.READY, Status.DELETED, Status.FAILED) else "-"
        seen = f"{self.state.status} {waits}"
        if seen != self._shown:  # each change of search attributes is an event of the history
            self._shown = seen
            workflow.upsert_search_attributes(
                [
                    attributes.CLUSTER.value_set(self.state.spec.name),
                    attributes.STATUS.value_set(str(self.state.status)),
                    attributes.WAITING_FOR.value_set(str(waits)),
                ]
            )
