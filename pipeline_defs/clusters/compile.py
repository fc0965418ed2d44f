"""A Cluster and its template to a ClusterSpec: parameters filled in, shape and meaning checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from domain.clusters import spec as domain
from domain.clusters.spec import ClusterSpec
from pipeline_defs.clusters.model import Cluster, ClusterBlock, ClusterTemplate
from pipeline_defs.core import expressions, reader
from pipeline_defs.core import parameters as params
from pipeline_defs.core.blocks import NAME_PATTERN
from pipeline_defs.core.diagnostics import InvalidDefinitionError, Problem, errors, sort
from pipeline_defs.core.reader import Source
from pipeline_defs.core.templates import merged
from pipeline_defs.core.yaml_nodes import Node
from pipeline_defs.pipelines.model import Parameter

ReadFile = Callable[[str], bytes | None]
SECRET_WORDS = re.compile(r"token|password|secret|credential|kubeconfig|private-key", re.I)
REFERENCE = re.compile(r"(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)\Z", re.S)


def read(
    data: bytes,
    file: str,
    read_file: ReadFile,
    given: Mapping[str, Any] | None = None,
    name: str = "",
    *,
    sample: Collection[str] = (),
) -> ClusterSpec:
    """What a Cluster asks for, or a ClusterTemplate with the parameters given and a name.

    Parameters of `sample` get some value that fits: only the rest is to be checked.

    Raises:
        InvalidDefinitionError: with every problem of the file and its template.
    """
    source, problems = reader.parse(data, file)
    if source is None or errors(problems):
        raise InvalidDefinitionError(sort(problems))
    document = source.document
    samples = _samples(document.params) if sample and isinstance(document, ClusterTemplate) else {}
    known = {key: value for key, value in samples.items() if key in sample}
    made, found = _made(source, read_file, {**known, **(given or {})}, name)
    if made is None or errors(found):
        raise InvalidDefinitionError(sort([*problems, *found]))
    return made


def lint(source: Source, read_file: ReadFile) -> Iterator[Problem]:
    """Every problem of a Cluster, and of a ClusterTemplate as it is with its defaults."""
    document = source.document
    given = _samples(document.params) if isinstance(document, ClusterTemplate) else {}
    yield from _made(source, read_file, given, "sample")[1]


def _samples(declared: Mapping[str, Parameter]) -> dict[str, Any]:
    """Something for parameters that have no default, so that the rest can be checked."""
    likely = {"integer": 1, "number": 1.0, "boolean": False, "string": "sample"}
    return {
        name: one.choices[0] if one.choices else likely.get(one.type, "")
        for name, one in declared.items()
        if one.default is None
    }


def _made(
    source: Source, read_file: ReadFile, given: Mapping[str, Any], name: str
) -> tuple[ClusterSpec | None, list[Problem]]:
    document = source.document
    if isinstance(document, ClusterTemplate):
        node, wrong = _filled(source, document, given, source, ("params",))
        return _finished(source, node, wrong, name)
    if not isinstance(document, Cluster):
        return None, [source.problem("SLW206", "this is no Cluster and no ClusterTemplate", ("kind",))]
    own = source.root.at(("cluster",)) if document.cluster else None
    if not document.template:
        if own is None:
            return None, [source.problem("SLW202", "either 'template' or 'cluster' is needed", ("kind",))]
        return _finished(source, own, [], document.name)
    template, problems = _template(source, document, read_file)
    if template is None:
        return None, problems
    assert isinstance(template.document, ClusterTemplate)
    values = {**document.with_, **given}
    base, wrong = _filled(template, template.document, values, source, ("with",))
    node = merged(base, own) if own is not None else base
    return _finished(source, node, [*problems, *wrong], document.name)


def _template(source: Source, document: Cluster, read_file: ReadFile) -> tuple[Source | None, list[Problem]]:
    path = str(PurePosixPath(source.file).parent / document.template)
    data = read_file(path)
    if data is None:
        return None, [source.problem("SLW601", f"{path} cannot be read", ("template",), token=document.template)]
    template, problems = reader.parse(data, path)
    if template is not None and not isinstance(template.document, ClusterTemplate):
        return None, [source.problem("SLW601", f"{path} is no ClusterTemplate", ("template",))]
    return template, problems


def _filled(
    template: Source,
    document: ClusterTemplate,
    given: Mapping[str, Any],
    asker: Source,
    path: tuple[str | int, ...],
) -> tuple[Node, list[Problem]]:
    """The template's block with its parameters filled in. Wrong values are told where they were given."""
    values, wrong = params.resolve(document.params, given)
    problems = [asker.problem("SLW501", words, path) for words in wrong]
    node = _substituted(template.root.at(("cluster",)), {"params": values}, template.file, problems)
    return node, problems


