"""Findings in memory."""

from __future__ import annotations

from collections.abc import Iterable

from domain.access.actions import Action
from domain.access.resource import ENGINE, ResourceKind
from tests.support.memory_client.world import World, listed, resource
from workers.client.guard import Guard
from workers.client.ports.findings import FindingFilter, FindingRow
from workers.client.ports.pages import Page, PageOf

ORDER = ("critical", "high", "medium", "low", "info", "unknown")


class MemoryFindings:
    """Implements `Findings`."""

    def __init__(self, world: World, guard: Guard) -> None:
        self._world, self._guard = world, guard

    async def of_run(self, run: str, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """By severity."""
        found = self._world.run(run).row
        self._guard.need(Action.FINDINGS_READ, resource(ResourceKind.RUN, found.id, pipeline=found.pipeline))
        return _listed(self._world.findings.get(found.id, []), which, page, found.id)

    async def of_default_branch(self, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """By severity, of one pipeline or of all."""
        self._guard.need(Action.FINDINGS_READ, ENGINE)
        names = [name for name in self._world.pipelines if which.pipeline in ("", name)]
        return _listed((row for name in names for row in self._world.findings.get(name, [])), which, page, "")


def _listed(rows: Iterable[FindingRow], which: FindingFilter, page: PageOf, of: str) -> Page[FindingRow]:
    found = [row for row in rows if _matches(row, which)]
    return listed(found, lambda row: (ORDER.index(row.severity), row.fingerprint), page, of, repr(which))


def _matches(row: FindingRow, which: FindingFilter) -> bool:
    least = ORDER.index(which.severity) if which.severity in ORDER else len(ORDER)
    within = (row.title, row.rule, row.path, row.message)
    return (
        ORDER.index(row.severity) <= least
        and which.tool in ("", row.tool)
        and any(which.text.casefold() in text.casefold() for text in within)
    )
