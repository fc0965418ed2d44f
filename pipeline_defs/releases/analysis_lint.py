"""Finds analyses that cannot decide: non-increasing weights, shares that do not add up, queries that count nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from domain.releases.judge.policy import DEFAULT_METRICS, Policy
from pipeline_defs.core import reader, yaml_nodes
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation, errors, suggestion
from pipeline_defs.releases import model
from pipeline_defs.releases.compile import policy, selector

PLACEHOLDERS = ("service", "environment", "instance", "version", "cluster")
_BUILT_IN = {metric.name for metric in DEFAULT_METRICS}
_COUNTER = r"[a-zA-Z_:][a-zA-Z0-9_:]*(_total|_count|_bucket|_sum)"
_SELECTOR = re.compile(rf"^\s*(?P<name>{_COUNTER})\s*(?P<labels>\{{(?:[^{{}}]|\{{\{{\w+\}}\}})*\}})?\s*$")
_ARM = re.compile(r"\{\{(instance|version)\}\}")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def violations(block: model.Analysis, *, in_cluster: bool = False) -> Iterator[Violation]:
    """Rule violations; paths are relative to `analysis`. Who counts in a cluster is its environment's to say."""
    shares = sum(metric.share for metric in block.metrics.values())
    if block.metrics and abs(shares - 1) > 1e-6:
        hint = "each share is the metric's part of alpha, the false-alarm rate"
        yield Violation("SLW203", f"the shares add up to {shares:g}, not to 1", ("metrics",), hint=hint)
    if any(b <= a for a, b in pairwise(block.steps)) or block.first_weight >= 100:
        yield Violation("SLW203", "weights must rise from step to step", ("steps",), key=True)
    if block.min_dwell > block.max_dwell:
        yield Violation("SLW203", "min-dwell is longer than max-dwell", ("min-dwell",), key=True)
    if not 0.1 <= block.tick <= 3600:
        yield Violation("SLW203", "tick must be between 0.1 s and 1 h", ("tick",))
    queries = block.source == "prometheus" or any(metric.events for metric in block.metrics.values())
    if in_cluster and (block.source == "prometheus" or block.prometheus):
        key = "source" if block.source == "prometheus" else "prometheus"
        hint = "target: {kubernetes: {counters: {prometheus: …}}} of the registered environment"
        yield Violation("SLW203", "in a cluster its environment says who counts requests", (key,), hint=hint, key=True)
    elif queries and not in_cluster and not re.match(r"^https?://[^\s/]+", block.prometheus):
        message = "queries need the address of a Prometheus server"
        yield Violation("SLW203", message, (), hint="prometheus: http://HOST:9090", key=True)
    for name, metric in block.metrics.items():
        yield from _metric(name, metric)


def _metric(name: str, metric: model.Metric) -> Iterator[Violation]:
    path: Path = ("metrics", name)
    if name in _BUILT_IN:
        if metric.events or metric.total:
            yield Violation("SLW203", f"'{name}' is counted by the source and takes no queries", path, key=True)
        return
    for field, query in (("events", metric.events), ("total", metric.total)):
        if not query:
            yield Violation("SLW202", f"'{name}' needs two queries, events and total", path, key=True)
            return
        yield from _query(field, query, (*path, field))


def _query(field: str, query: str, path: Path) -> Iterator[Violation]:
    if not _SELECTOR.match(selector(query)):
        hint = (
            "name a counter (…_total, _count, _bucket, _sum) and its labels; the engine takes the increases itself,"
            " and gauges, rates and averages cannot be analysed"
        )
        yield Violation("SLW704", f"'{field}' does not select a counter", path, query, hint)
    elif not _ARM.search(query):
        hint = 'add version="{{version}}" or instance="{{instance}}" to the labels'
        yield Violation("SLW704", f"'{field}' selects the same series for both versions", path, query, hint)
    for word in _PLACEHOLDER.findall(query):
        if word not in PLACEHOLDERS:
            yield Violation("SLW402", f"unknown name '{word}'", path, word, suggestion(word, PLACEHOLDERS))


def read_policy(data: bytes, file: str) -> tuple[Policy | None, list[Diagnostic]]:
    """The policy of an analysis in a file of its own, or of a job's only block; None when it has errors."""
    root, found = yaml_nodes.read(data, file)
    if root is None or root.entries is None:
        return None, found or [Diagnostic("SLW203", "the document must be a mapping", file)]
    inner = root.entries.get("analysis")
    root = inner if inner is not None and inner.entries is not None and len(root.entries) == 1 else root
    block, invalid = reader.validate(model.Analysis, root, file)
    found = [*found, *invalid]
    if block is None:
        return None, found
    for one in violations(block):
        node = root.key_at(one.path) if one.key and one.path else root.at(one.path)
        found.append(Diagnostic(one.code, one.message, file, node.line, node.column, token=one.token, hint=one.hint))
    return (None if errors(found) else policy(block)), found


def below_analysis(found: Violation) -> Violation:
    """The same violations, with paths relative to the parent block."""
    return replace(found, path=("analysis", *found.path))
