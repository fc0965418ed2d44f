"""What is bound to the lines that are logged while an activity runs."""

from dataclasses import replace
from typing import Any

import pytest
from structlog.contextvars import get_contextvars
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.jobs.port import JobInput
from domain.pipelines.job import Job, JobKind
from workers.worker.log_context import LogContext


class Seen(ActivityInboundInterceptor):
    """The activity itself: answers with what is bound."""

    def __init__(self) -> None:
        pass

    async def execute_activity(self, input: ExecuteActivityInput) -> dict[str, Any]:
        return get_contextvars()


async def bound(workflow_id: str, *args: object) -> dict[str, Any]:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, workflow_id=workflow_id, activity_type="run-job", attempt=2)
    intercepted = LogContext().intercept_activity(Seen())

    async def runs() -> dict[str, Any]:
        return await intercepted.execute_activity(ExecuteActivityInput(runs, args, None, {}))

    return await environment.run(runs)


@pytest.mark.parametrize(
    ("workflow_id", "args", "expected"),
    [
        ("run/web/142", (JobInput("run/web/142", Job("test", JobKind.RUN)),), {"run": "run/web/142", "job": "test"}),
        ("release/web/production/7", (), {"release": "release/web/production/7"}),
        ("elsewhere", (), {"workflow": "elsewhere"}),
    ],
)
async def test_an_activity_binds_what_it_is_about(workflow_id, args, expected):
    assert await bound(workflow_id, *args) == {**expected, "activity": "run-job", "attempt": 2}
