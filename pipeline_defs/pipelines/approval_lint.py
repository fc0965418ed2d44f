"""Warns of deployments that will be refused, because they use what is built after their approval."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from domain.pipelines import dag
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.pipelines.model import Job

_NEED = re.compile(r"\bneeds\.([A-Za-z0-9_-]+)\.(?:outputs|cells)")
HINT = "an approval covers what exists when it is granted: let it need the job that builds"


def lint_approved(jobs: Mapping[str, Job], reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """One warning for each such job of one document."""
    needs = {name: [need for need in job.needs if need in jobs] for name, job in jobs.items()}
    if dag.cycle(needs):
        return
    before = {name: dag.upstream(needs, name) for name, job in jobs.items() if job.approval or job.deploy}
    for name, job in jobs.items():
        asks = [one for one in before.get(name, ()) if jobs[one].approval and jobs[one].environment == job.environment]
        if not job.deploy or not job.environment or not asks:
            continue
        for maker, path in _used(name, job):
            if maker in jobs and not any(maker == one or maker in before[one] for one in asks):
                message = (
                    f"'{maker}' runs after {', '.join(sorted(asks))}, which therefore cannot approve what it makes"
                )
                yield reporter.warning("SLW028", message, path, token=maker, hint=HINT)


def _used(name: str, job: Job) -> Iterator[tuple[str, Path]]:
    """The jobs whose artifacts and outputs a deployment is made of."""
    assert job.deploy is not None
    path: Path = ("jobs", name, "deploy")
    for service in ("", *job.deploy.services):
        block = job.deploy.services[service] if service else job.deploy
        where = (*path, "services", service) if service else path
        if block.artifact:
            yield block.artifact.partition(".")[0], (*where, "artifact")
        yield from _named({key: str(getattr(block, key)) for key in ("version", "image")}, where)
    yield from _named(job.env, ("jobs", name, "env"))


def _named(texts: Mapping[str, str], path: Path) -> Iterator[tuple[str, Path]]:
    for key, text in texts.items():
        for found in dict.fromkeys(_NEED.findall(text)):
            yield found, (*path, key)
