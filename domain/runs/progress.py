"""The state of a run: which jobs may start, which never will, and how the run ends.

The bookkeeping is incremental: finishing a job costs as much as it has dependents, whatever the size of the plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.jobs import result as results
from domain.jobs.result import Status


class Node(Protocol):
    """What scheduling needs to know about a job."""

    @property
    def id(self) -> str:
        """Unique in the plan."""

    @property
    def group(self) -> str:
        """The job as written; all cells of a matrix share it."""

    @property
    def needs(self) -> tuple[str, ...]:
        """Groups that must end first."""

    @property
    def max_parallel(self) -> int:
        """How many of its group may run at once; 0: no limit."""

    @property
    def fail_fast(self) -> bool:
        """Whether a failure cancels the rest of the group."""

    @property
    def continue_on_error(self) -> bool:
        """Whether its failure counts as passed for the run and for its dependents."""


@dataclass
class _Group:
    needs: tuple[str, ...]
    missing: int
    """Needed groups that have not ended."""
    max_parallel: int
    fail_fast: bool
    forgiving: bool
    tainted: bool = False
    """Whether it, or any group above it, ended badly; set when it ends."""
    members: list[str] = field(default_factory=list)
    queued: list[str] = field(default_factory=list)
    open: set[str] = field(default_factory=set)
    running: int = 0


class Progress:
    """Schedules without evaluating conditions: the caller calls `take`, evaluates, then calls `start` or `finish`."""

    def __init__(self, nodes: Sequence[Node], *, fail_fast: bool = False, parallel: int = 200) -> None:
        self._fail_fast, self._parallel = fail_fast, parallel
        self.status: dict[str, Status] = {}
        self._groups: dict[str, _Group] = {}
        self._group_of: dict[str, str] = {}
        self._dependents: dict[str, list[str]] = {}
        self._ready: list[str] = []
        self._running = 0
        self._open = 0
        self._restoring = False
        self.stopped_by = ""
        """The first job that ended badly without `continue-on-error`."""
        self.doomed: list[str] = []
        """Running cells whose siblings failed under fail-fast: the caller cancels them."""
        for node in nodes:
            self._add(node)
        for name, group in self._groups.items():
            group.missing = sum(1 for need in group.needs if need in self._groups)
            for need in group.needs:
                self._dependents.setdefault(need, []).append(name)
            if group.missing == 0:
                self._ready.append(name)

    def _add(self, node: Node) -> None:
        group = self._groups.get(node.group)
        if group is None:
            group = _Group(node.needs, 0, node.max_parallel, node.fail_fast, node.continue_on_error)
            self._groups[node.group] = group
        group.members.append(node.id)
        group.queued.append(node.id)
        group.open.add(node.id)
        self._group_of[node.id] = node.group
        self.status[node.id] = Status.WAITING
        self._open += 1

    def take(self) -> list[str]:
        """Jobs to evaluate now: their needs have ended and the group has capacity. Each is returned once."""
        taken: list[str] = []
        for name in list(self._ready):
            group = self._groups[name]
            while group.queued and self._running < self._parallel and self._has_room(group):
                job = group.queued.pop(0)
                group.running += 1
                self._running += 1
                self.status[job] = Status.RUNNING
                taken.append(job)
            if not group.queued:
                self._ready.remove(name)
        return taken

    def _has_room(self, group: _Group) -> bool:
        return group.max_parallel == 0 or group.running < group.max_parallel

    def expand(self, template: str, nodes: Iterable[Node]) -> None:
        """Expands a for-each job to its items; it ends when they do."""
        group = self._groups[self._group_of[template]]
        if self.status[template] is Status.RUNNING:
            group.running -= 1
            self._running -= 1
        else:  # expanded again after a continue-as-new
            group.queued.remove(template)
        group.open.discard(template)
        group.members.remove(template)
        del self.status[template]
        self._open -= 1
        before = len(group.queued)
        for node in nodes:
            self._add(node)
        ready = group.missing == 0 and self._group_of[template] not in self._ready
        if len(group.queued) > before and ready:
            self._ready.append(self._group_of[template])
        if not group.open:
            self._end_group(self._group_of[template])

    def finish(self, job: str, status: Status) -> None:
        """Records the end of a job: releases dependents, and may cancel what became pointless."""
        name = self._group_of[job]
        group = self._groups[name]
        if self.status[job] is Status.RUNNING:
            group.running -= 1
            self._running -= 1
        elif job in group.queued:
            group.queued.remove(job)
        self.status[job] = status
        group.open.discard(job)
        self._open -= 1
        if status in results.BAD and not group.forgiving:
            self.stopped_by = self.stopped_by or job
            if not self._restoring:
                self._fail_fast_in(group, job)
        if not group.open:
            self._end_group(name)

    def _fail_fast_in(self, group: _Group, job: str) -> None:
        if group.fail_fast:
            for sibling in list(group.queued):
                group.queued.remove(sibling)
                group.open.discard(sibling)
                self.status[sibling] = Status.SKIPPED
                self._open -= 1
            self.doomed.extend(sorted(sibling for sibling in group.open if sibling != job))
        if self._fail_fast:
            self.doomed.extend(
                sorted(
                    other
                    for other, status in self.status.items()
                    if status is Status.RUNNING and other not in self.doomed
                )
            )

    def _end_group(self, name: str) -> None:
        ended = self._groups[name]
        ended.tainted = self.group_status(name) in results.BAD or self._tainted(ended.needs)
        for dependent in self._dependents.get(name, ()):
            group = self._groups[dependent]
            group.missing -= 1
            if group.missing == 0:
                self._ready.append(dependent)

    @property
    def finished(self) -> bool:
        """Whether all jobs have ended."""
        return self._open == 0

    @property
    def running(self) -> int:
        """How many jobs run now."""
        return self._running

    def group_status(self, name: str) -> Status:
        """The result of an ended group for its dependents: a failure with continue-on-error counts as passed."""
        group = self._groups[name]
        status = results.worst([self.status[member] for member in group.members])
        return Status.PASSED if group.forgiving and status in results.BAD else status

    def needs_of(self, job: str) -> Mapping[str, Status]:
        """Needed group to its status; groups outside the plan are left out."""
        return {
            need: self.group_status(need) for need in self._groups[self._group_of[job]].needs if need in self._groups
        }

    def failed_above(self, job: str) -> bool:
        """Whether any group that the job needs, directly or through others, ended badly; those may be skipped."""
        return self._tainted(self._groups[self._group_of[job]].needs)

    def _tainted(self, needs: Iterable[str]) -> bool:
        return any(self._groups[need].tainted for need in needs if need in self._groups)

    def outcome(self) -> Status:
        """The result of a finished run: that of the first bad job without continue-on-error; else passed."""
        return self.status[self.stopped_by] if self.stopped_by else Status.PASSED

    def restore(self, ended: Mapping[str, Status]) -> None:
        """Continues from an earlier execution or attempt; ended jobs are not returned again.

        A restored failure stops no other job: what it stopped has ended too, or runs again.
        """
        self._restoring = True
        for job, status in ended.items():
            if job in self.status and self.status[job] not in results.ENDED:
                self.finish(job, status)
        self._restoring = False
        for name in list(self._ready):
            if not self._groups[name].queued:
                self._ready.remove(name)
        self.doomed.clear()
