"""Compiles an approval block to its domain value."""

from __future__ import annotations

from domain.approvals.spec import ApprovalSpec
from pipeline_defs.approvals.model import Approval
from pipeline_defs.core.job_context import JobPart, PlanContext


def approval_spec(block: Approval) -> ApprovalSpec:
    """An approval with its reminders sorted by time."""
    return ApprovalSpec(
        users=tuple(block.users),
        groups=tuple(block.groups),
        roles=tuple(block.roles),
        quorum=block.quorum,
        per_group=dict(block.per_group),
        expires_s=block.expires,
        reminders_s=tuple(sorted(block.reminders)),
        allow_author=block.allow.author,
        allow_committer=block.allow.committer,
        allow_starter=block.allow.starter,
        message=block.message,
    )


def compile_approval(block: Approval, context: PlanContext) -> JobPart:
    """The approval part of a planned job."""
    return {"approval": approval_spec(block)}
