"""Who works for an engine: the workers that poll its task queue."""

from __future__ import annotations

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

from workers.client.client import Engine


async def pollers(engine: Engine) -> list[str]:
    """The identities of the workers that asked for workflow tasks in the last minutes, sorted."""
    request = DescribeTaskQueueRequest(
        namespace=engine.client.namespace,
        task_queue=TaskQueue(name=engine.queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    answer = await engine.client.workflow_service.describe_task_queue(request)
    return sorted({one.identity for one in answer.pollers})
