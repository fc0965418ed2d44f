"""Fills the parameters of a cluster template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from domain.core.values import Json, Scalar
from pipeline_defs.clusters.model import ClusterTemplate
from pipeline_defs.core import expressions, parameters
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.document import Parameter
from pipeline_defs.core.reader import Source
from pipeline_defs.core.yaml_nodes import Node

_SAMPLES: Mapping[str, Scalar] = {"integer": 1, "number": 1.0, "boolean": False, "string": "sample"}


def samples(declared: Mapping[str, Parameter]) -> dict[str, Scalar]:
    """A valid example value for each parameter without a default, so that the rest can be checked."""
    return {
        name: one.choices[0] if one.choices else _SAMPLES.get(one.type, "")
        for name, one in declared.items()
        if one.default is None
    }


def fill(
    template: Source, document: ClusterTemplate, given: Mapping[str, Json], caller: Source, path: Path
) -> tuple[Node, list[Diagnostic]]:
    """The template's `cluster` with its parameters filled in. Invalid values are reported where they are given."""
    values, wrong = parameters.resolve(document.params, given)
    found = [caller.diagnostic("SLW501", message, path) for message in wrong]
    node = _substitute(template.root.at(("cluster",)), {"params": values}, template.file, found)
    return node, found


def _substitute(node: Node, context: Mapping[str, Json], file: str, found: list[Diagnostic]) -> Node:
    node = replace(node, file=file)
    if node.entries is not None:
        filled = {key: _substitute(one, context, file, found) for key, one in node.entries.items()}
        return replace(node, entries=filled)
    if node.items is not None:
        return replace(node, items=[_substitute(one, context, file, found) for one in node.items])
    if not isinstance(node.value, str) or "${{" not in node.value:
        return node
    try:
        return replace(node, value=expressions.value_of(node.value, context))
    except expressions.ExpressionError as wrong:
        found.append(node.diagnostic("SLW402", str(wrong), file, node.value[:60]))
        return node
