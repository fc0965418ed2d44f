"""A job's cluster: its file read and checked with the pipeline, so that nothing is found out when the run is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.clusters.provision import ProvisionSpec
from domain.clusters.spec import ClusterSpec
from domain.pipelines.reference import resolve
from pipeline_defs.clusters import compile as clusters
from pipeline_defs.clusters.provision_model import Provision
from pipeline_defs.core.diagnostics import InvalidDefinitionError, Problem

ReadFile = Callable[[str], bytes | None]
UNNAMED = "unnamed"


def problems(block: Provision, file: str, read_file: ReadFile) -> list[Problem]:
    """What is wrong with the file and with the values that are known without a run; its place is in that file."""
    known = {key: value for key, value in block.with_.items() if not _open(value)}
    try:
        _read(block, file, read_file, known, sample=set(block.with_) - set(known))
    except InvalidDefinitionError as wrong:
        return list(wrong.problems)
    return []


def provision_spec(
    block: Provision, file: str, read_file: ReadFile, fill: Callable[[str], Any], name: str
) -> ProvisionSpec:
    """`fill`: an expression to its value. `name`: what the cluster is called when neither block nor file names it.

    Raises:
        InvalidDefinitionError: with every problem of the file.
    """
    values = {key: fill(value) if isinstance(value, str) else value for key, value in block.with_.items()}
    spec = _read(block, file, read_file, values)
    own = spec.name if spec.name != UNNAMED else name
    return ProvisionSpec(spec, block.name or own, block.ephemeral)


def _read(
    block: Provision, file: str, read_file: ReadFile, values: Mapping[str, Any], sample: set[str] | None = None
) -> ClusterSpec:
    target = resolve(file, block.file)
    data = read_file(target) if target else None
    if target is None or data is None:
        raise InvalidDefinitionError([Problem("SLW601", f"{target or block.file} cannot be read", file)])
    return clusters.read(data, target, read_file, values, UNNAMED, sample=sample or set())


def _open(value: Any) -> bool:
    return isinstance(value, str) and "${{" in value
