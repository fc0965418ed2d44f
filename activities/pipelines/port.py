"""Pages of a stored plan, as a run reads them."""

from __future__ import annotations

from activities.core import serialization as serial
from domain.pipelines.job import Job


def load_jobs(page: str) -> tuple[Job, ...]:
    """The jobs of one page of a plan, in order."""
    return serial.load(tuple[Job, ...], page)
