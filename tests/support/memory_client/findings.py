"""Findings in memory."""

from __future__ import annotations

import time
from collections.abc import Iterable

from domain.access.actions import Action
from domain.access.resource import ENGINE, ResourceKind
from domain.core import globs
from domain.core.errors import DefinitionError
from tests.support.memory_client.world import World, listed, resource
from workers.client.guard import Guard
from workers.client.ports.findings import FindingFilter, FindingRow
from workers.client.ports.pages import Page, PageOf

ORDER = ("critical", "high", "medium", "low", "info", "unknown")
LATE = 1e15


class MemoryFindings:
    """Implements `Findings`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def of_run(self, run: str, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """In the order of the filter."""
        found = self._world.run(run).row
        self._guard.need(Action.FINDINGS_READ, resource(ResourceKind.RUN, found.id, pipeline=found.pipeline))
        return _listed(self._world.findings.get(found.id, []), which, page, found.id)

    async def of_default_branch(self, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """Of one pipeline or of all."""
        self._guard.need(Action.FINDINGS_READ, ENGINE)
        names = [name for name in self._world.pipelines if which.pipeline in ("", name)]
        return _listed((row for name in names for row in self._world.findings.get(name, [])), which, page, "")


def _listed(rows: Iterable[FindingRow], which: FindingFilter, page: PageOf, of: str) -> Page[FindingRow]:
    for one in which.paths:
        if wrong := globs.malformed(one.removeprefix("!")):
            raise DefinitionError("SLW471", "no pattern", why=wrong)
    found = [row for row in rows if _matches(row, which)]
    return listed(found, lambda row: (*_place(row, which.order), row.fingerprint), page, of, repr(which))


def _place(row: FindingRow, order: str) -> tuple[str, float, float]:
    """Where it stands in an order."""
    rank = ORDER.index(row.severity)
    return {
        "age": ("", row.first_seen or LATE, rank),
        "due": ("", row.due or LATE, rank),
        "path": (row.path, row.line, rank),
        "owner": (row.owner or "~", rank, row.due or LATE),
    }.get(order, ("", rank, row.due or LATE))


def _matches(row: FindingRow, which: FindingFilter) -> bool:
    least = ORDER.index(which.severity) if which.severity in ORDER else len(ORDER)
    within = (row.rule, row.path, row.message)
    lists = (
        (which.severities, row.severity),
        (which.kinds, row.kind),
        (which.rules, row.rule),
        (which.owners, row.owner or "none"),
        (which.states, row.state),
        (which.classes, row.file_class),
    )
    return (
        ORDER.index(row.severity) <= least
        and which.tool in ("", row.tool)
        and any(which.text.casefold() in text.casefold() for text in within)
        and all(not allowed or value in allowed for allowed, value in lists)
        and (not which.paths or globs.matches(row.path, which.paths))
        and max(time.time() - row.first_seen, 0) >= which.older_s
        and (row.overdue or not which.overdue)
    )
