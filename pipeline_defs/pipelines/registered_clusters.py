"""Warns of what the clusters of registered environments lack, by the facts that are kept with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.reader import Source
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.pipelines.model import Component, Pipeline
from pipeline_defs.releases.facts_lint import Known, lint_registered


def lint(source: Source, known: Callable[[str], Sequence[Known]]) -> Iterator[Diagnostic]:
    """`known`: of the clusters of an environment by its name; nothing for one that is not registered."""
    document = source.document
    for name, job in document.jobs.items() if isinstance(document, Pipeline | Component) else ():
        if job.deploy and job.environment and (found := known(job.environment)):
            yield from lint_registered(job.deploy, found, DiagnosticReporter(source), ("jobs", name, "deploy"))
