"""What is live is written to a repository after a release. Whatever comes of that, the release stands."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.releases.outcome.port import OutcomeActivities, OutcomeInput, ServiceOutcome
from domain.core import ids
from domain.releases.actions import ReleaseResult, ReleaseVerdict
from domain.releases.deployment import Deployment
from workflows.core import activity_options as options
from workflows.core.failures import cause_of
from workflows.releases.messages import ReleaseInput, TogetherInput
from workflows.releases.story import Story

WRITES = "git-outcome"
"""Histories from before this patch wrote nothing."""
WRITES_TOGETHER = "git-outcome-of-services"
"""Histories of several services from before this one wrote nothing."""


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
    return await _written(_asked(input, new), result, story)


async def written_together(input: TogetherInput, result: ReleaseResult, story: Story) -> ReleaseResult:
    """The result of several services that were released as one: one commit says of all that they are live."""
    in_clusters = any(part.deployment.spec.kubernetes is not None for part in input.parts)
    if result.verdict is not ReleaseVerdict.LIVE or not in_clusters or not workflow.patched(WRITES_TOGETHER):
        return result
    services = tuple(
        ServiceOutcome(
            ids.release_id(part.deployment.service, part.deployment.environment, part.number),
            part.number,
            part.deployment,
        )
        for part in input.parts
    )
    return await _written(replace(_asked(input.release, input.release.deployment), services=services), result, story)


def _asked(input: ReleaseInput, new: Deployment) -> OutcomeInput:
    return OutcomeInput(workflow.info().workflow_id, input.number, new, float(int(workflow.time())))


async def _written(asked: OutcomeInput, result: ReleaseResult, story: Story) -> ReleaseResult:
    try:
        done = await workflow.execute_activity_method(
            OutcomeActivities.write, asked, **options.git_push(f"{asked.deployment.service} in git")
        )
        words = done.words
    except (ActivityError, asyncio.CancelledError) as failed:
        words = f"not written: {cause_of(failed)}"[:500]
    if not words:
        return result
    story.tell("git", words)
    return replace(result, story=tuple(story.events))
