"""Timeouts and retries by kind of work, in one place. Everything is bounded: Temporal's defaults retry for ever."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig, LocalActivityConfig

from domain.core import ids
from domain.pipelines.job import Job

HEARTBEAT = timedelta(seconds=6)
"""How long a dead worker goes unnoticed. Workers heartbeat every second or faster."""

JOBS = "-jobs"
"""Suffix of the task queue of jobs: waiting jobs must not delay approvals and releases."""

WATCHES = "-watches"
"""Suffix of the task queue of what watches a cluster for as long as that is known: hundreds of them must not take the
slots of what ends.
"""

_NEVER = ["PayloadsTooLarge", "PayloadTooLarge"]
"""Retrying does not shrink an oversize payload."""


def _retries(first_ms: int = 200, longest_s: int = 10, tries: int = 0) -> RetryPolicy:
    """`tries` 0: unlimited."""
    return RetryPolicy(
        initial_interval=timedelta(milliseconds=first_ms),
        maximum_interval=timedelta(seconds=longest_s),
        maximum_attempts=tries,
        non_retryable_error_types=_NEVER,
    )


INFRASTRUCTURE = _retries(tries=20)
PATIENT = _retries()
"""For work that a run depends on, while the store or the database is unavailable."""


def _beating(limit: timedelta, retries: RetryPolicy, summary: str) -> ActivityConfig:
    """Work that heartbeats; cancellation completes only when it has stopped."""
    return ActivityConfig(
        start_to_close_timeout=limit,
        heartbeat_timeout=HEARTBEAT,
        retry_policy=retries,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def quick(summary: str) -> ActivityConfig:
    """Work of a few seconds."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(seconds=60),
        schedule_to_close_timeout=timedelta(minutes=15),
        retry_policy=INFRASTRUCTURE,
        summary=summary,
    )


def rendering(summary: str) -> ActivityConfig:
    """A checkout, and a renderer that is run twice."""
    return _beating(timedelta(minutes=10), _retries(tries=5), summary)


def image_pull(summary: str) -> ActivityConfig:
    """May include pulling an image."""
    return _beating(timedelta(minutes=30), _retries(tries=5), summary)


def write_record(summary: str) -> ActivityConfig:
    """Writes a record, retrying without limit."""
    return ActivityConfig(start_to_close_timeout=timedelta(seconds=120), retry_policy=PATIENT, summary=summary)


STORED = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=120), schedule_to_close_timeout=timedelta(hours=6), retry_policy=PATIENT
)
"""Reads from the store, which everything else depends on."""

LOCAL = LocalActivityConfig(
    start_to_close_timeout=timedelta(seconds=10),
    schedule_to_close_timeout=timedelta(minutes=15),
    retry_policy=INFRASTRUCTURE,
)


def at_once(summary: str) -> LocalActivityConfig:
    """A call that is usually answered in milliseconds; whoever asks goes on with an activity when it is not."""
    return LocalActivityConfig(
        start_to_close_timeout=timedelta(seconds=60),
        schedule_to_close_timeout=timedelta(seconds=60),
        retry_policy=_retries(tries=2),
        summary=summary,
    )


FETCH = LocalActivityConfig(
    start_to_close_timeout=timedelta(minutes=5),
    schedule_to_close_timeout=timedelta(minutes=15),
    retry_policy=INFRASTRUCTURE,
)
"""A definition may be in, or use, a remote repository."""


def job(spec: Job, summary: str) -> ActivityConfig:
    """A job owns processes, so its cancellation is awaited. The supervisor enforces the timeout; this one is a safety
    net.
    """
    # a free worker slot may still lack capacity: the job waits for it there
    limit = timedelta(seconds=spec.queue_timeout_s + spec.run_timeout_s + spec.grace_s + 60)
    queued = ActivityConfig(
        task_queue=workflow.info().task_queue + JOBS,
        schedule_to_start_timeout=timedelta(seconds=spec.queue_timeout_s),
    )
    return queued | _beating(limit, INFRASTRUCTURE, summary)


def release_action(limit_s: float, summary: str) -> ActivityConfig:
    """One action of a release, at most `limit_s` seconds; six tries, at most 5 s apart."""
    return _beating(timedelta(seconds=limit_s), _retries(longest_s=5, tries=6), summary)