def _substituted(node: Node, context: Mapping[str, Any], file: str, problems: list[Problem]) -> Node:
    node = replace(node, file=file)
    if node.entries is not None:
        filled = {key: _substituted(one, context, file, problems) for key, one in node.entries.items()}
        return replace(node, entries=filled)
    if node.items is not None:
        return replace(node, items=[_substituted(one, context, file, problems) for one in node.items])
    if not isinstance(node.value, str) or "${{" not in node.value:
        return node
    try:
        return replace(node, value=expressions.value_of(node.value, context))
    except expressions.ExpressionError as wrong:
        problems.append(Problem("SLW402", str(wrong), file, node.line, node.column, node.value[:60]))
        return node


def _finished(
    source: Source, node: Node, problems: list[Problem], name: str
) -> tuple[ClusterSpec | None, list[Problem]]:
    file = source.file
    if not re.match(NAME_PATTERN, name):  # it becomes the name of a folder
        return None, [*problems, source.problem("SLW205", f"'{name}' is no name for a cluster", ("name",), token=name)]
    block, found = reader.validate(ClusterBlock, node, file)
    problems = [*problems, *found]
    if block is None or errors(problems):
        return None, problems
    spec = spec_of(block, name)
    for path, words in domain.complaints(spec):
        where = node.at(path)
        problems.append(Problem("SLW310", words, where.file or file, where.line, where.column))
    for key, value in block.connection.items():
        if SECRET_WORDS.search(key) and not REFERENCE.match(value):
            where = node.at(("connection", key))
            hint = "write env:NAME or file:PATH; the value itself never stands in a definition"
            words = f"'{key}' must be a reference"
            problems.append(Problem("SLW307", words, where.file or file, where.line, where.column, "", hint))
    return spec, problems


def spec_of(block: ClusterBlock, name: str) -> ClusterSpec:
    net = block.network
    add_ons = [*block.monitoring, block.logging, block.mesh, block.policy]
    return ClusterSpec(
        name,
        block.provider,
        block.version,
        block.runtime,
        domain.Network(net.pods, net.services, net.nodes, net.plugin, net.isolated),
        tuple(
            domain.NodePool(
                pool.name,
                pool.count,
                pool.cpu,
                pool.memory_mb,
                pool.pods,
                dict(pool.labels),
                tuple(domain.Taint(one.key, one.value, one.effect) for one in pool.taints),
                tuple(pool.zones),
                pool.max_count,
                pool.count if pool.min_count is None else pool.min_count,
            )
            for pool in block.pools
        ),
        block.storage,
        tuple(one for one in add_ons if one),
        tuple(
            domain.Quota(
                one.namespace,
                one.cpu,
                one.memory_mb,
                one.pods,
                one.storage_gb,
                one.claims,
                tuple(one.allow_from),
                tuple(one.allow_to),
            )
            for one in block.quotas
        ),
        tuple(domain.Scaling(one.namespace, one.workload, one.min, one.max, one.cpu) for one in block.scaling),
        dict(block.connection),
    )
