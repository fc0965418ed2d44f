"""Errors of deploy jobs by what their environments are registered with, where that is known: from records or files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.releases.together.spec import ONE_PLACE, ONE_PLACE_FIX, refused_in
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.reader import Source
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.pipelines.model import Component, Pipeline
from pipeline_defs.releases.environment_model import Environment
from pipeline_defs.releases.environment_target import Elsewhere


def clusters_of(source: Source) -> dict[str, int]:
    """Environment to how many clusters it has, of a document that registers one; else nothing."""
    document = source.document
    if not isinstance(document, Environment):
        return {}
    return {document.name: len(document.target.kubernetes.clusters) if isinstance(document.target, Elsewhere) else 0}


def lint(source: Source, clusters: Mapping[str, int]) -> Iterator[Diagnostic]:
    """One error for each job that would be refused when it runs. `clusters`: as of `clusters_of`, of those known."""
    document, reporter = source.document, DiagnosticReporter(source)
    for name, job in document.jobs.items() if isinstance(document, Pipeline | Component) else ():
        if job.deploy is None or not job.deploy.services:
            continue
        if why := refused_in(job.environment, clusters.get(job.environment, 0)):
            path = ("jobs", name, "deploy", "services")
            yield reporter.report(ONE_PLACE, why, path, hint=ONE_PLACE_FIX, key=True)
