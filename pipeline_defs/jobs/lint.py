"""Checks jobs that run commands: scripts, caches, artifacts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from domain.core import workspace_patterns
from pipeline_defs.core.diagnostics import Diagnostic, Path, Violation
from pipeline_defs.core.job_context import JobContext
from pipeline_defs.jobs.cache_model import Cache
from pipeline_defs.jobs.model import Artifacts, Build, Checkout, Image, StepBlock, Test

KINDS_WITH_STEPS = ("run", "build", "test")


def lint_run(block: Sequence[StepBlock], job: JobContext) -> Iterator[Diagnostic]:
    """Checks a `run` job."""
    yield from _steps(block, (*job.path, "run"), job)


def lint_build(block: Build, job: JobContext) -> Iterator[Diagnostic]:
    """Checks a job that builds artifacts, an image, or both."""
    path = (*job.path, "build")
    yield from _steps(block.steps, (*path, "steps"), job)
    if not block.steps and not block.image:
        yield job.reporter.report("SLW202", "a build needs steps, an image, or both", path, key=True)
    if block.image:
        yield from _image(block.image, (*path, "image"), job)


def lint_test(block: Test, job: JobContext) -> Iterator[Diagnostic]:
    """Checks a `test` job."""
    path = (*job.path, "test")
    yield from _steps(block.steps, (*path, "steps"), job)
    yield from job.reporter.patterns(block.junit, (*path, "junit"), workspace_patterns.file_complaint)
    yield from job.reporter.patterns(block.coverage, (*path, "coverage"), workspace_patterns.file_complaint)


def _steps(steps: Sequence[StepBlock], path: Path, job: JobContext) -> Iterator[Diagnostic]:
    for index, step in enumerate(steps):
        where = job.reporter.item(path, index)
        if "${{" in step.run:
            yield job.reporter.report(
                "SLW405",
                "expressions are not allowed in a script: their values would run as code",
                where,
                token=step.run[step.run.index("${{") :][:40],
                hint="put it into env, and use the variable in the script: env: {NAME: ${{ … }}}",
            )
        if not step.run.strip():
            yield job.reporter.report("SLW203", "the script is empty", where)
        if step.env:
            yield from job.reporter.texts(step.env, (*where, "env"), job.scope)
            yield from job.reporter.environment_variables(step.env, (*where, "env"))


def _image(image: Image, path: Path, job: JobContext) -> Iterator[Diagnostic]:
    yield from job.reporter.texts({"tag": image.tag}, path, job.scope)
    yield from job.reporter.texts(image.build_args, (*path, "build-args"), job.scope)
    if image.push and not image.tag:
        missing = Violation("SLW202", "an image needs a tag to be pushed", ("push",), hint="tag: REGISTRY/NAME:TAG")
        yield from job.reporter.violations([missing], path)


def lint_caches(caches: Sequence[Cache], job: JobContext) -> Iterator[Diagnostic]:
    """Checks the caches of a job of any kind."""
    path = (*job.path, "cache")
    if caches and job.kind not in KINDS_WITH_STEPS:
        yield job.reporter.report("SLW702", "only run, build and test jobs can have caches", path, key=True)
    for index, cache in enumerate(caches):
        where = job.reporter.item(path, index)
        yield from job.reporter.texts({"key": cache.key}, where, job.scope)
        for number, text in enumerate(cache.fallbacks):
            *above, last = job.reporter.item((*where, "fallbacks"), number)
            yield from job.reporter.texts({str(last): text}, tuple(above), job.scope)
        yield from job.reporter.patterns(cache.files, (*where, "files"))
        yield from job.reporter.patterns(cache.paths, (*where, "paths"), _cached_complaint)
        for number, pattern in enumerate(cache.paths):
            if _leads_out(pattern):
                hint = "use a path in the workspace, or ~/… in the job's home"
                below = job.reporter.item((*where, "paths"), number)
                message = "a cache path must lie in the workspace or the job's home"
                yield job.reporter.report("SLW203", message, below, token=pattern, hint=hint)


def lint_checkout(checkout: Checkout, job: JobContext) -> Iterator[Diagnostic]:
    """Checks what a job wants of its commit besides the files."""
    if checkout.model_fields_set and job.kind not in (*KINDS_WITH_STEPS, "scan", ""):
        message = "only run, build, test and scan jobs have a checkout"
        yield job.reporter.report("SLW702", message, (*job.path, "checkout"), key=True)


def lint_artifact_patterns(artifacts: Artifacts, job: JobContext) -> Iterator[Diagnostic]:
    """Checks what a job uploads."""
    for name, patterns in artifacts.out.items():
        yield from job.reporter.patterns(patterns, (*job.path, "artifacts", "out", name), _kept_complaint)


def _kept_complaint(pattern: str) -> str:
    """Files to keep may be named by their folder, and from the workspace (`./`) or the job's home (`~/`)."""
    return workspace_patterns.complaint(pattern.removeprefix("!").removeprefix("~/"))


def _cached_complaint(pattern: str) -> str:
    return "" if _leads_out(pattern) else _kept_complaint(pattern)


def _leads_out(pattern: str) -> bool:
    return pattern.startswith("/") or ".." in pattern.split("/")


def lint_artifact(reference: str, path: Path, job: JobContext) -> Iterator[Diagnostic]:
    """Checks a `job.name` reference to an artifact of a job upstream."""
    name, _, artifact = reference.partition(".")
    maker = job.jobs.get(name)
    if maker is None:
        yield job.reporter.unknown("SLW301", "job", name, job.jobs, path)
    elif not maker.is_component and artifact not in maker.artifacts:
        yield job.reporter.unknown("SLW304", f"artifact of '{name}'", artifact, maker.artifacts, path)
    elif name not in job.upstream:
        message = f"'{name}' is not upstream of this job: add it to needs"
        yield job.reporter.report("SLW306", message, path, token=reference)
