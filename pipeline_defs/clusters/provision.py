"""Compiles a job's cluster together with the pipeline, so that errors show before the run."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from domain.clusters.provision import ProvisionSpec
from domain.clusters.spec import ClusterSpec
from domain.core.values import Json
from domain.pipelines.reference import resolve
from pipeline_defs.clusters.compile import compile_cluster
from pipeline_defs.clusters.provision_model import Provision
from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError
from pipeline_defs.core.job_context import JobPart, PlanContext
from pipeline_defs.core.reader import UsedFiles

UNNAMED = "unnamed"


def compile_provision(block: Provision, context: PlanContext) -> JobPart:
    """The provision part of a planned job.

    Raises:
        InvalidDefinitionError: with all errors of the cluster's file.
    """
    values = {key: context.fill(value) if isinstance(value, str) else value for key, value in block.with_.items()}
    spec = read_cluster(block, context.file, context.files, values)
    own = spec.name if spec.name != UNNAMED else context.default_name
    return {"provision": ProvisionSpec(spec, block.name or own, block.ephemeral)}


def read_cluster(
    block: Provision,
    file: str,
    files: UsedFiles,
    values: Mapping[str, Json],
    *,
    sampled: Collection[str] = (),
) -> ClusterSpec:
    """The cluster of a job in `file`; parameters in `sampled` get a valid example value.

    Raises:
        InvalidDefinitionError: the cluster's file cannot be read, or has errors.
    """
    target = resolve(file, block.file)
    parsed = files.parse(target) if target else None
    if parsed is None:
        raise InvalidDefinitionError([Diagnostic("SLW601", f"{target or block.file} cannot be read", file)])
    return compile_cluster(parsed, files, values, UNNAMED, sampled=sampled)
