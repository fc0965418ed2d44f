"""A worker's capacity: cores, memory and containers, and which of its jobs may start.

Strictly first in, first out: a big job waits until it fits, and smaller jobs do not overtake it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from domain.pipelines.job import Job, JobKind

PLAIN_MB = 64
"""Memory assumed for a job without a limit: its supervisor and a shell."""
SCAN = (1.0, 1_000)
"""Cores and MB of parallel scanners."""


@dataclass(frozen=True)
class ResourceRequest:
    """The resources of one job, or of the machine."""

    cpu: float = 0.0
    """Cores."""
    memory_mb: int = 0
    containers: int = 0

    def __add__(self, other: ResourceRequest) -> ResourceRequest:
        return ResourceRequest(
            self.cpu + other.cpu, self.memory_mb + other.memory_mb, self.containers + other.containers
        )

    def over(self, capacity: ResourceRequest) -> str:
        """The first resource that exceeds the capacity."""
        return next((f.name for f in fields(self) if getattr(self, f.name) > getattr(capacity, f.name) + 1e-9), "")


_UNITS = {"cpu": "cores", "memory_mb": "MB of memory", "containers": "containers"}


def need_of(job: Job, capacity: ResourceRequest) -> ResourceRequest:
    """The resources that a job takes here. Only an explicit request can exceed the worker's capacity.

    Of a job in a pod that is its supervisor alone: the pod's requests and limits are its cluster's to grant.
    """
    if job.executor == "kubernetes":
        return ResourceRequest(memory_mb=min(PLAIN_MB, capacity.memory_mb))
    cpu, memory_mb = SCAN if job.kind is JobKind.SCAN else (0.0, PLAIN_MB)
    return ResourceRequest(
        job.cpu or min(cpu, capacity.cpu),
        job.memory_mb or min(memory_mb, capacity.memory_mb),
        min(_containers(job), capacity.containers),
    )


def _containers(job: Job) -> int:
    inside = 1 + len(job.container.services) if job.container else 0
    return max(inside, 1 if job.image else 0)


def complaint(need: ResourceRequest, capacity: ResourceRequest) -> str:
    """Why a job can never run on this worker; empty when it can."""
    part = need.over(capacity)
    if not part:
        return ""
    return f"it requests {getattr(need, part):g} {_UNITS[part]}, but the worker has {getattr(capacity, part):g}"


@dataclass
class Capacity:
    """Running and waiting jobs of one worker."""

    capacity: ResourceRequest
    inside: dict[str, ResourceRequest] = field(default_factory=dict)
    waiting: dict[str, ResourceRequest] = field(default_factory=dict)

    def ask(self, who: str, need: ResourceRequest) -> bool:
        """Whether the job may start now. Idempotent."""
        if who not in self.inside:
            self.waiting.setdefault(who, need)
        return who in self.inside or who in self._admit()

    def take(self, who: str, need: ResourceRequest) -> None:
        """Registers a job that already runs, without checking capacity: a restarted worker adopts its predecessor's
        jobs.
        """
        self.waiting.pop(who, None)
        self.inside[who] = need

    def leave(self, who: str) -> list[str]:
        """Frees what `who` held or waited for; returns the jobs that may start now, first in, first out."""
        self.waiting.pop(who, None)
        self.inside.pop(who, None)
        return self._admit()

    def _admit(self) -> list[str]:
        admitted = []
        while self.waiting:
            who, need = next(iter(self.waiting.items()))
            if (self.used + need).over(self.capacity):
                break
            self.inside[who] = self.waiting.pop(who)
            admitted.append(who)
        return admitted

    @property
    def used(self) -> ResourceRequest:
        """The sum of all running jobs' requests."""
        return total(self.inside)

    def words(self, who: str) -> str:
        """`waits for 2000 MB of memory; 500 of 4000 are free`."""
        need = self.waiting.get(who)
        if need is None:
            return ""
        part = (self.used + need).over(self.capacity)
        if not part:
            return "waits for earlier jobs"
        wanted, taken, there = (getattr(one, part) for one in (need, self.used, self.capacity))
        return f"waits for {wanted:g} {_UNITS[part]}; {max(there - taken, 0):g} of {there:g} are free"


def total(needs: Mapping[str, ResourceRequest]) -> ResourceRequest:
    """The sum of all requests; zeros when there are none."""
    return sum(needs.values(), ResourceRequest())
