"""Compiles a Cluster, or a ClusterTemplate with its parameters, to a `ClusterSpec`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from domain.clusters import spec as domain
from domain.clusters.spec import ClusterSpec
from domain.core.values import Json
from pipeline_defs.clusters import template
from pipeline_defs.clusters.model import Cluster, ClusterBlock, ClusterTemplate
from pipeline_defs.core import reader, secret_reference
from pipeline_defs.core.blocks import is_name
from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError, errors, sort
from pipeline_defs.core.reader import Kinds, Parsed, ReadFile, Source, UsedFiles
from pipeline_defs.core.templates import merged
from pipeline_defs.core.yaml_nodes import Node

KINDS: Kinds = {"Cluster": Cluster, "ClusterTemplate": ClusterTemplate}
_SECRET_WORDS = re.compile(r"token|password|secret|credential|kubeconfig|private-key", re.I)


def read(
    data: bytes, file: str, read_file: ReadFile, given: Mapping[str, Json] | None = None, name: str = ""
) -> ClusterSpec:
    """The cluster that the file describes. `given`: template parameters; `name`: for a cluster from a ClusterTemplate.

    Raises:
        InvalidDefinitionError: with all errors of the file and its template.
    """
    return compile_cluster(reader.parse(data, file, KINDS), UsedFiles(read_file, KINDS), given or {}, name)


def compile_cluster(
    parsed: Parsed, files: UsedFiles, given: Mapping[str, Json], name: str, *, sampled: Collection[str] = ()
) -> ClusterSpec:
    """Like `read`, but parameters in `sampled` get a valid example value, to check only the rest.

    Raises:
        InvalidDefinitionError: with all errors of the file and its template.
    """
    source = parsed.source
    if source is None or errors(parsed.diagnostics):
        raise InvalidDefinitionError(sort(parsed.diagnostics))
    document = source.document
    known = template.samples(document.params) if sampled and isinstance(document, ClusterTemplate) else {}
    values = {key: value for key, value in known.items() if key in sampled}
    spec, found = try_compile(source, files, {**values, **given}, name)
    if spec is None or errors(found):
        raise InvalidDefinitionError(sort([*parsed.diagnostics, *found]))
    return spec


def try_compile(
    source: Source, files: UsedFiles, given: Mapping[str, Json], name: str
) -> tuple[ClusterSpec | None, list[Diagnostic]]:
    """The cluster as far as it can be compiled, and all errors."""
    document = source.document
    if isinstance(document, ClusterTemplate):
        node, wrong = template.fill(source, document, given, source, ("params",))
        return _finish(source, node, wrong, name)
    if not isinstance(document, Cluster):
        return None, [source.diagnostic("SLW206", "the document must be a Cluster or a ClusterTemplate", ("kind",))]
    own = source.root.at(("cluster",)) if document.cluster else None
    if not document.template:
        if own is None:
            return None, [source.diagnostic("SLW202", "either 'template' or 'cluster' is required", ("kind",))]
        return _finish(source, own, [], document.name)
    base, wrong = _from_template(source, document, files, given)
    if base is None:
        return None, wrong
    return _finish(source, merged(base, own) if own is not None else base, wrong, document.name)


def _from_template(
    source: Source, document: Cluster, files: UsedFiles, given: Mapping[str, Json]
) -> tuple[Node | None, list[Diagnostic]]:
    path = str(PurePosixPath(source.file).parent / document.template)
    parsed = files.parse(path)
    if parsed is None:
        return None, [source.diagnostic("SLW601", f"{path} cannot be read", ("template",), token=document.template)]
    if parsed.source is None:
        return None, list(parsed.diagnostics)
    if not isinstance(parsed.source.document, ClusterTemplate):
        return None, [source.diagnostic("SLW601", f"{path} is not a ClusterTemplate", ("template",))]
    values = {**document.with_, **given}
    node, wrong = template.fill(parsed.source, parsed.source.document, values, source, ("with",))
    return node, [*parsed.diagnostics, *wrong]


def _finish(
    source: Source, node: Node, found: list[Diagnostic], name: str
) -> tuple[ClusterSpec | None, list[Diagnostic]]:
    if not is_name(name):  # the name becomes a folder name
        message = f"'{name}' is not a valid cluster name"
        return None, [*found, source.diagnostic("SLW205", message, ("name",), token=name)]
    block, invalid = reader.validate(ClusterBlock, node, source.file)
    found = [*found, *invalid]
    if block is None or errors(found):
        return None, found
    spec = cluster_spec(block, name)
    found += [node.at(path).diagnostic("SLW310", message, source.file) for path, message in domain.complaints(spec)]
    return spec, [*found, *_written_out_secrets(block, node, source.file)]


def _written_out_secrets(block: ClusterBlock, node: Node, file: str) -> Iterator[Diagnostic]:
    for key, value in block.connection.items():
        if _SECRET_WORDS.search(key) and (found := secret_reference.problem_of_setting(key, value)):
            yield node.at(("connection", key)).diagnostic(found.code, found.message, file, hint=found.hint)


def cluster_spec(block: ClusterBlock, name: str) -> ClusterSpec:
    """The cluster of a block; a pool without `min-count` does not shrink below its count."""
    net = block.network
    add_ons = [*block.monitoring, block.logging, block.mesh, block.policy]
    return ClusterSpec(
        name,
        block.provider,
        version=block.version,
        runtime=block.runtime,
        network=domain.Network(net.pods, net.services, net.nodes, net.plugin, net.isolated, net.others),
        pools=tuple(
            domain.NodePool(
                pool.name,
                pool.count,
                cpu=pool.cpu,
                memory_mb=pool.memory_mb,
                pods=pool.pods,
                labels=dict(pool.labels),
                taints=tuple(domain.Taint(one.key, one.value, one.effect) for one in pool.taints),
                zones=tuple(pool.zones),
                max_count=pool.max_count,
                min_count=pool.count if pool.min_count is None else pool.min_count,
            )
            for pool in block.pools
        ),
        storage=block.storage,
        add_ons=tuple(one for one in add_ons if one),
        parts={role: program for role, program in block.parts.model_dump().items() if program},
        quotas=tuple(
            domain.Quota(
                one.namespace,
                cpu=one.cpu,
                memory_mb=one.memory_mb,
                pods=one.pods,
                storage_gb=one.storage_gb,
                claims=one.claims,
                allow_from=tuple(one.allow_from),
                allow_to=tuple(one.allow_to),
                container_cpu=one.container_cpu,
                container_memory_mb=one.container_memory_mb,
            )
            for one in block.quotas
        ),
        scaling=tuple(domain.Scaling(one.namespace, one.workload, one.min, one.max, one.cpu) for one in block.scaling),
        priorities=tuple(sorted(domain.Priority(one.name, one.value, one.preempts) for one in block.priorities)),
        connection=dict(block.connection),
    )
