"""A deploy block to what the engine releases by, and what is wrong with it beyond its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from domain.releases.capabilities import missing
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.judge.policy import DEFAULT_METRICS, Metric, Policy
from domain.releases.spec import ApprovalStep, Check, DastSpec, RolloutSpec, Routing
from domain.triggers.events import Event
from pipeline_defs.core import reader
from pipeline_defs.core import yaml_nodes as yaml_source
from pipeline_defs.core.diagnostics import Complaint, Problem, errors
from pipeline_defs.releases import model as model

_BUILT_IN = {metric.name: metric for metric in DEFAULT_METRICS}
_COUNTER = r"[a-zA-Z_:][a-zA-Z0-9_:]*(_total|_count|_bucket|_sum)"
_SELECTOR = re.compile(rf"^\s*(?P<name>{_COUNTER})\s*(?P<labels>\{{(?:[^{{}}]|\{{\{{\w+\}}\}})*\}})?\s*$")
_SUMMED = re.compile(r"^\s*sum\s*(?:(?:by|without)\s*\([^)]*\)\s*)?\((?P<inner>.*)\)\s*$", re.DOTALL)
_ARM = re.compile(r"\{\{(instance|version)\}\}")
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
PLACEHOLDERS = ("service", "environment", "instance", "version")


def deploy_spec(block: model.Deploy, event: Event) -> DeploySpec:
    ready, live = block.readiness, block.liveness
    return DeploySpec(
        service=block.service,
        version=block.version or event.commit[:12] or "unknown",
        command=tuple(block.command),
        instances=block.instances,
        image=block.image,
        port=block.port,
        cpu=block.cpu,
        memory_mb=block.memory_mb,
        port_env=block.port_env,
        artifact=block.artifact,
        strategy=block.strategy,
        readiness=ProbeSpec(ready.http, ready.timeout, ready.interval, ready.failures),
        liveness=ProbeSpec(live.http, live.timeout, live.interval, live.failures) if live else None,
        drain_s=block.drain,
        target=block.target,
        router=block.router,
        rollout=rollout_spec(block),
    )


def rollout_spec(block: model.Deploy) -> RolloutSpec:
    routing = block.routing
    return RolloutSpec(
        policy=policy(block.analysis or model.Analysis()),
        judged=block.analysis is not None,
        batch=block.rolling.batch,
        max_unavailable=block.rolling.max_unavailable,
        split_percent=block.blue_green.split,
        keep_s=block.rollback_window,
        verify_s=block.verify,
        deadline_s=block.deadline,
        dast=_dast(block.dast),
        checks=tuple(Check(check.path, check.status, check.contains) for check in block.checks),
        approvals=tuple(
            ApprovalStep(
                step.before,
                tuple(step.users),
                tuple(step.groups),
                tuple(step.roles),
                step.quorum,
                step.expires,
                step.message,
            )
            for step in sorted(block.approvals, key=lambda step: step.before)
        ),
        routing=Routing(routing.header, routing.cookie, routing.mirror, routing.sticky),
    )


def _dast(block: model.Dast | None) -> DastSpec | None:
    return DastSpec(block.fail_on, tuple(block.modules), block.timeout, block.skipped) if block else None


def policy(block: model.Analysis) -> Policy:
    metrics = tuple(_metric(name, given) for name, given in block.metrics.items()) or DEFAULT_METRICS
    return Policy(
        metrics=metrics,
        tick_s=block.tick,
        alpha=block.alpha,
        beta=block.beta,
        budget=block.budget,
        first_percent=block.first_weight,
        steps_percent=tuple(block.steps),
        min_dwell_s=block.min_dwell,
        max_dwell_s=block.max_dwell,
        warmup_s=block.warm_up,
        bake_s=block.bake,
        slo_hold=block.slo_hold,
        on_inconclusive=block.on_inconclusive,
        source=block.source,
        prometheus=block.prometheus.rstrip("/"),
    )


def _metric(name: str, given: model.Metric) -> Metric:
    known = _BUILT_IN.get(name, Metric(name, given.share))
    return Metric(
        name,
        given.share,
        known.ratio if given.ratio is None else given.ratio,
        known.gate if given.gate is None else given.gate,
        known.latency,
        selector(given.events),
        selector(given.total),
    )


def selector(query: str) -> str:
    """The series that a query adds up: increases are taken per series, before anything is summed."""
    summed = _SUMMED.match(query)
    return (summed["inner"] if summed else query).strip()


def complaints(block: model.Deploy) -> Iterator[Complaint]:
    yield from _capabilities(block)
    yield from _options(block)
    yield from _target(block)
    if block.analysis is not None:
        yield from _analysis(block.analysis)
    if block.routing.header and not re.match(r"^[A-Za-z0-9-]+: *[^`\s][^`]*$", block.routing.header):
        yield Complaint("SLW203", "a header is `Name: value`", ("routing", "header"), block.routing.header)
    if block.routing.cookie and not re.match(r"^[A-Za-z0-9_-]+=[A-Za-z0-9._-]+$", block.routing.cookie):
        yield Complaint("SLW203", "a cookie is `name=value`", ("routing", "cookie"), block.routing.cookie)
    if block.rolling.max_unavailable >= block.instances and "max_unavailable" in block.rolling.model_fields_set:
        yield Complaint(
            "SLW203",
            f"of {block.instances} processes {block.rolling.max_unavailable} may be missing: nobody would answer",
            ("rolling", "max-unavailable"),
            str(block.rolling.max_unavailable),
        )
    for index, step in enumerate(block.approvals):
        if not (step.groups or step.roles) and step.users and step.quorum > len(step.users):
            yield Complaint(
                "SLW203",
                f"{step.quorum} approvals are wanted, and {len(step.users)} users may decide",
                ("approvals", index, "quorum"),
                str(step.quorum),
            )


def _capabilities(block: model.Deploy) -> Iterator[Complaint]:
    lacking = missing(block.strategy, rollout_spec(block), block.target, block.router)
    for capability, why in lacking.items():
        path = tuple(why.split(" ")[0].split(".")) if "." in why else ("strategy",)
        yield Complaint(
            "SLW703",
            f"target '{block.target}' with router '{block.router}' cannot {capability}, which {why} needs",
            path,
            hint="use strategy recreate, or rolling with analysis: false" if path == ("strategy",) else "",
        )


_OF_TARGETS = {"local": ("artifact", "liveness"), "docker": ("image", "port", "cpu", "memory_mb")}
_NEEDED = {"local": "command", "docker": "image"}


def _target(block: model.Deploy) -> Iterator[Complaint]:
    needed = _NEEDED[block.target]
    if not getattr(block, needed):
        yield Complaint("SLW202", f"target '{block.target}' needs '{needed}'", (), hint=f"{needed}: …", key=True)
    for target, names in _OF_TARGETS.items():
        for name in names:
            if target != block.target and name in block.model_fields_set:
                word = name.replace("_", "-")
                yield Complaint("SLW702", f"'{word}' is for target '{target}'", (word,), key=True)


_OPTIONS = {
    "rolling": ("rolling",),
    "blue_green": ("blue-green",),
    "checks": ("blue-green", "canary"),
    "dast": ("blue-green", "canary"),
    "rollback_window": ("blue-green", "canary"),
    "analysis": ("rolling", "blue-green", "canary"),
    "approvals": ("rolling", "blue-green", "canary"),
    "routing": ("blue-green", "canary"),
    "deadline": ("rolling", "blue-green", "canary"),
    "verify": ("rolling", "blue-green", "canary"),
}


def _options(block: model.Deploy) -> Iterator[Complaint]:
    """Options that nothing would ever look at: whoever wrote them expects something."""
    for name, strategies in _OPTIONS.items():
        if name in block.model_fields_set and block.strategy not in strategies:
            word = name.replace("_", "-")
            yield Complaint(
                "SLW702",
                f"'{word}' has no effect with the strategy {block.strategy}",
                (word,),
                hint=f"it is for {', '.join(strategies)}",
                key=True,
            )


def _analysis(block: model.Analysis) -> Iterator[Complaint]:
    shares = sum(metric.share for metric in block.metrics.values())
    if block.metrics and abs(shares - 1) > 1e-6:
        hint = "they divide alpha: each metric's part of the false alarms"
        yield Complaint("SLW203", f"the shares add up to {shares:g}, not to 1", ("analysis", "metrics"), hint=hint)
    rising = [block.first_weight, *block.steps]
    if any(b <= a for a, b in pairwise(block.steps)) or rising[0] >= 100:
        yield Complaint("SLW203", "the weights must rise", ("analysis", "steps"), key=True)
    if block.min_dwell > block.max_dwell:
        yield Complaint("SLW203", "min-dwell is longer than max-dwell", ("analysis", "min-dwell"), key=True)
    if not 0.1 <= block.tick <= 3600:
        yield Complaint("SLW203", "a tick is between 0.1 s and an hour", ("analysis", "tick"))
    wants = block.source == "prometheus" or any(metric.events for metric in block.metrics.values())
    if wants and not re.match(r"^https?://[^\s/]+", block.prometheus):
        message = "queries need the address of a Prometheus server"
        yield Complaint("SLW203", message, ("analysis",), hint="prometheus: http://HOST:9090", key=True)
    for name, metric in block.metrics.items():
        yield from _metric_complaints(name, metric)


def _metric_complaints(name: str, metric: model.Metric) -> Iterator[Complaint]:
    path: tuple[Any, ...] = ("analysis", "metrics", name)
    if name in _BUILT_IN:
        if metric.events or metric.total:
            yield Complaint("SLW203", f"'{name}' is counted by the source, without queries", path, key=True)
        return
    for field, query in (("events", metric.events), ("total", metric.total)):
        if not query:
            yield Complaint("SLW202", f"'{name}' needs two queries, events and total", path, key=True)
            return
        found = _SELECTOR.match(selector(query))
        if not found:
            yield Complaint(
                "SLW704",
                f"'{field}' is no counter",
                (*path, field),
                query,
                "name a counter (…_total, _count, _bucket, _sum) and its labels; the engine takes the increases itself,"
                " and gauges, rates and averages cannot be judged",
            )
        elif not _ARM.search(query):
            hint = 'write version="{{version}}" or instance="{{instance}}" among the labels'
            yield Complaint("SLW704", f"'{field}' is the same for both versions", (*path, field), query, hint)
        for word in _PLACEHOLDER.findall(query):
            if word not in PLACEHOLDERS:
                hint = f"there are {', '.join(PLACEHOLDERS)}"
                yield Complaint("SLW402", f"unknown name '{word}'", (*path, field), word, hint)


def read_policy(data: bytes, file: str) -> tuple[Policy | None, list[Problem]]:
    """The policy of an analysis block that is a file of its own, or the only block of one; every problem at once."""
    root, problems = yaml_source.read(data, file)
    if root is None or root.entries is None:
        return None, problems or [Problem("SLW203", "the document is no mapping", file, 1, 1)]
    inner = root.entries.get("analysis")
    root = inner if inner is not None and inner.entries is not None and len(root.entries) == 1 else root
    block, found = reader.validate(model.Analysis, root, file)
    problems = [*problems, *found]
    if block is None:
        return None, problems
    for one in _analysis(block):
        path = one.path[1:]
        node = root.key_at(path) if one.key and path else root.at(path)
        problems.append(Problem(one.code, one.message, file, node.line, node.column, one.token, one.hint))
    return (None if errors(problems) else policy(block)), problems
