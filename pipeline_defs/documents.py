"""Every kind of document by its `kind`, and the one way to check a document."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline_defs.clusters import lint as clusters
from pipeline_defs.clusters.model import Cluster, ClusterTemplate
from pipeline_defs.core import reader
from pipeline_defs.core.checked import Checked
from pipeline_defs.core.diagnostics import Diagnostic, bounded, sort
from pipeline_defs.core.reader import Kinds, ReadFile, Source, UsedFiles
from pipeline_defs.pipelines import lint as pipelines
from pipeline_defs.pipelines.model import Component, Pipeline
from pipeline_defs.policy import lint as policies
from pipeline_defs.policy.model import Policy
from pipeline_defs.releases import environment_lint as environments
from pipeline_defs.releases.environment_model import Environment
from pipeline_defs.scans import owners, suppressions
from pipeline_defs.scans.owner_model import FindingOwners
from pipeline_defs.scans.suppression_model import Suppressions
from pipeline_defs.simulation.model import PipelineTest

KINDS: Kinds = {
    "Pipeline": Pipeline,
    "Component": Component,
    "Environment": Environment,
    "Policy": Policy,
    "PipelineTest": PipelineTest,
    "Suppressions": Suppressions,
    "FindingOwners": FindingOwners,
    "Cluster": Cluster,
    "ClusterTemplate": ClusterTemplate,
}


def check(data: bytes, file: str, read_file: ReadFile) -> Checked:
    """Parses and lints a document of any kind, and the files it uses, each once.

    `file` is its path; paths inside the document are relative to it.
    """
    files = UsedFiles(read_file, KINDS)
    parsed = reader.parse(data, file, KINDS)
    found = _lint(parsed.source, files) if parsed.source else ()
    told = sort([*parsed.diagnostics, *bounded(found, file)])
    return Checked(file, parsed.source, tuple(bounded(told, file)), files)


def _lint(source: Source, files: UsedFiles) -> Iterable[Diagnostic]:
    document = source.document
    if isinstance(document, Pipeline | Component):
        return pipelines.lint(source, files)
    if isinstance(document, Environment):
        return environments.lint(source, document, files)
    if isinstance(document, Policy):
        return policies.lint(source, document)
    if isinstance(document, Suppressions):
        return suppressions.lint(source)
    if isinstance(document, FindingOwners):
        return owners.lint(source)
    if isinstance(document, Cluster | ClusterTemplate):
        return clusters.lint(source, files)
    return ()
