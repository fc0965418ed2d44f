"""The visible state of a cluster: status, blocker, log, search attributes."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow

from domain.clusters.health import ClusterHealth
from domain.clusters.lifecycle import Blocker, Status
from domain.clusters.plan import Phase
from workflows.clusters import details
from workflows.clusters.entry_messages import Entry
from workflows.clusters.messages import ClusterState
from workflows.core import search_attributes as attributes

KEEP_ENTRIES = 50


class ClusterProgress:
    """Shows a cluster's status, blocker and log; also as search attributes."""

    def __init__(self, state: ClusterState) -> None:
        self.state = state
        self._shown = ""

    @property
    def why(self) -> str:
        """The blocker's reason; without a blocker, that it was requested."""
        return self.state.blocker.reason if self.state.blocker else "it was requested"

    def block(self, phase: Phase, owner: str, reason: str) -> None:
        """Sets the blocker; for the same phase it keeps the time and counts the try."""
        known = self.state.blocker
        again = known is not None and known.phase is phase
        since = known.since if known and again else workflow.time()
        self.state.blocker = Blocker(phase, owner, reason, since, known.tries + 1 if known and again else 1)

    def enter(self, status: Status, words: str = "") -> None:
        """Sets the status, and shows it again when it is the same; `words` go to the log."""
        if status is not self.state.status:
            self.state.since = workflow.time()
        self.state.status = status
        if words:
            self.note(words)
        self.show()

    def look(self, found: ClusterHealth) -> None:
        """Sets the health; facts that came with it replace the last ones."""
        self.state.health = replace(found, facts=None)
        self.state.facts = found.facts or self.state.facts

    def note(self, words: str) -> None:
        """Adds a log entry of at most 600 characters; the log keeps the last `KEEP_ENTRIES`."""
        self.state.log.append(Entry(workflow.time(), words[:600]))
        del self.state.log[:-KEEP_ENTRIES]

    def show(self) -> None:
        """Updates the current details; search attributes only when they changed."""
        workflow.set_current_details(details.text(self.state))
        waits = self.state.phase if self.state.status not in (Status.READY, Status.DELETED, Status.FAILED) else "-"
        seen = f"{self.state.status} {waits}"
        if seen != self._shown:  # each change of search attributes is a history event
            self._shown = seen
            workflow.upsert_search_attributes(
                [
                    attributes.CLUSTER.value_set(self.state.spec.name),
                    attributes.STATUS.value_set(str(self.state.status)),
                    attributes.WAITING_FOR.value_set(str(waits)),
                ]
            )
