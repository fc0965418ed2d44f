"""A plan: the jobs of one run, with everything static decided."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field

from domain.pipelines.job import Job
from domain.queues.queue import ConcurrencyPolicy

MAX_JOBS = 5_000


MAX_CELLS = 2_000


@dataclass(frozen=True)
class Plan:
    """What a run does: the definition, compiled for one event."""

    pipeline: str
    jobs: tuple[Job, ...]
    _: KW_ONLY
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    fail_fast: bool = True
    concurrency: ConcurrencyPolicy = ConcurrencyPolicy()
    priority: int = 3
    tenant: str = ""
