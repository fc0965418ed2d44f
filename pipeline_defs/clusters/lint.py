"""Checks clusters, in a file of their own or in a job."""

from __future__ import annotations

from collections.abc import Iterator

from domain.core.values import Json
from pipeline_defs.clusters import template
from pipeline_defs.clusters.compile import try_compile
from pipeline_defs.clusters.model import ClusterTemplate
from pipeline_defs.clusters.provision import read_cluster
from pipeline_defs.clusters.provision_model import Provision
from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.core.reader import Source, UsedFiles


def lint(source: Source, files: UsedFiles) -> list[Diagnostic]:
    """A Cluster, or a ClusterTemplate with its defaults."""
    document = source.document
    given = template.samples(document.params) if isinstance(document, ClusterTemplate) else {}
    return try_compile(source, files, given, "sample")[1]


def lint_provision(block: Provision, job: JobContext) -> Iterator[Diagnostic]:
    """Checks a provision job. Errors inside the cluster's file are reported in that file; a missing file, here."""
    path = (*job.path, "provision")
    known: dict[str, Json] = {key: value for key, value in block.with_.items() if not _has_expression(value)}
    try:
        read_cluster(block, job.file, job.files, known, sampled=set(block.with_) - set(known))
    except InvalidDefinitionError as invalid:
        for one in invalid.diagnostics:
            missing = one.file == job.file
            yield job.reporter.report("SLW601", one.message, (*path, "file"), token=block.file) if missing else one
    texts = {key: value for key, value in block.with_.items() if isinstance(value, str)}
    yield from job.reporter.texts({"name": block.name}, path, job.scope)
    yield from job.reporter.texts(texts, (*path, "with"), job.plan_scope)


def _has_expression(value: Json) -> bool:
    return isinstance(value, str) and "${{" in value
