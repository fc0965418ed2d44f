"""Definitions as texts that anybody may send: checked and planned without any file, two at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from domain.access.actions import Action
from domain.access.resource import ENGINE, Resource, ResourceKind, cluster_resource
from domain.core.error_codes import BY_CODE
from domain.core.errors import DefinitionError, RefusedError
from workers.client.guard import Guard, needed
from workers.client.ports.definitions import Planned, Remark
from workers.client.ports.runs import JobRow

if TYPE_CHECKING:  # these load pydantic, CEL and records
    from domain.pipelines.job import Job
    from pipeline_defs.core.checked import Checked
    from pipeline_defs.core.diagnostics import Diagnostic
    from workers.core.known_clusters import KnownClusters, May

T = TypeVar("T")
FILE = "definition.yaml"
MAX_REMARKS = 500
MAX_JOBS = 2_000
_READERS = ThreadPoolExecutor(2, thread_name_prefix="definitions")
"""Of all callers: pipeline_defs bounds a text's bytes, nodes and expressions, and yet one may cost a core a while."""
READ_S = 20.0
"""How long somebody waits for a text, those before it included."""
TOO_LONG = f"the definition was not read within {READ_S:g} s"
MOST_WAITING = 16
_under_way: dict[str, asyncio.Future[Any]] = {}
"""The text of each principal that is read. One that is given up is read on: a thread does not end when told."""


class TextDefinitions:
    """Implements `Definitions`. What a text uses (components, other files) does not exist here."""

    def __init__(self, guard: Guard, known: Callable[[May], KnownClusters] | None = None) -> None:
        """`known`: of the clusters that may be known of; None: nothing is."""
        self._guard, self._known = guard, known

    async def lint(self, text: str) -> tuple[Remark, ...]:
        """Raises SLW410."""
        return (await self._read(text, "")).remarks

    async def plan(self, text: str, branch: str = "main") -> Planned:
        """Raises SLW410."""
        return await self._read(text, branch)

    async def _read(self, text: str, branch: str) -> Planned:
        try:
            known = self._known(self._may) if self._known else None
            return await in_turn(self._guard, lambda: read(text, branch, known))
        except TimeoutError:
            return Planned((Remark("SLW103", "error", 1, 1, TOO_LONG, BY_CODE["SLW103"].fix),))

    def _may(self, environment: str, clusters: Sequence[str]) -> list[str]:
        """Whoever may not read an environment, or a cluster, is told nothing of it."""
        pairs = [
            *((Action.CLUSTERS_READ, cluster_resource(one)) for one in clusters),
            (
                Action.ENVIRONMENTS_READ,
                Resource(kind=ResourceKind.ENVIRONMENT, name=environment, environment=environment),
            ),
        ]
        *each, whole = self._guard.verdicts(pairs)
        return [one for one, verdict in zip(clusters, each, strict=True) if verdict.allowed and whole.allowed]


async def in_turn(guard: Guard, look: Callable[[], T]) -> T:
    """What is read of one text: one of a person at a time, so that nobody keeps both readers from the others.

    Raises:
        RefusedError: SLW410, the caller may read none; SLW454, their last text, or those of many others, are still
            being read.
        TimeoutError: it takes too long, and is given up.
    """
    await needed(guard, Action.DEFINITIONS_READ, ENGINE)
    who = guard.caller.on_behalf_of or guard.caller.principal.id
    if before := _under_way.get(who):
        await asyncio.wait({before}, timeout=READ_S)
    if who in _under_way or len(_under_way) >= MOST_WAITING:
        raise RefusedError("SLW454", "too many definitions are read just now")
    reading = asyncio.get_running_loop().run_in_executor(_READERS, look)
    _under_way[who] = reading
    reading.add_done_callback(lambda _: _under_way.pop(who, None))
    return await asyncio.wait_for(asyncio.shield(reading), READ_S)


def read(text: str, branch: str, known: KnownClusters | None) -> Planned:
    """What is wrong, and, for a branch, the jobs of a push to it."""
    from pipeline_defs.documents import check

    try:
        data = text.encode()
    except UnicodeEncodeError:
        return Planned((Remark("SLW203", "error", 1, 1, "the text holds half of a surrogate pair"),))
    checked = check(data, FILE, lambda _: None)
    told = [*checked.diagnostics, *(known.lint(checked) if known else ())]
    remarks = tuple(_remark(one) for one in told[:MAX_REMARKS])
    wrong = any(one.severity == "error" for one in checked.diagnostics)
    return Planned(remarks) if wrong or not branch else _planned(checked, branch, remarks)


def _remark(one: Diagnostic) -> Remark:
    token = f" [{one.token}]" if one.token else ""
    return Remark(one.code, one.severity, one.line, one.column, one.message + token, one.hint)


def _planned(checked: Checked, branch: str, remarks: tuple[Remark, ...]) -> Planned:
    from domain.triggers.events import Event, EventKind, match
    from pipeline_defs.core.diagnostics import InvalidDefinitionError
    from pipeline_defs.pipelines.compile import compile_plan, pipeline_of
    from pipeline_defs.triggers.compile import listeners

    try:
        listened = listeners(pipeline_of(checked).on)
        kind = EventKind.PUSH if EventKind.PUSH in listened else EventKind.MANUAL
        event = Event(kind, branch=branch, compared=False)
        plan, found = compile_plan(checked, event), match(event, listened)
    except InvalidDefinitionError as wrong:
        return Planned((*remarks, *(_remark(one) for one in wrong.diagnostics[:MAX_REMARKS])))
    except DefinitionError as wrong:
        return Planned((*remarks, Remark(wrong.code, "error", 1, 1, wrong.what, wrong.advice)))
    jobs = tuple(map(planned_job, plan.jobs[:MAX_JOBS]))
    return Planned(remarks, jobs, starts=found.starts, reason=found.reason)


def planned_job(job: Job) -> JobRow:
    """A job of a plan that has not begun."""
    status = "skipped" if job.skip else "waiting"
    return JobRow(
        id=job.id,
        kind=str(job.kind),
        stage=job.stage,
        status=status,
        reason=job.skip,
        needs=job.needs,
        environment=job.environment,
    )
