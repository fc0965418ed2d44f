"""Chooses which jobs run again in a new attempt, and why. All others keep their results, by digest."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.core.errors import RefusedError
from domain.core.values import closest
from domain.jobs import result as results
from domain.jobs.result import Status
from domain.pipelines import dag as graph
from domain.pipelines.job import Job, JobKind


class From(StrEnum):
    """Where a new attempt begins: at failed jobs, at one job, or from the start."""

    FAILED = "failed"
    JOB = "job"
    ALL = "all"


@dataclass(frozen=True)
class RerunRequest:
    """A request for a new attempt."""

    start: From = From.FAILED
    job: str = ""
    """A job, one cell (`test[py=3.12]`) or one item (`shard[3]`) of it."""


@dataclass(frozen=True)
class Before:
    """What planning needs of the previous attempt."""

    status: Mapping[str, Status]
    """Results of jobs, cells and items."""
    lost: Mapping[str, str] = field(default_factory=dict)
    """Job, cell or item to its deleted artifact or report."""
    void: Mapping[str, str] = field(default_factory=dict)
    """Job to why its result cannot be kept: its definition changed, or its approval is no longer valid."""


def again(jobs: Sequence[Job], before: Before, wish: RerunRequest) -> dict[str, str]:
    """Job, cell or item to why it runs again, in plan order. All others keep their results.

    Raises:
        RefusedError: nothing to run again, or no such job.
    """
    plan = _Plan(jobs, before)
    plan.seed(wish)
    plan.close()
    if not plan.why:
        fix = "use --from JOB, or --all"
        raise RefusedError("SLW921", "every job passed or was skipped, so there is nothing to run again", fix=fix)
    return {id_: plan.why[id_] for id_ in plan.ids if id_ in plan.why}


@dataclass(frozen=True)
class Kept:
    """The results that a new attempt starts with, as carried in RunInput."""

    letters: str
    """One per job of the plan (domain.jobs.result)."""
    spread: Mapping[str, str]
    """For-each job to one letter per item."""


def kept(jobs: Sequence[Job], before: Before, rerun: Mapping[str, str]) -> Kept:
    """The initial statuses of a new attempt: a letter per job and per item; waiting: it runs again."""

    def letter(id_: str) -> str:
        return results.encode_statuses(
            [before.status[id_] if id_ in before.status and id_ not in rerun else Status.WAITING]
        )

    items = _items(jobs, before.status)
    spread = {
        template: "".join(letter(item) for item in found) for template, found in items.items() if template not in rerun
    }
    return Kept("".join(letter(job.id) for job in jobs), spread)


def _items(jobs: Sequence[Job], status: Collection[str]) -> dict[str, list[str]]:
    """For-each job to its items in the previous attempt, in order."""
    found: dict[str, list[str]] = {}
    for job in (job for job in jobs if job.for_each):
        index = 0
        while f"{job.id}[{index}]" in status:
            found.setdefault(job.id, []).append(f"{job.id}[{index}]")
            index += 1
    return found


class _Plan:
    def __init__(self, jobs: Sequence[Job], before: Before) -> None:
        self._jobs, self._before = jobs, before
        self._items = _items(jobs, before.status)
        self._needs = {job.group: job.needs for job in jobs}
        self._members: dict[str, list[str]] = {}
        for job in jobs:
            self._members.setdefault(job.group, []).append(job.id)
        self.ids = [id_ for job in jobs for id_ in (job.id, *self._items.get(job.id, ()))]
        self._group = {id_: job.group for job in jobs for id_ in (job.id, *self._items.get(job.id, ()))}
        self.why: dict[str, str] = {}

    def seed(self, wish: RerunRequest) -> None:
        for id_ in self.ids:
            status = self._before.status.get(id_)
            if id_ in self._before.void:
                self.why[id_] = self._before.void[id_]
            elif wish.start is From.ALL:
                self.why[id_] = "everything runs again"
            elif status is None and id_ not in self._items:
                self.why[id_] = "it has no result to keep"
            elif wish.start is From.FAILED and status in results.BAD:
                self.why[id_] = f"it was {status}"
        if wish.start is From.JOB:
            for id_ in self._named(wish.job):
                self.why[id_] = "requested"

    def _named(self, name: str) -> list[str]:
        if name in self._members:
            return self._members[name]
        if name in self._group:
            return [name]
        meant = closest(name, [*self._members, *self._group])
        fix = f"did you mean '{meant}'?" if meant else f"there are {', '.join(self._members)}"
        raise RefusedError("SLW922", f"the run has no job '{name}'", fix=fix)

    def close(self) -> None:
        """Adds dependents of jobs that run again, and needs of these whose results are deleted."""
        grown = True
        while grown:
            before = len(self.why)
            self._together()
            self._downstream()
            self._lost()
            self._gone()
            grown = len(self.why) > before

    def _together(self) -> None:
        """Services that are released as one are released again as one."""
        for job in self._jobs:
            if job.deploy and job.deploy.together and job.id in self.why:
                for member in self._members[job.group]:
                    self.why.setdefault(member, f"it is released as one with {job.deploy.service}")

    def _downstream(self) -> None:
        moved = {self._group[id_] for id_ in self.why}
        for group in graph.order(self._needs):
            need = next((need for need in self._needs[group] if need in moved), "")
            if need:
                moved.add(group)
                for id_ in self._members[group]:
                    self.why.setdefault(id_, f"it needs {need}")
        for template in self._items:  # its list may change: all items run again
            if template in self.why:
                for item in self._items[template]:
                    self.why.setdefault(item, self.why[template])

    def _lost(self) -> None:
        for job in self._jobs:
            if job.id in self.why or any(item in self.why for item in self._items.get(job.id, ())):
                for producer in self._evidence(job):
                    if producer in self._before.lost:
                        words = f"its {self._before.lost[producer]} is deleted, and {job.group} needs it"
                        self.why.setdefault(producer, words)

    def _gone(self) -> None:
        """A cluster deleted with the previous attempt is provisioned again for its dependents."""
        moved = {self._group[id_] for id_ in self.why}
        for job in self._jobs:
            if job.provision and job.provision.ephemeral and job.id not in self.why:
                dependent = next((g for g in moved if job.group in graph.upstream(self._needs, g)), "")
                if dependent:
                    self.why[job.id] = f"its cluster is deleted, and {dependent} needs it"

    def _evidence(self, job: Job) -> list[str]:
        """The jobs, cells and items whose artifacts or reports a job reads."""
        groups = {reference.partition(".")[0] for reference in job.artifacts_in}
        if job.deploy and job.deploy.artifact:
            groups.add(job.deploy.artifact.partition(".")[0])
        if job.gate:
            upstream = graph.upstream(self._needs, job.group)
            scans = {other.group for other in self._jobs if other.kind is JobKind.SCAN}
            groups |= set(job.gate.scans) or upstream & scans
        members = [id_ for group in groups for id_ in self._members.get(group, ())]
        return [id_ for member in members for id_ in (member, *self._items.get(member, ()))]
