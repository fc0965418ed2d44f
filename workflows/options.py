"""Timeouts and retries by kind of work, in one place. Everything has limits: Temporal's defaults retry for ever."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig, LocalActivityConfig

from domain.pipeline import Job

HEARTBEAT = timedelta(seconds=6)
"""How long a dead worker goes unnoticed. Workers report at least each second."""

JOBS = "-jobs"
"""What the task queue of jobs is called besides: however many of them wait, approvals and releases do not wait."""

_NEVER = ["PayloadsTooLarge", "PayloadTooLarge"]
"""Oversize payloads do not shrink by trying again."""

INFRASTRUCTURE = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    maximum_interval=timedelta(seconds=10),
    maximum_attempts=20,
    non_retryable_error_types=_NEVER,
)


def short(summary: str) -> ActivityConfig:
    """Something that takes seconds at most."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=60),
        schedule_to_close_timeout=timedelta(minutes=15),
        retry_policy=INFRASTRUCTURE,
        summary=summary,
    )


def pulling(summary: str) -> ActivityConfig:
    """An image may have to be pulled first."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(minutes=30),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=200),
            maximum_interval=timedelta(seconds=10),
            maximum_attempts=5,
            non_retryable_error_types=_NEVER,
        ),
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


PATIENT = RetryPolicy(
    initial_interval=timedelta(milliseconds=200),
    maximum_interval=timedelta(seconds=10),
    non_retryable_error_types=_NEVER,
)
"""Without an end: for what a run cannot do without, while the store or the records are away."""


def record(summary: str) -> ActivityConfig:
    """What has happened is written down, however long that takes."""
    return ActivityConfig(start_to_close_timeout=timedelta(seconds=120), retry_policy=PATIENT, summary=summary)


STORED = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=120), schedule_to_close_timeout=timedelta(hours=6), retry_policy=PATIENT
)
"""What is read from the store before anything can happen."""

LOCAL = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    schedule_to_close_timeout=timedelta(minutes=15),
    retry_policy=INFRASTRUCTURE,
)

FETCH = LocalActivityConfig(
    start_to_close_timeout=timedelta(minutes=5),
    schedule_to_close_timeout=timedelta(minutes=15),
    retry_policy=INFRASTRUCTURE,
)
"""A definition may lie in, or use, a repository that is far away."""


def job(spec: Job, summary: str) -> ActivityConfig:
    """A job owns processes: its cancellation is waited for. The supervisor enforces the limit; this guards it."""
    return ActivityConfig(
        task_queue=workflow.info().task_queue + JOBS,
        schedule_to_start_timeout=timedelta(seconds=spec.queue_timeout_s),
        # a worker may have a slot and no room: that is waited for there
        start_to_close_timeout=timedelta(seconds=spec.queue_timeout_s + spec.run_timeout_s + 60),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=INFRASTRUCTURE,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def release_action(limit_s: float, summary: str) -> ActivityConfig:
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=limit_s),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=200),
            maximum_interval=timedelta(seconds=5),
            maximum_attempts=6,
            non_retryable_error_types=_NEVER,
        ),
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def observe(limit_s: float, summary: str) -> ActivityConfig:
    """An observer is tried again for as long as the release lasts: without it nobody would roll back."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=limit_s + 300),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=200),
            maximum_interval=timedelta(seconds=5),
            non_retryable_error_types=_NEVER,
        ),
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


CLUSTER_TRIES = 4


def cluster(limit_s: float, summary: str) -> ActivityConfig:
    """A phase of a cluster's life: what it waits for beyond these tries is a blocker that people are told."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=limit_s + 300),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=RetryPolicy(
            initial_interval=timedelta(milliseconds=500),
            maximum_interval=timedelta(seconds=5),
            maximum_attempts=CLUSTER_TRIES,
            non_retryable_error_types=_NEVER,
        ),
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def settling(summary: str) -> ActivityConfig:
    """A cluster comes or goes: its own workflow has the limits."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(hours=24),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=PATIENT,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def volume(limit_s: float, summary: str) -> ActivityConfig:
    """An action on a claim, which waits no longer than its own limit."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=limit_s + 120),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=INFRASTRUCTURE,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def looking_after(wait_s: float) -> ActivityConfig:
    """A look that lasts until there is something to see. Without an end: nobody else would look."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=wait_s + 120),
        heartbeat_timeout=HEARTBEAT,
        retry_policy=PATIENT,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary="what is broken",
    )
