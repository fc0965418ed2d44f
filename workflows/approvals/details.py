"""Current details of an approval: Markdown for the Temporal UI."""

from __future__ import annotations

from datetime import datetime

from domain.approvals import decisions
from domain.approvals.request import DecisionRecord, Request
from workflows.approvals.messages import ApprovalInput

SHOWN = 50


def details(
    input: ApprovalInput, asked: Request, records: tuple[DecisionRecord, ...], since: datetime, now: float
) -> str:
    """`since`: start of the approval; `now`: seconds since the epoch."""
    lines = [
        f"### {input.job} of {input.run}",
        "",
        decisions.explain(asked, records, now),
        "",
        asked.spec.message,
        "",
        f"* commit `{input.commit[:12]}`, environment `{input.environment or '-'}`",
        f"* requested {since:%Y-%m-%d %H:%M:%S} UTC, expires after {asked.spec.expires_s:.0f} s",
        f"* gates: {', '.join(input.verdicts) or 'none'}",
    ]
    for record in records[-SHOWN:]:
        said = "approve" if record.decision.approve else "reject"
        lines.append(f"* {record.decision.approver or '(nobody)'}: {said} by {record.source}: {record.rule}")
    return "\n".join(lines)
