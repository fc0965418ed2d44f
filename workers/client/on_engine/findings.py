"""Findings of runs and of default branches, from recorded reports."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.scans.findings.model import Finding, Severity, State
from workers.client.guard import needed, readable_by
from workers.client.on_engine.known_runs import KnownRuns
from workers.client.on_engine.lists import condition_of
from workers.client.on_engine.run_rows import pipeline_resource
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.findings import FindingFilter, FindingRow
from workers.client.ports.pages import Page, PageOf

if TYPE_CHECKING:
    from activities.storage.condition import Condition
    from domain.scans.findings.worklist import OpenFinding
    from workers.client.guard import Readable

MAX_TITLE, MAX_MESSAGE = 200, 2_000
KEPT = 32
"""Scans whose rows are remembered: a report never changes under its digest."""
MOST_PIPELINES = 100
"""So many are looked at for one page; where few findings fit the filter, it is short and says what follows."""
ORDER = (str, int, str, str)
"""Pipeline, how mild it is, fingerprint, job."""
NOT_COUNTED = (State.SUPPRESSED, State.FIXED)


class EngineFindings(KnownRuns):
    """Implements `Findings`."""

    async def of_run(self, run: str, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """By severity."""
        _, known = await self._known(run, Action.FINDINGS_READ)
        of = ("findings", known["id"], *_words(which))
        limit, after = limit_of(page), after_of(page, ORDER, *of)

        def read() -> list[FindingRow]:
            return [row for row in self._of_run(known["id"], known["pipeline"]) if fits(row, which)]

        now, rows = time.time(), await self._parts.blocking(read)
        return _page(rows, after, limit, of, now)

    def _of_run(self, run: str, pipeline: str) -> Iterator[FindingRow]:
        from activities.core import serialization as serial
        from domain.scans.findings.model import ScanReport

        for record in self._reader.last_results(run).values():
            digest = Node(json.loads(record["result"] or "{}"))["report"].text()
            if record["kind"] != "scan" or not digest:
                continue
            job = record["job"]

            def rows(digest: str = digest, job: str = job) -> list[FindingRow]:
                try:
                    report = serial.load(ScanReport, self._parts.store.get(digest))
                except (SluicewayError, ValueError):  # it has expired
                    return []
                return [row_of(one, pipeline, job) for one in report.findings]

            yield from _ROWS.get((digest, pipeline, job), rows)

    async def of_default_branch(self, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """Of one pipeline, or of all that the caller may read."""
        of = ("open-findings", *_words(which))
        limit, after = limit_of(page), after_of(page, ORDER, *of)
        if which.pipeline:
            await needed(self._guard, Action.FINDINGS_READ, pipeline_resource(which.pipeline))
        readable = await readable_by(self._guard, Action.FINDINGS_READ, ResourceKind.PIPELINE)
        now = time.time()
        return await self._parts.blocking(lambda: self._page_of(which, readable, after, limit, of, now))

    def _page_of(
        self, which: FindingFilter, readable: Readable, after: Key | None, limit: int, of: tuple[str, ...], now: float
    ) -> Page[FindingRow]:
        may = condition_of(readable, {"name": "pipeline", "pipeline": "pipeline"})
        names = [which.pipeline] if which.pipeline else self._pipelines(readable, may, str(after[0]) if after else "")
        rows: list[FindingRow] = []
        for name in names[:MOST_PIPELINES]:
            found = sorted((row for row in self._open(name) if fits(row, which)), key=_key)
            rows += [row for row in found if after is None or _key(row) > after]
            if len(rows) > limit:
                return Page(tuple(rows[:limit]), next_of(_key(rows[limit - 1]), *of), now)
        more = len(names) > MOST_PIPELINES
        last = (names[MOST_PIPELINES - 1], len(Severity), "", "") if more else None
        return Page(tuple(rows), next_of(last, *of) if last else "", now)

    def _pipelines(self, readable: Readable, may: Condition, after: str) -> list[str]:
        """The one that a page ended in, and those that follow it."""
        scans = self._parts.records.branch_scans
        names = [*([after] if after else []), *scans.pipelines(after, MOST_PIPELINES + 1, may)]
        if readable.everything:
            return names
        kept = readable.keep([pipeline_resource(name) for name in names])
        return [name for name, may_read in zip(names, kept, strict=True) if may_read]

    def _open(self, pipeline: str) -> Sequence[FindingRow]:
        try:
            found = self._parts.findings.all(pipeline)
        except SluicewayError as none:
            if none.code != "SLW885":
                raise
            return []
        return [_open_row(one) for one in found]


class _Rows:
    """Rows of reports by digest, pipeline and job."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], list[FindingRow]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: tuple[str, str, str], made: Callable[[], list[FindingRow]]) -> list[FindingRow]:
        with self._guard:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        rows = made()
        with self._guard:
            self._known[key] = rows
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return rows


_ROWS = _Rows()


def row_of(one: Finding, pipeline: str, job: str) -> FindingRow:
    """As lists show it."""
    lines = one.message.strip().splitlines()
    return FindingRow(
        fingerprint=one.fingerprint,
        severity=one.severity.value,
        kind=one.kind.value,
        rule=one.rule,
        tool=one.tool,
        title=(lines[0] if lines else one.rule)[:MAX_TITLE],
        path=one.path,
        line=one.line,
        state=one.state.value,
        counts=one.state not in NOT_COUNTED,
        owner=one.owner,
        first_seen=one.since,
        message=one.message[:MAX_MESSAGE],
        fix=f"upgrade to {one.fixed_in}" if one.fixed_in else "",
        pipeline=pipeline,
        job=job,
    )


def _open_row(one: OpenFinding) -> FindingRow:
    row = row_of(one.finding, one.pipeline, one.job)
    return _accepted(row) if one.accepted else row


def _accepted(row: FindingRow) -> FindingRow:
    return replace(row, state="accepted", counts=False)


def fits(row: FindingRow, which: FindingFilter) -> bool:
    """Whether a finding is one that is asked for."""
    least = _rank(which.severity) if which.severity else 0
    wanted = which.text.lower()
    return (
        _rank(row.severity) >= least
        and which.tool in ("", row.tool)
        and (not wanted or any(wanted in text.lower() for text in (row.title, row.rule, row.path, row.message)))
    )


def _rank(severity: str) -> int:
    try:
        return Severity(severity).rank
    except ValueError:
        return 0


def _key(row: FindingRow) -> tuple[str, int, str, str]:
    return row.pipeline, len(Severity) - 1 - _rank(row.severity), row.fingerprint, row.job


def _words(which: FindingFilter) -> tuple[str, ...]:
    return which.pipeline, which.severity, which.tool, which.text


def _page(
    rows: Sequence[FindingRow], after: Key | None, limit: int, of: tuple[str, ...], now: float
) -> Page[FindingRow]:
    left = sorted((row for row in rows if after is None or _key(row) > after), key=_key)
    more = next_of(_key(left[limit - 1]), *of) if len(left) > limit else ""
    return Page(tuple(left[:limit]), more, now)