def observe(limit_s: float, summary: str) -> ActivityConfig:
    """An observer is retried for as long as the release lasts: without it nothing would roll back."""
    return _beating(timedelta(seconds=limit_s + 300), _retries(longest_s=5), summary)


DIALLED_BEAT = timedelta(seconds=30)
"""How long nobody notices that a worker in a cluster is gone: its beats come by way of a server, over any network."""
DIALS_WITHIN = timedelta(minutes=10)
"""After so long without a worker in a cluster, its workflow looks whether anybody still wants one."""


def in_cluster(cluster: str, limit_s: float, summary: str) -> ActivityConfig:
    """Work that the worker in a cluster does, which dials out: its task queue is the cluster's own."""
    queued = ActivityConfig(
        task_queue=ids.cluster_queue(workflow.info().task_queue, cluster), schedule_to_start_timeout=DIALS_WITHIN
    )
    beating = _beating(timedelta(seconds=limit_s + 300), _retries(longest_s=5), summary)
    return queued | beating | ActivityConfig(heartbeat_timeout=DIALLED_BEAT)


TAKEN_WITHIN, DONE_WITHIN = timedelta(seconds=10), timedelta(seconds=60)
"""A worker in a cluster asks for its work all the time: who waits for longer waits for nobody."""


def once_in_cluster(cluster: str, summary: str) -> ActivityConfig:
    """What the worker in a cluster does once or not at all: whoever asked decides whether it is asked again."""
    return ActivityConfig(
        task_queue=ids.calls_queue(workflow.info().task_queue, cluster),
        schedule_to_start_timeout=TAKEN_WITHIN,
        start_to_close_timeout=DONE_WITHIN,
        retry_policy=_retries(tries=1),
        summary=summary,
    )


CLUSTER_TRIES = 4
CLUSTER_AGAIN_MS = 500
"""Before the second try of a phase; then twice as long each time."""


def cluster(limit_s: float, summary: str) -> ActivityConfig:
    """A phase of a cluster; when these tries are used up, it becomes a blocker that people see."""
    return _beating(timedelta(seconds=limit_s + 300), _retries(CLUSTER_AGAIN_MS, 5, CLUSTER_TRIES), summary)


def wait_for_cluster(summary: str) -> ActivityConfig:
    """Waiting for a cluster to be created or deleted: its own workflow has the limits."""
    return _beating(timedelta(hours=24), PATIENT, summary)


def volume(limit_s: float, summary: str) -> ActivityConfig:
    """An action on a claim, bounded by its own limit."""
    return _beating(timedelta(seconds=limit_s + 120), INFRASTRUCTURE, summary)


def on_object(summary: str) -> ActivityConfig:
    """One request to an API server, which may be away for some minutes; then nobody waits for it any more."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(minutes=2),
        schedule_to_close_timeout=timedelta(minutes=5),
        retry_policy=INFRASTRUCTURE,
        summary=summary,
    )


def git_push(summary: str) -> ActivityConfig:
    """A commit to a repository of others, which may be away: the release that waits for it is over otherwise."""
    return ActivityConfig(
        start_to_close_timeout=timedelta(minutes=4),
        schedule_to_close_timeout=timedelta(minutes=5),
        retry_policy=_retries(tries=6),
        summary=summary,
    )


def argocd_sync(limit_s: float, summary: str) -> ActivityConfig:
    """An Application's sync, bounded by its own limit; another try begins it again."""
    return _beating(timedelta(seconds=limit_s + 120), INFRASTRUCTURE, summary)


def long_poll(wait_s: float) -> ActivityConfig:
    """Waits for a change, without limit: nothing else watches."""
    return _watching() | _beating(timedelta(seconds=wait_s + 120), PATIENT, "watch for problems")


def watch(limit_s: float, summary: str) -> ActivityConfig:
    """Watches what is in a cluster for hours, and is retried without limit: nothing else watches."""
    return _watching() | observe(limit_s, summary)


def _watching() -> ActivityConfig:
    return ActivityConfig(task_queue=workflow.info().task_queue + WATCHES)
