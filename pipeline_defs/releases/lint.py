"""Checks releases: missing capabilities, and options without effect."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.approvals.spec import ApprovalSpec
from domain.releases.capabilities import CAPABILITIES, Capability, missing
from domain.releases.deployment import RESERVED
from domain.releases.strategies.registry import STRATEGIES
from pipeline_defs.approvals.lint import never_met, quorum_violations
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.jobs.lint import lint_artifact
from pipeline_defs.releases import (
    analysis_lint,
    calendar_files,
    calendar_lint,
    facts_lint,
    manifests_lint,
    model,
    target_lint,
    together_lint,
)
from pipeline_defs.releases.compile import rollout_spec, router_of
from pipeline_defs.releases.places import Place, services

_HEADER = re.compile(r"^[A-Za-z0-9-]+: *[^`\s][^`]*$")
_COOKIE = re.compile(r"^[A-Za-z0-9_-]+=[A-Za-z0-9._-]+$")
_OF_STRATEGIES = {
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


def lint_deploy(block: model.Deploy, job: JobContext) -> Iterator[Diagnostic]:
    """Checks a deploy job against its target and environment; with several services, each as if it were alone."""
    path = (*job.path, "deploy")
    if not block.services:
        yield from _service(block, job, lambda key: path)
        return
    yield from job.reporter.violations(together_lint.violations(block), path)
    for below, message, hint in together_lint.mixed(block):
        yield job.reporter.warning("SLW029", message, (*path, *below), hint=hint, key=True)
    found: dict[Diagnostic, None] = {}
    for one, place in services(block, path):
        found |= dict.fromkeys(_service(one, job, place))
    yield from found


def _service(block: model.Deploy, job: JobContext, place: Place) -> Iterator[Diagnostic]:
    """`place`: of the block that says a key."""
    yield from job.reporter.texts({"version": block.version}, place("version"), job.scope)
    yield from job.reporter.texts({"image": block.image}, place("image"), job.scope)
    if block.strategy not in STRATEGIES:
        yield job.reporter.unknown("SLW701", "strategy", block.strategy, STRATEGIES, (*place("strategy"), "strategy"))
    else:
        for one in _violations(block):
            key = str(one.path[0]).replace("-", "_") if one.path else "needs"
            yield from job.reporter.violations([one], place(key))
        for index, step in enumerate(block.approvals):
            spec = ApprovalSpec(users=tuple(step.users), quorum=step.quorum, expires_s=step.expires)
            yield from never_met(spec, (*place("approvals"), "approvals", index), job.reporter)
    yield from calendar_files.lint(block.freezes, job.files.read_file, job.reporter, place("freezes"))
    if block.target == "kubernetes" and block.manifests:
        yield from manifests_lint.lint_manifests(block, job, place("manifests"))
    if block.target == "kubernetes":
        yield from manifests_lint.lint_image(block, job, place("image"))
        yield from manifests_lint.lint_sources(block, job, place("helm" if block.helm else "kustomize"))
        yield from facts_lint.lint_facts(block, job, place)
    if block.service in RESERVED:
        message = f"the router has names of its own that begin with {block.service}"
        hint = "give the service another name"
        yield job.reporter.report("SLW205", message, (*place("service"), "service"), token=block.service, hint=hint)
    if not job.environment:
        yield job.reporter.report("SLW202", "a deploy job needs an environment", job.path, key=True)
    if block.artifact:
        yield from lint_artifact(block.artifact, (*place("artifact"), "artifact"), job)


def _violations(block: model.Deploy) -> Iterator[Violation]:
    yield from _capabilities(block)
    yield from _options(block)
    yield from target_lint.violations(block)
    if block.analysis is not None:
        found = analysis_lint.violations(block.analysis, in_cluster=block.target == "kubernetes")
        yield from map(analysis_lint.below_analysis, found)
    yield from _routing(block.routing)
    yield from calendar_lint.violations(block.windows, block.freezes)
    unavailable = block.rolling.max_unavailable
    if unavailable >= block.instances and "max_unavailable" in block.rolling.model_fields_set:
        message = f"max-unavailable must be less than instances ({block.instances}), or nothing would answer"
        yield Violation("SLW203", message, ("rolling", "max-unavailable"), str(unavailable))
    for index, step in enumerate(block.approvals):
        if not (step.groups or step.roles):
            yield from quorum_violations(step.quorum, step.users, ("approvals", index))


def _routing(block: model.Routing) -> Iterator[Violation]:
    if block.header and not _HEADER.match(block.header):
        yield Violation("SLW203", "a header has the form `Name: value`", ("routing", "header"), block.header)
    if block.cookie and not _COOKIE.match(block.cookie):
        yield Violation("SLW203", "a cookie has the form `name=value`", ("routing", "cookie"), block.cookie)


def _capabilities(block: model.Deploy) -> Iterator[Violation]:
    router = router_of(block)
    if (block.target, router) not in CAPABILITIES:
        return
    for capability, key in missing(block.strategy, rollout_spec(block), block.target, router).items():
        why = f"strategy {block.strategy}" if key == ("strategy",) else ".".join(key)
        told = key == ("dast",) or (key[0] == "routing" and block.routing.model_fields_set)
        path: Path = key if told else ("strategy",)
        message = f"target '{block.target}' with router '{router}' cannot {capability}, which {why} needs"
        yield Violation("SLW703", message, path, hint=_way_out(capability, path))


def _way_out(capability: Capability, path: Path) -> str:
    if capability is Capability.CONFIRM:
        return "choose a router that can, or routing: {unconfirmed: allow}"
    if capability is Capability.SCAN:
        return "leave dast out, and attack the version in a job of your own; routers gateway-api and istio can"
    return "use strategy recreate, or rolling with analysis: false" if path == ("strategy",) else ""


def _options(block: model.Deploy) -> Iterator[Violation]:
    """Finds options without effect: their author expects one."""
    for name, strategies in _OF_STRATEGIES.items():
        if name in block.model_fields_set and block.strategy not in strategies:
            word = name.replace("_", "-")
            message = f"'{word}' has no effect with strategy '{block.strategy}'"
            yield Violation("SLW702", message, (word,), hint=f"it is for {', '.join(strategies)}", key=True)
