"""Whether a job that did not pass is retried, when, and why."""

from __future__ import annotations

from dataclasses import dataclass

from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.steps import Retry

INFRASTRUCTURE_ATTEMPTS = 3
"""Retries after a lost machine or supervisor: not the job's fault, so its own limit does not count, unless its rule
leaves infrastructure out.
"""


@dataclass(frozen=True)
class Again:
    """`delay_s` is meaningful only when `again` is true."""

    again: bool
    reason: str
    delay_s: float = 0


def decide(rule: Retry, result: JobResult) -> Again:
    """Attempts count from 1; the delay before attempt n + 1 is backoff_s x factor^(n - 1), at most max_backoff_s."""
    if result.status is not Status.FAILED:
        return Again(False, f"a job that is {result.status} is not retried")
    cause = f"exit:{result.exit_code}" if result.failure is Failure.EXIT else str(result.failure)
    if cause not in rule.on:
        return Again(False, f"{cause or 'this failure'} is not a cause to retry ({', '.join(rule.on) or 'none'})")
    lost = result.failure is Failure.INFRASTRUCTURE
    attempts = max(rule.attempts, INFRASTRUCTURE_ATTEMPTS) if lost else rule.attempts
    if result.attempt >= attempts:
        return Again(False, f"attempt {result.attempt} of {attempts} was the last")
    delay_s = min(rule.max_backoff_s, rule.backoff_s * rule.factor ** (result.attempt - 1))
    return Again(True, f"attempt {result.attempt} of {attempts} failed: {cause}", delay_s)
