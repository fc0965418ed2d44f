"""A decision at a given virtual time; started by simulations only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from temporalio import workflow

from workflows.core import activity_options as options


@dataclass(frozen=True)
class Planned:
    """A decision of a test case."""

    approval: str
    """Workflow id."""
    by: str
    approve: bool
    comment: str = ""
    after_s: float = 0


@workflow.defn(name="RehearsedDecision")
class RehearsedDecision:
    """Decides on an approval after some virtual time."""

    @workflow.run
    async def run(self, planned: Planned) -> None:
        """Waits `after_s` seconds, then signs and sends the decision."""
        if planned.after_s:
            await workflow.sleep(timedelta(seconds=planned.after_s))
        await workflow.execute_activity("rehearse-decision", planned, **options.quick(f"{planned.by} decides"))
