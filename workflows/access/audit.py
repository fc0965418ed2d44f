"""`audit`: remembers checkpoints of the audit in Temporal's own database, out of reach of who rewrites the records.

domain/access/checkpoint.py decides whether a head continues the last one. It waits for updates and does nothing else.
"""

from __future__ import annotations

import base64
import binascii

from temporalio import workflow

from domain.access.checkpoint import Growth, proof_of, why_not
from domain.access.merkle import EMPTY
from workflows.access.messages import MOST_HEADS, NewHead, WitnessAnswer, WitnessedHead, WitnessState


@workflow.defn(name="AuditWitness")
class AuditWitness:
    """Started by the first checkpoint; never ends."""

    @workflow.init
    def __init__(self, state: WitnessState) -> None:
        self._state = state

    @workflow.run
    async def run(self, state: WitnessState) -> None:
        """Answers updates."""
        self._show()
        await workflow.wait_condition(lambda: workflow.info().is_continue_as_new_suggested())
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(self._state)

    @workflow.update(description="Show a checkpoint to the witness, with the proof that it continues the last one")
    def witness(self, new: NewHead) -> WitnessAnswer:
        """Takes it, or says what it has instead. What is refused stays refused in the state: somebody should look."""
        last = self._last()
        if new.old != last.size or new.size == last.size:
            return WitnessAnswer(last)
        refused = _refused(last, new)
        if refused:
            self._state.refused = f"a head of size {new.size} was not taken: {refused}"
        else:
            self._state.heads = [*self._state.heads, WitnessedHead(new.size, new.root, new.note)][-MOST_HEADS:]
        self._show()
        return WitnessAnswer(self._last(), refused)

    @workflow.query(description="Checkpoints that were seen, oldest first, and the last one that was refused")
    def state(self) -> WitnessState:
        """The state that continue-as-new carries over."""
        return self._state

    def _last(self) -> WitnessedHead:
        return self._state.heads[-1] if self._state.heads else WitnessedHead()

    def _show(self) -> None:
        last, refused = self._last(), self._state.refused
        text = f"The audit had **{last.size}** entries when it was last seen; its root was `{last.root}`."
        workflow.set_current_details(f"{text}\n\n**{refused}**" if refused else text)


def _refused(last: WitnessedHead, new: NewHead) -> str:
    try:
        asked = Growth(new.size, base64.b64decode(new.root, validate=True), new.old, proof_of(new.proof))
    except (ValueError, binascii.Error):
        return "its hashes are none"
    return why_not(last.size, base64.b64decode(last.root) if last.size else EMPTY, asked)
