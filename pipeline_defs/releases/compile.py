"""Compiles a deploy block: what is released, and how."""

from __future__ import annotations

import re
from dataclasses import replace

from domain.core.documents import Node
from domain.releases import calendars
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.judge.policy import DEFAULT_METRICS, Metric, Policy
from domain.releases.spec import ApprovalStep, Check, DastSpec, RolloutSpec, Routing
from domain.releases.together.spec import Together
from domain.releases.windows import Calendar
from domain.triggers.events import Event
from pipeline_defs.core.job_context import JobPart, PlanContext
from pipeline_defs.core.reader import ReadFile
from pipeline_defs.releases import calendar_files, model
from pipeline_defs.releases.kubernetes_compile import kubernetes_spec

_BUILT_IN = {metric.name: metric for metric in DEFAULT_METRICS}
_SUMMED = re.compile(r"^\s*sum\s*(?:(?:by|without)\s*\([^)]*\)\s*)?\((?P<inner>.*)\)\s*$", re.DOTALL)


def compile_deploy(block: model.Deploy, context: PlanContext) -> JobPart:
    """The deploy part of a planned job; the version defaults to the commit. Of several services: of the first."""
    return {"deploy": next(iter(specs(block, context.event, context.files.read_file).values()))}


def each(block: model.Deploy) -> dict[str, model.Deploy]:
    """A block for each of several services: what it says itself, else what is said for all."""
    return {
        name: block.model_copy(
            update={
                **{key: getattr(one, key) for key in one.model_fields_set if key != "needs"},
                "service": name,
                "services": {},
            }
        )
        for name, one in block.services.items()
    }


def specs(block: model.Deploy, event: Event, read_file: ReadFile) -> dict[str, DeploySpec]:
    """What is released of each service; with `services`, each knows of the others. Freezes may be in files."""
    if not block.services:
        return {block.service: deploy_spec(block, event, read_file)}
    whole = Together(name=block.service, needs={name: tuple(one.needs) for name, one in block.services.items()})
    return {name: replace(deploy_spec(one, event, read_file), together=whole) for name, one in each(block).items()}


def deploy_spec(block: model.Deploy, event: Event, read_file: ReadFile = lambda _: None) -> DeploySpec:
    """What is released, its health checks, and its rollout; freezes in files are read with the definition."""
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
        router=router_of(block),
        kubernetes=kubernetes_spec(block) if block.target == "kubernetes" else None,
        rollout=replace(rollout_spec(block), calendar=_calendar(block, read_file)),
    )


def router_of(block: model.Deploy) -> str:
    """The router that a block names, or its target's own."""
    return "gateway-api" if block.target == "kubernetes" and "router" not in block.model_fields_set else block.router


def rollout_spec(block: model.Deploy) -> RolloutSpec:
    """How traffic moves to a version. Approvals are sorted by weight."""
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
        close_back=block.window == "close-back",
        dast=_dast(block.dast),
        checks=tuple(Check(check.path, check.status, check.contains) for check in block.checks),
        approvals=tuple(
            ApprovalStep(
                before_percent=step.before,
                users=tuple(step.users),
                groups=tuple(step.groups),
                roles=tuple(step.roles),
                quorum=step.quorum,
                expires_s=step.expires,
                message=step.message,
                in_each_cluster=step.each == "cluster",
            )
            for step in sorted(block.approvals, key=lambda step: step.before)
        ),
        routing=Routing(routing.header, routing.cookie, routing.mirror, routing.sticky, routing.unconfirmed == "allow"),
    )


def _calendar(block: model.Deploy, read_file: ReadFile) -> Calendar:
    freezes = calendar_files.written(block.freezes, read_file)
    return calendars.of_document(Node({**block.model_dump(include={"windows"}), "freezes": freezes}))


def _dast(block: model.Dast | None) -> DastSpec | None:
    return DastSpec(block.fail_on, tuple(block.modules), block.timeout, block.skipped) if block else None


def policy(block: model.Analysis) -> Policy:
    """The judge's policy; unlisted metrics are the defaults."""
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
    known = _BUILT_IN.get(name, Metric(name=name, share=given.share))
    return Metric(
        name=name,
        share=given.share,
        ratio=known.ratio if given.ratio is None else given.ratio,
        gate=known.gate if given.gate is None else given.gate,
        latency=known.latency,
        events=selector(given.events),
        total=selector(given.total),
    )


def selector(query: str) -> str:
    """The series that a query sums; increases are taken per series, before summing."""
    summed = _SUMMED.match(query)
    return (summed["inner"] if summed else query).strip()
