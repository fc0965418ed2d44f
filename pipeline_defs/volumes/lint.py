"""Checks volume jobs."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.volumes.model import Volume


def lint_volume(block: Volume, job: JobContext) -> Iterator[Diagnostic]:
    """Checks the expressions of a volume job."""
    yield from job.reporter.texts({"cluster": block.cluster}, (*job.path, "volume"), job.scope)
