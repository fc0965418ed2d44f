"""Checks the meaning of a pipeline or component: names, references, expressions. Its shape is already valid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.core.errors import DefinitionError, SluicewayError
from domain.pipelines.reference import resolve
from pipeline_defs.core import expressions, parameters, secret_reference
from pipeline_defs.core.blocks import NAME_RULE, is_name
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.expression_types import Type
from pipeline_defs.core.job_context import JobContext, JobFacts
from pipeline_defs.core.reader import Source, UsedFiles
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.jobs.container_lint import lint_container
from pipeline_defs.jobs.lint import lint_artifact, lint_artifact_patterns, lint_caches, lint_checkout
from pipeline_defs.pipelines import job_kinds
from pipeline_defs.pipelines.approval_lint import lint_approved
from pipeline_defs.pipelines.concurrency_model import ConcurrencyBlock
from pipeline_defs.pipelines.dag_lint import lint_dag
from pipeline_defs.pipelines.expression_scope import scope_before_run, scope_of_job, scope_of_run
from pipeline_defs.pipelines.model import Component, Job, Pipeline
from pipeline_defs.triggers import lint as triggers


def lint(source: Source, files: UsedFiles) -> Iterator[Diagnostic]:
    """Checks a pipeline or component, and every component it uses."""
    yield from _Linter(files).document(source, (source.file,))


@dataclass
class _Linter:
    files: UsedFiles
    linted: set[str] = field(default_factory=set)
    """Components already linted, so that their errors are reported once."""

    def document(self, source: Source, chain: tuple[str, ...]) -> Iterator[Diagnostic]:
        """Checks one document. `chain`: the files from the pipeline to this one."""
        document, reporter = source.document, DiagnosticReporter(source)
        assert isinstance(document, Pipeline | Component)
        if isinstance(document, Pipeline):
            scope = scope_of_run(document.params, None)
            yield from _pipeline(document, reporter, scope)
        else:
            scope = scope_of_run({}, document.inputs)
            yield from reporter.violations(parameters.violations(document.inputs), ("inputs",))
        yield from _templates(document, reporter)
        yield from lint_dag(document.jobs, reporter)
        yield from lint_approved(document.jobs, reporter)
        facts = {name: _facts(job) for name, job in document.jobs.items()}
        for name, job in document.jobs.items():
            context = JobContext(
                name=name,
                path=("jobs", name),
                reporter=reporter,
                files=self.files,
                jobs=facts,
                environment=job.environment,
                scope=scope_of_job(job, document.jobs, scope),
                plan_scope=scope_before_run(scope),
            )
            yield from _job(job, context)
            if isinstance(document, Pipeline):
                yield from _secrets(job, document.secrets, context)
            if job.uses:
                yield from self._component(job, context, chain)

    def _component(self, job: Job, context: JobContext, chain: tuple[str, ...]) -> Iterator[Diagnostic]:
        path = (*context.path, "uses")
        texts = {key: value for key, value in job.with_.items() if isinstance(value, str)}
        yield from context.reporter.texts(texts, (*context.path, "with"), context.plan_scope)
        target = resolve_component(job, context, chain)
        if isinstance(target, Diagnostic):
            yield target
            return
        parsed = self.files.parse(target)
        assert parsed is not None
        yield from parsed.diagnostics
        if parsed.source is None:
            return
        used = parsed.source.document
        if not isinstance(used, Component):
            yield context.reporter.report("SLW601", f"'{target}' is not a Component", path, token=job.uses)
            return
        given = {key: value for key, value in job.with_.items() if not (isinstance(value, str) and "${{" in value)}
        declared = {key: one for key, one in used.inputs.items() if key in given or key not in job.with_}
        for message in parameters.resolve(declared, given, "input")[1]:
            where = (*context.path, "with") if job.with_ else path
            yield context.reporter.report("SLW602", message, where, key=True)
        if target not in self.linted:
            self.linted.add(target)
            yield from self.document(parsed.source, (*chain, target))


def resolve_component(job: Job, context: JobContext, chain: tuple[str, ...]) -> str | Diagnostic:
    """The file that a job uses, or what is wrong with it: missing, or already in the chain."""

    def wrong(code: str, message: str, hint: str = "") -> Diagnostic:
        return context.reporter.report(code, message, (*context.path, "uses"), token=job.uses, hint=hint)

    try:
        target = resolve(context.file, job.uses)
        if target is None:
            return wrong("SLW601", "the path leads out of the repository")
        if target in chain:
            cycle = " -> ".join([*chain[chain.index(target) :], target])
            return wrong("SLW603", f"components use each other in a cycle: {cycle}")
        if context.files.parse(target) is None:
            return wrong("SLW601", f"file '{target}' does not exist")
    except SluicewayError as broken:
        code = broken.code if isinstance(broken, DefinitionError) else "SLW604"
        return wrong(code, broken.what, broken.fix or broken.why)
    return target


def _facts(job: Job) -> JobFacts:
    return JobFacts(job_kinds.kind_of(job), tuple(job.needs), job.artifacts.out)


def _pipeline(pipeline: Pipeline, reporter: DiagnosticReporter, scope: Mapping[str, Type]) -> Iterator[Diagnostic]:
    yield from reporter.violations(parameters.violations(pipeline.params), ("params",))
    yield from reporter.violations(triggers.violations(pipeline.on), ("on",))
    yield from triggers.lint_patterns(pipeline.on, reporter)
    yield from _named_secrets(pipeline, reporter)
    yield from reporter.texts(pipeline.env, ("env",), scope)
    yield from reporter.environment_variables(pipeline.env, ("env",))
    known = scope_before_run(scope)
    yield from _concurrency(pipeline.concurrency, (), reporter, known)
    if isinstance(pipeline.priority, str):
        written = expressions.bare(pipeline.priority)
        yield from reporter.expression(written, ("priority",), known, "int", pipeline.priority)


def _named_secrets(pipeline: Pipeline, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    written = reporter.source.root.at(("secrets",)).entries is not None  # else a list, where only variables stand
    for variable, secret in pipeline.secrets.items():
        path = ("secrets", variable) if written else ("secrets",)
        if found := secret_reference.problem(variable, secret):
            yield reporter.report(found.code, found.message, path, hint=found.hint)


def _templates(document: Pipeline | Component, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    blocks = [*document.jobs.values(), *document.templates.values()]
    extended = {name for block in blocks for name in block.extends}
    for name in document.templates:
        if name not in extended:
            yield reporter.warning("SLW702", f"no job extends template '{name}'", ("templates", name), name, key=True)


def _concurrency(
    block: ConcurrencyBlock | None, path: Path, reporter: DiagnosticReporter, scope: Mapping[str, Type]
) -> Iterator[Diagnostic]:
    if block is None:
        return
    below = (*path, "concurrency")
    if reporter.source.root.at(below).entries is None:  # only a group name
        yield from reporter.texts({"concurrency": block.group}, path, scope)
    else:
        yield from reporter.texts({"group": block.group}, below, scope)


def _job(job: Job, context: JobContext) -> Iterator[Diagnostic]:
    """Checks the keys common to all kinds, then those of its own kind."""
    reporter, path, scope = context.reporter, context.path, context.scope
    if not is_name(context.name):
        message = "a job name consists of lower case letters, digits and dashes"
        yield reporter.report("SLW205", message, path, token=context.name, key=True, hint=NAME_RULE)
    if job.environment and not is_name(job.environment):
        message = "the environment is no name: it is taken as it is, without expressions"
        yield reporter.report("SLW205", message, (*path, "environment"), token=job.environment, hint=NAME_RULE)
    kinds = job_kinds.kinds_of(job)
    if len(kinds) != 1:
        yield _ambiguous(kinds, context)
    yield from _conditions(job, context)
    yield from reporter.texts(job.env, (*path, "env"), scope)
    yield from reporter.environment_variables(job.env, (*path, "env"))
    yield from _concurrency(job.concurrency, path, reporter, scope)
    yield from lint_caches(job.cache, context)
    yield from lint_checkout(job.checkout, context)
    yield from lint_artifact_patterns(job.artifacts, context)
    yield from lint_container(job.container, job.executor, job.secrets, context)
    for index, reference in enumerate(job.artifacts.in_):
        yield from lint_artifact(reference, reporter.item((*path, "artifacts", "in"), index), context)
    for kind in kinds:
        if kind in job_kinds.JOB_KINDS:
            yield from job_kinds.JOB_KINDS[kind].lint(job, context)


def _ambiguous(kinds: list[str], context: JobContext) -> Diagnostic:
    several = f"job '{context.name}' has several kinds: {' and '.join(kinds)}"
    message = several if kinds else f"job '{context.name}' has no kind"
    hint = f"give it exactly one of {', '.join(job_kinds.NAMES)}"
    return context.reporter.report("SLW204", message, context.path, hint=hint, key=True)


def _conditions(job: Job, context: JobContext) -> Iterator[Diagnostic]:
    path, scope = context.path, context.scope
    if isinstance(job.when, str) and job.when:
        yield from context.reporter.expression(expressions.bare(job.when), (*path, "when"), scope, "bool", job.when)
    if job.deploy and job.deploy.services:
        for key in ("matrix", "for_each", "concurrency"):
            if key in job.model_fields_set:
                word = key.replace("_", "-")
                message = f"services that are released as one have a job each, and no {word}"
                yield context.reporter.report("SLW308", message, (*path, word), key=True)
    if not job.for_each:
        return
    if job.matrix:
        message = "matrix and for-each exclude each other"
        yield context.reporter.report("SLW308", message, (*path, "for-each"), key=True)
    outer = {name: kind for name, kind in scope.items() if name != "item"}
    yield from context.reporter.expression(
        expressions.bare(job.for_each), (*path, "for-each"), outer, "list", job.for_each
    )


def _secrets(job: Job, known: Mapping[str, str], context: JobContext) -> Iterator[Diagnostic]:
    for index, name in enumerate(job.secrets):
        if name not in known:
            yield context.reporter.unknown("SLW307", "secret", name, known, (*context.path, "secrets", index))
