"""Checks argocd-sync jobs."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.releases import argocd_model
from pipeline_defs.releases.argocd_compile import spec_of


def lint_argocd(block: argocd_model.ArgocdSync, job: JobContext) -> Iterator[Diagnostic]:
    """Checks its environment, whose registration allows it, and its revision."""
    path = (*job.path, "argocd-sync")
    yield from job.reporter.texts({"revision": block.revision}, path, job.scope)
    if not job.environment:
        yield job.reporter.report("SLW202", "an argocd-sync job needs an environment", job.path, key=True)
    if "${{" not in block.revision and (wrong := spec_of(block).refusal):
        yield job.reporter.report("SLW203", wrong, (*path, "revision"), token=block.revision)
