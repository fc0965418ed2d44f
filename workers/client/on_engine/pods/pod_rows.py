"""Pods of ours as their workflows tell them: rows, one with its life, and what was kept of its logs."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from collections.abc import Sequence

from temporalio.client import (
    WorkflowExecution,
    WorkflowExecutionStatus,
    WorkflowFailureError,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.access.resource import cluster_resource
from domain.core import ids, names
from domain.core.errors import DefinitionError, SluicewayError
from domain.pods.manifest import attempt_name
from domain.pods.status import PodPhase
from workers.client.calls import QUERY_TIMEOUT, ask, outcome, unreachable
from workers.client.client import Engine
from workers.client.guard import Readable
from workers.client.on_engine.parts import temporal_path
from workers.client.on_engine.pods.pod_names import NOWHERE, missing
from workers.client.paging import after_of, limit_of, next_of
from workers.client.ports.pages import Page, PageOf
from workers.client.ports.pods import PodDetails, PodRow, PodStep
from workflows.pods.messages import PodResult

AT_ONCE = 10
"""Workflows that are asked at once."""
PHASES = {
    WorkflowExecutionStatus.COMPLETED: str(PodPhase.SUCCEEDED),
    WorkflowExecutionStatus.FAILED: str(PodPhase.FAILED),
    WorkflowExecutionStatus.CANCELED: "cancelled",
    WorkflowExecutionStatus.TERMINATED: "terminated",
    WorkflowExecutionStatus.TIMED_OUT: str(PodPhase.FAILED),
}
MOST_ATTEMPTS = 50


async def listed(
    engine: Engine, readable: Readable, cluster: str, namespace: str, page: PageOf, *, running: bool
) -> Page[PodRow]:
    """A page of Temporal's list, without what the caller may not read."""
    of = ("pods", cluster, namespace, str(running))
    limit, token = limit_of(page), _token(page, of)
    for text in filter(None, (cluster, namespace)):
        if not names.is_name(text):
            return Page((), "", time.time())
    query = " AND ".join(
        [
            "WorkflowType = 'Pod'",
            *(["ExecutionStatus = 'Running'"] if running else []),
            *([f"cluster = '{cluster}'"] if cluster else []),
            *([f"namespace = '{namespace}'"] if namespace else []),
        ]
    )
    found = engine.client.list_workflows(query, page_size=limit, next_page_token=token)
    try:
        await found.fetch_next_page()
    except RPCError as broken:
        raise unreachable(broken) from broken
    shown = [one for one in found.current_page or () if _parts(one.id)]
    kept = readable.keep([cluster_resource(_parts(one.id)[0]) for one in shown])
    slots = asyncio.Semaphore(AT_ONCE)
    rows = await asyncio.gather(*(_row(engine, one, slots) for one, may in zip(shown, kept, strict=True) if may))
    following = base64.b64encode(found.next_page_token).decode() if found.next_page_token else ""
    return Page(tuple(rows), next_of((following,), *of) if following else "", time.time())


def _token(page: PageOf, of: Sequence[str]) -> bytes | None:
    key = after_of(page, (str,), *of)
    try:
        return base64.b64decode(str(key[0]), validate=True) if key else None
    except (binascii.Error, ValueError) as odd:
        raise DefinitionError("SLW479", "this is no page of the list") from odd


def _parts(id_: str) -> list[str]:
    """Cluster, namespace, name and attempt; empty: it is no id of a pod."""
    parts = id_.removeprefix("pod/").split("/")
    return parts if len(parts) == 4 and parts[3].isdecimal() else []


async def _row(engine: Engine, one: WorkflowExecution, slots: asyncio.Semaphore) -> PodRow:
    plain = _plain(one)
    if one.status is not WorkflowExecutionStatus.RUNNING:
        return plain
    async with slots:
        try:
            view = await _view(engine, one.id)
        except SluicewayError:
            return plain
    return _told(plain, view)


def _plain(one: WorkflowExecution) -> PodRow:
    cluster, namespace, name, attempt = _parts(one.id)
    return PodRow(
        id=one.id,
        cluster=cluster,
        namespace=namespace,
        name=name,
        attempt=int(attempt),
        phase=PHASES.get(one.status, str(PodPhase.UNKNOWN)) if one.status else str(PodPhase.UNKNOWN),
        started_at=one.start_time.timestamp(),
        ended_at=one.close_time.timestamp() if one.close_time else None,
    )


def _told(row: PodRow, view: PodResult) -> PodRow:
    return PodRow(**{**vars(row), "phase": str(view.phase), "reason": view.reason[:500], "node": view.node})


async def _view(engine: Engine, id_: str) -> PodResult:
    handle = engine.client.get_workflow_handle(id_)
    return await ask(handle.query("view", result_type=PodResult, rpc_timeout=QUERY_TIMEOUT), id_)


async def details(engine: Engine, id_: str) -> PodDetails:
    """One pod with its life.

    Raises:
        SluicewayError: SLW950, there is none.
    """
    try:
        one = await engine.client.get_workflow_handle(id_).describe()
    except RPCError as unknown:
        if unknown.status is RPCStatusCode.NOT_FOUND:
            raise missing(id_, NOWHERE) from unknown
        raise unreachable(unknown) from unknown
    row, result = _plain(one), await _result(engine, one)
    if result:
        # what the workflow was cancelled for is in its status; the pod's own phase is in its life
        row = _told(row, result) if row.ended_at is None else PodRow(**{**vars(row), "reason": result.reason[:500]})
    placed = row.attempt + (result.attempts - 1 if result else 0)
    return PodDetails(
        row=row,
        object=attempt_name(row.name, placed),
        exit_code=result.exit_code if result else -1,
        steps=tuple(PodStep(at=t.at, phase=str(t.phase), reason=t.reason) for t in result.transitions)
        if result
        else (),
        logs=result.logs if result else "",
        gap=result.gap if result else "",
        temporal=temporal_path(id_, engine.client.namespace),
    )


async def _result(engine: Engine, one: WorkflowExecution) -> PodResult | None:
    """None: nobody can tell it, as of a pod whose workflow was terminated."""
    try:
        if one.status is WorkflowExecutionStatus.RUNNING:
            return await _view(engine, one.id)
        handle = engine.client.get_workflow_handle(one.id, result_type=PodResult)
        return await outcome(handle, PodResult)
    except (SluicewayError, WorkflowFailureError):
        return None


async def kept_log(engine: Engine, cluster: str, namespace: str, pod: str) -> str:
    """Digest of the logs of a pod that is gone, by the name of its object; empty: none were kept."""
    base, _, number = pod.rpartition("-")
    tried = [(pod, 1), *([(base, int(number)), (base, 1)] if base and number.isdecimal() else [])]
    for name, attempt in tried:
        if attempt > MOST_ATTEMPTS or not names.is_name(name) or not names.is_name(namespace):
            continue
        try:
            found = await details(engine, ids.pod_id(cluster, namespace, name, attempt))
        except SluicewayError as missing:
            if missing.code != "SLW950":
                raise
            continue
        if found.object == pod and found.logs:
            return found.logs
    return ""
