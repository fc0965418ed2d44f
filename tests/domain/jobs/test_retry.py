"""When a job is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs import retry
from domain.jobs.result import Failure, JobResult, Status
from domain.pipelines.steps import Retry


@given(st.integers(1, 9), st.sampled_from(Failure), st.integers(0, 255), st.integers(1, 5))
def test_retries_end_and_happen_only_for_named_causes(attempt, failure, code, attempts):
    rule = Retry(attempts, 1, on=("infrastructure", "exit:137"))
    again = retry.decide(rule, JobResult(Status.FAILED, failure=failure, exit_code=code, attempt=attempt))
    named = failure is Failure.INFRASTRUCTURE or (failure is Failure.EXIT and code == 137)

    limit = max(attempts, retry.INFRASTRUCTURE_ATTEMPTS) if failure is Failure.INFRASTRUCTURE else attempts

    assert again.again == (named and attempt < limit)
    assert again.reason
    assert 0 <= again.delay_s <= rule.max_backoff_s


def test_a_passed_job_is_not_tried_again() -> None:
    assert not retry.decide(Retry(5), JobResult(Status.PASSED)).again
