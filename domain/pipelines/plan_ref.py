"""Where the plan of a run is stored: its digest and its pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.queues.queue import ConcurrencyPolicy


@dataclass(frozen=True, kw_only=True)
class PlanRef:
    """A plan in the store: histories carry this reference; pages are loaded on demand."""

    digest: str = ""
    pages: tuple[str, ...] = ()
    jobs: int = 0
    stages: tuple[str, ...] = ()
    params: dict[str, str | int | float | bool] = field(default_factory=dict)
    fail_fast: bool = False
    concurrency: ConcurrencyPolicy = ConcurrencyPolicy()
    priority: int = 3
    tenant: str = ""
