"""Binds an activity's subject to every line logged while it runs."""

from __future__ import annotations

from typing import Any

from structlog.contextvars import bind_contextvars
from temporalio import activity, workflow
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.jobs.port import JobInput
from workers.core.logs import subject

activity.logger.activity_info_on_message = False  # bound here, so messages need not repeat it
workflow.logger.workflow_info_on_message = False


class LogContext(Interceptor):
    """A worker interceptor; binds again for every attempt of an activity."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Called by the SDK for every attempt of an activity."""
        return _Bound(next)


class _Bound(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # the SDK's type: any activity's result
        info = activity.info()
        # Never unbound: each activity has its own task and context, and the SDK logs failures after this.
        bind_contextvars(**subject(info.workflow_id or ""), activity=info.activity_type, attempt=info.attempt)
        for asked in input.args:
            if isinstance(asked, JobInput):
                bind_contextvars(job=asked.job.id)
        return await self.next.execute_activity(input)
