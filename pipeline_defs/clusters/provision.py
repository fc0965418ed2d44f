"""A job's cluster: its file compiled with the pipeline, so that nothing is found out when the run is there."""

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
    """What a job of this kind is asked to do.

    Raises:
        InvalidDefinitionError: with everything that is wrong with the cluster's file.
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
    """The cluster of a job in `file`; parameters of `sampled` get a value that fits.

    Raises:
        InvalidDefinitionError: with everything that is wrong with the cluster's file, or that it cannot be read.
    """
    target = resolve(file, block.file)
    parsed = files.parse(target) if target else None
    if parsed is None:
        raise InvalidDefinitionError([Diagnostic("SLW601", f"{target or block.file} cannot be read", file)])
    return compile_cluster(parsed, files, values, UNNAMED, sampled=sampled)
