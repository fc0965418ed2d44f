"""Findings of runs and of default branches, from recorded reports."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from heapq import nsmallest
from operator import itemgetter
from typing import TYPE_CHECKING

from domain.access.actions import Action
from domain.access.resource import ResourceKind
from domain.core import globs
from domain.core.documents import Node
from domain.core.errors import DefinitionError, SluicewayError
from domain.scans.findings.model import State
from domain.scans.findings.worklist import NEVER, OpenFinding, Wanted, place
from workers.client.guard import needed, readable_by
from workers.client.on_engine.lists import condition_of
from workers.client.on_engine.runs.known_runs import KnownRuns
from workers.client.on_engine.runs.run_rows import pipeline_resource
from workers.client.paging import Key, after_of, limit_of, next_of
from workers.client.ports.findings import FindingFilter, FindingRow
from workers.client.ports.pages import Page, PageOf

if TYPE_CHECKING:
    from activities.runs.run_lists import ListedRun
    from activities.storage.condition import Condition
    from workers.client.guard import Readable

MAX_TITLE, MAX_MESSAGE = 200, 2_000
KEPT = 32
"""Scans whose findings are remembered: a report never changes under its digest."""
MOST_PIPELINES = 100
"""So many are looked at for one page; where few findings fit the filter, it is short and says what follows."""
ORDER = (str, str, float, float, str, str, str)
"""The first pipeline of those that are sorted together, the place, fingerprint, pipeline and job."""
NOT_COUNTED = ("accepted", State.SUPPRESSED.value, State.FIXED.value)


class EngineFindings(KnownRuns):
    """Implements `Findings`."""

    async def of_run(self, run: str, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """In the order of the filter."""
        listed, known = await self._known(run, Action.FINDINGS_READ)
        asked = _asked(which, page, "findings", known["id"])
        scans = await self._parts.read(lambda: self._scans(known["id"]))
        return await self._parts.blocking(lambda: asked.page([("", self._of_run(listed, scans))], ""))

    def _scans(self, run: str) -> list[tuple[str, str]]:
        """Scan jobs, and the digest of what each reported."""
        records = [one for one in self._reader.last_results(run).values() if one["kind"] == "scan"]
        found = [(one["job"], Node(json.loads(one["result"] or "{}"))["report"].text()) for one in records]
        return [(job, digest) for job, digest in found if digest]

    def _of_run(self, run: ListedRun, scans: Iterable[tuple[str, str]]) -> list[OpenFinding]:
        return [one for job, digest in scans for one in self._of_scan(run, job, digest)]

    def _of_scan(self, run: ListedRun, job: str, digest: str) -> list[OpenFinding]:
        from activities.core import serialization as serial
        from domain.scans.findings.model import ScanReport

        def read() -> list[OpenFinding]:
            try:
                report = serial.load(ScanReport, self._parts.store.get(digest))
            except (SluicewayError, ValueError):  # it has expired
                return []
            name, branch, commit = run["pipeline"], run["branch"], run["commit_id"]
            return [
                OpenFinding(finding=one, pipeline=name, job=job, repo="", branch=branch, commit=commit)
                for one in report.findings
            ]

        return _FOUND.get((digest, run["id"], job), read)

    async def of_default_branch(self, which: FindingFilter, page: PageOf) -> Page[FindingRow]:
        """Of one pipeline, or of all that the caller may read."""
        asked = _asked(which, page, "open-findings")
        if which.pipeline:
            await needed(self._guard, Action.FINDINGS_READ, pipeline_resource(which.pipeline))
        readable = await readable_by(self._guard, Action.FINDINGS_READ, ResourceKind.PIPELINE)
        return await self._parts.blocking(lambda: self._page_of(asked, readable))

    def _page_of(self, asked: _Asked, readable: Readable) -> Page[FindingRow]:
        may = condition_of(readable, {"name": "pipeline", "pipeline": "pipeline"})
        names = [asked.which.pipeline] if asked.which.pipeline else self._pipelines(readable, may, asked.begins)
        now, later = names[:MOST_PIPELINES], "".join(names[MOST_PIPELINES : MOST_PIPELINES + 1])
        if asked.which.order == "pipeline":
            return asked.page(((name, self._open(name)) for name in now), later)
        together = [one for name in now for one in self._open(name)]
        return asked.page([(now[0] if now else "", together)], later)

    def _pipelines(self, readable: Readable, may: Condition, after: str) -> list[str]:
        """The one that a page ended in, and those that follow it."""
        scans = self._parts.records.branch_scans
        names = [*([after] if after else []), *scans.pipelines(after, MOST_PIPELINES + 1, may)]
        if readable.everything:
            return names
        kept = readable.keep([pipeline_resource(name) for name in names])
        return [name for name, may_read in zip(names, kept, strict=True) if may_read]

    def _open(self, pipeline: str) -> list[OpenFinding]:
        try:
            return self._parts.findings.all(pipeline)
        except SluicewayError as none:
            if none.code != "SLW885":
                raise
            return []


@dataclass(frozen=True)
class _Asked:
    """A part of a list under a filter."""

    which: FindingFilter
    wanted: Wanted
    limit: int
    after: Key | None
    of: tuple[str, ...]
    now: float

    @property
    def begins(self) -> str:
        """The first pipeline that is looked at; empty: the first one of all."""
        return str(self.after[0]) if self.after else ""

    def page(self, groups: Iterable[tuple[str, Sequence[OpenFinding]]], later: str) -> Page[FindingRow]:
        """Those that fit, sorted within each group, which is named by its first pipeline.

        Args:
            groups: As many as are needed for a page are read.
            later: The pipeline that follows them; empty: none.
        """
        found: list[tuple[Key, OpenFinding]] = []
        for name, rows in groups:
            keyed = [(self._key(name, one), one) for one in rows if self.wanted.fits(one, self.now)]
            left = (one for one in keyed if self.after is None or one[0] > self.after)
            found += nsmallest(self.limit + 1 - len(found), left, key=itemgetter(0))
            if len(found) > self.limit:
                return self._made(found[: self.limit], found[self.limit - 1][0])
        return self._made(found, (later, "", -NEVER, -NEVER, "", "", "") if later else None)

    def _key(self, group: str, one: OpenFinding) -> Key:
        order = "severity" if self.which.order == "pipeline" else self.which.order
        return group, *place(one, order), one.finding.fingerprint, one.pipeline, one.job

    def _made(self, found: Sequence[tuple[Key, OpenFinding]], last: Key | None) -> Page[FindingRow]:
        rows = tuple(row_of(one, self.now) for _, one in found)
        return Page(rows, next_of(last, *self.of) if last else "", self.now)


def _asked(which: FindingFilter, page: PageOf, *of: str) -> _Asked:
    """Raises:
    DefinitionError: SLW471, a malformed pattern; SLW479, it is no page of this list.
    """
    for one in which.paths:
        if wrong := globs.malformed(one.removeprefix("!")):
            raise DefinitionError("SLW471", f"'{one[:MAX_TITLE]}' is no pattern of a path", why=wrong)
    given = asdict(which)
    of = (*of, json.dumps(given))
    wanted = Wanted(**{name: value for name, value in given.items() if name not in ("pipeline", "order")})
    return _Asked(which, wanted, limit_of(page), after_of(page, ORDER, *of), of, time.time())


class _Found:
    """Findings of reports by digest, run and job."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], list[OpenFinding]] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: tuple[str, str, str], made: Callable[[], list[OpenFinding]]) -> list[OpenFinding]:
        with self._guard:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        found = made()
        with self._guard:
            self._known[key] = found
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        return found


_FOUND = _Found()


def row_of(one: OpenFinding, now: float) -> FindingRow:
    """As lists show it."""
    found = one.finding
    lines = found.message.strip().splitlines()
    return FindingRow(
        fingerprint=found.fingerprint,
        severity=found.severity.value,
        kind=found.kind.value,
        rule=found.rule,
        tool=found.tool,
        title=(lines[0] if lines else found.rule)[:MAX_TITLE],
        path=found.path,
        line=found.line,
        state=one.state,
        counts=one.state not in NOT_COUNTED,
        owner=found.owner,
        first_seen=found.since,
        message=found.message[:MAX_MESSAGE],
        fix=f"upgrade to {found.fixed_in}" if found.fixed_in else "",
        pipeline=one.pipeline,
        job=one.job,
        repo=one.repo,
        branch=one.branch,
        commit=one.commit,
        due=one.due,
        overdue=one.overdue(now),
        file_class=found.file_class.value,
        package=found.package,
    )
