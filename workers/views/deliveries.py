"""What became of a delivery, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workers.views.style import coloured

if TYPE_CHECKING:
    from workflows.triggers.messages import DeliveryAnswer


def outcome(pipeline: str, answer: DeliveryAnswer) -> str:
    """The run that a delivery started, the one that it had started before, or why there is none."""
    if not answer.number:
        return f"{pipeline} not started: {answer.reason}"
    if answer.repeated:
        return f"{answer.run} was started by this delivery before; nothing new"
    return f"{coloured('running')} {answer.run}: {answer.reason}"
