"""The event that started a job's run: decides which caches it may write, which secrets it may have, and whether its
scan becomes a baseline.
"""

from __future__ import annotations

from activities.jobs.port import JobInput
from domain.core import ids
from domain.policy import refusals
from domain.policy.policy import Push
from domain.secrets.rules import SecretUse
from domain.triggers.events import Event, EventKind, EventRef

_LEAST = EventKind.PULL_REQUEST


def event_of(input: JobInput) -> EventRef:
    """The event of the message. Older messages have only the scripts' variables; without any, it counts as a pull
    request, which has the fewest rights.
    """
    if input.event is not None:
        return input.event
    env = input.env
    kind = EventKind(env.get("SLUICEWAY_EVENT", _LEAST))
    return EventRef(kind, env.get("SLUICEWAY_BRANCH", ""), env.get("SLUICEWAY_TAG", ""))


def push_of(input: JobInput) -> Push:
    """What policies look at. A source that is a snapshot, or another repository, is from elsewhere."""
    event = event_of(input)
    told = Event(
        event.kind, input.repo or input.source.repo, branch=event.branch, tag=event.tag, own_branch=event.own_branch
    )
    return refusals.push_of(ids.split_run(input.run)[0], told, input.source)


def secret_use(input: JobInput) -> SecretUse:
    """What decides which secrets a job may have."""
    return SecretUse(
        run=input.run,
        pipeline=ids.split_run(input.run)[0],
        repo=input.repo,
        event=event_of(input),
        job=input.job.group or input.job.id,
        cell=input.job.id,
        attempt=input.attempt,
        environment=input.job.environment,
        approved=input.approved,
    )
