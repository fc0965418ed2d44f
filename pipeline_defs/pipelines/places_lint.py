"""Errors of deploy jobs by what their environments are registered with, where that is known: from records or files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from domain.releases.kubernetes.registered import RegisteredTarget, registered, text_of
from domain.releases.together.spec import ONE_PLACE, ONE_PLACE_FIX, refused_in
from pipeline_defs.core.diagnostics import Diagnostic
from pipeline_defs.core.reader import Source
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.pipelines.model import Component, Pipeline
from pipeline_defs.releases.environment_model import Environment
from pipeline_defs.releases.manifests_lint import CODE
from pipeline_defs.releases.model import Deploy
from pipeline_defs.releases.places import services


def targets_of(source: Source) -> dict[str, RegisteredTarget]:
    """Environment to its place, of a document that registers one; else nothing."""
    document = source.document
    if not isinstance(document, Environment):
        return {}
    return {document.name: registered(text_of(document.model_dump(mode="json"))) or RegisteredTarget()}


def lint(source: Source, known: Mapping[str, RegisteredTarget]) -> Iterator[Diagnostic]:
    """One error for each job that would be refused when it runs. `known`: by environment."""
    document, reporter = source.document, DiagnosticReporter(source)
    for name, job in document.jobs.items() if isinstance(document, Pipeline | Component) else ():
        target = known.get(job.environment)
        if job.deploy is None or target is None:
            continue
        path = ("jobs", name, "deploy")
        if job.deploy.services and (why := refused_in(job.environment, len(target.waves.clusters))):
            yield reporter.report(ONE_PLACE, why, (*path, "services"), hint=ONE_PLACE_FIX, key=True)
        if target.beside_git and any(_is_container(one) for one, _ in services(job.deploy, path)):
            why = f"{job.environment} says `git: {{import: true}}`: its releases are made of what stands in git"
            yield reporter.report(CODE, why, path, hint="name `manifests`, `kustomize` or `helm`", key=True)


def _is_container(block: Deploy) -> bool:
    return block.target == "kubernetes" and not (block.manifests or block.kustomize or block.helm)
