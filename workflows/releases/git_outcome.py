"""What is live is written to a repository after a release. Whatever comes of that, the release stands."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.releases.outcome.port import OutcomeActivities, OutcomeInput
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.deployment import Deployment
from workflows.core import activity_options as options
from workflows.core.failures import cause_of
from workflows.releases.messages import ReleaseInput
from workflows.releases.story import Story

WRITES = "git-outcome"
"""Histories from before this patch wrote nothing."""


async def written(
    input: ReleaseInput, result: ReleaseResult, story: Story, part: Deployment | None = None
) -> ReleaseResult:
    """The result, with what became of it in its story. A part of a release over many writes nothing of its own.

    `part`: of a release over many, the version in one of its clusters: the signer has permitted that.
    """
    new = part or input.deployment
    in_a_cluster = part is not None or new.spec.kubernetes is not None
    if result.verdict is not ReleaseVerdict.LIVE or not in_a_cluster or input.whole:
        return result
    if not workflow.patched(WRITES):
        return result
    asked = OutcomeInput(workflow.info().workflow_id, input.number, new, float(int(workflow.time())))
    try:
        done = await workflow.execute_activity_method(
            OutcomeActivities.write, asked, **options.git_push(f"{new.service} in git")
        )
        words = done.words
    except (ActivityError, asyncio.CancelledError) as failed:
        words = f"not written: {cause_of(failed)}"[:500]
    if not words:
        return result
    story.tell("git", words)
    return replace(result, story=tuple(story.events))
