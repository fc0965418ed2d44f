"""What became of a delivery, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.views.output import Part
from workers.views.style import coloured

if TYPE_CHECKING:
    from workflows.triggers.messages import DeliveryAnswer


def outcome(pipeline: str, answer: DeliveryAnswer) -> tuple[Part, ...]:
    """Parts of a line for `out`: the run that a delivery started, or had started before, or why there is none."""
    if not answer.number:
        return (f"{pipeline} not started: {answer.reason}",)
    if answer.repeated:
        return (f"{answer.run} was started by this delivery before; nothing new",)
    return (coloured("running"), f" {answer.run}: {answer.reason}")
