"""Compiles a checked pipeline and an event to a plan: expands matrices and components, decides what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from domain.core.errors import DefinitionError
from domain.core.values import Json, Scalar
from domain.pipelines import dag, matrix
from domain.pipelines import job as planned
from domain.pipelines.plan import MAX_JOBS, Plan
from domain.pipelines.reference import resolve
from domain.queues.queue import ConcurrencyPolicy, Mode, Order
from domain.triggers.events import Event, EventKind
from pipeline_defs.core import expressions, parameters
from pipeline_defs.core.checked import Checked
from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError
from pipeline_defs.core.job_context import PlanContext
from pipeline_defs.core.reader import UsedFiles
from pipeline_defs.jobs.compile import cache_spec, checkout_of, container_spec, executor_of, retry_of
from pipeline_defs.pipelines.concurrency_model import ConcurrencyBlock
from pipeline_defs.pipelines.job_kinds import JOB_KINDS, kind_of, outputs_of
from pipeline_defs.pipelines.model import Component, Job, Pipeline
from pipeline_defs.releases.compile import specs
from pipeline_defs.releases.model import Deploy


def pipeline_of(checked: Checked) -> Pipeline:
    """The checked pipeline.

    Raises:
        InvalidDefinitionError: the document is not a pipeline, or has errors.
    """
    source = checked.valid()
    if not isinstance(source.document, Pipeline):
        raise InvalidDefinitionError([source.diagnostic("SLW206", "the document must be a Pipeline", ("kind",))])
    return source.document


def compile_plan(checked: Checked, event: Event) -> Plan:
    """The plan of one run. The event carries the given parameters.

    Raises:
        InvalidDefinitionError: the document is not a pipeline, or has errors.
        DefinitionError: a parameter, or a value made of it, is invalid.
    """
    document, file = pipeline_of(checked), checked.file
    values, wrong = parameters.resolve(document.params, event.params)
    if wrong:
        raise DefinitionError("SLW501", "; ".join(wrong), where=file)
    builder = PlanBuilder(document, file, event, values, checked.files)
    jobs = _in_order(builder.jobs(_Part(document.jobs, file)))
    if len(jobs) > MAX_JOBS:
        message = f"{len(jobs):,} jobs, but at most {MAX_JOBS:,} are allowed"
        raise InvalidDefinitionError([Diagnostic("SLW303", message, file)])
    return Plan(
        pipeline=document.name,
        jobs=tuple(jobs),
        params=values,
        stages=tuple(dict.fromkeys(job.stage for job in jobs)),
        fail_fast=document.fail_fast,
        concurrency=builder.concurrency(),
        priority=builder.priority,
        tenant=document.tenant or "",
    )


def _in_order(jobs: list[planned.Job]) -> list[planned.Job]:
    needs = {job.group: job.needs for job in jobs}
    groups: dict[str, list[planned.Job]] = {}
    for job in jobs:
        groups.setdefault(job.group, []).append(job)
    return [job for name in dag.order(needs) for job in groups[name]]


@dataclass(frozen=True)
class _Part:
    """The jobs of one file, at their place in the plan."""

    blocks: Mapping[str, Job]
    file: str
    inputs: Mapping[str, Scalar] = field(default_factory=dict)
    """Inputs of the component."""
    prefix: str = ""
    """Prefix of job names: those of a component are named `JOB-INNER`."""
    needs: tuple[str, ...] = ()
    """Needs of its first jobs."""


@dataclass
class PlanBuilder:
    """Makes the jobs of one plan."""

    document: Pipeline
    file: str
    event: Event
    values: Mapping[str, Scalar]
    """The pipeline's parameters."""
    files: UsedFiles

    def __post_init__(self) -> None:
        self._static: dict[str, Json] = {"event": self.event.seen(), "params": dict(self.values)}
        self.priority = self._priority()

    def jobs(self, part: _Part) -> list[planned.Job]:
        """The jobs of a part and of its components; a dependent of a component needs all its jobs."""
        made: list[planned.Job] = []
        members: dict[str, list[str]] = {}
        for name, block in part.blocks.items():
            full = part.prefix + name
            if block.uses:
                below = self._component(full, block, part)
                members[full] = list(dict.fromkeys(job.group for job in below))
                made.extend(below)
            else:
                members[full] = [full]
                made.extend(self._cells(full, block, part))
        return [_with_members(job, members, part) for job in made]

    def _component(self, full: str, block: Job, part: _Part) -> list[planned.Job]:
        target = resolve(part.file, block.uses)
        used = self.files.parse(target) if target else None
        assert target is not None, "the linter has resolved it"
        assert used is not None, "the linter has read it"
        assert used.source is not None, "the linter has checked it"
        component = used.source.document
        assert isinstance(component, Component), "the linter has checked it"
        given = {key: self._fill(one, part) if isinstance(one, str) else one for key, one in block.with_.items()}
        values, wrong = parameters.resolve(component.inputs, given, "input")
        if wrong:
            raise DefinitionError("SLW602", "; ".join(wrong), where=target)
        return self.jobs(_Part(component.jobs, target, values, f"{full}-", _needs(block, part)))

    def _cells(self, name: str, block: Job, part: _Part) -> list[planned.Job]:
        job = self._job(name, block, part)
        if block.deploy and block.deploy.services:
            return [_prefixed(one, part.prefix) for one in self._services(job, block.deploy)]
        job = _prefixed(job, part.prefix)
        if block.matrix is None:
            skip = self._skip(job, {})
            return [replace(job, skip=skip) if skip else job]
        cells = matrix.cells(block.matrix.axes, block.matrix.include, block.matrix.exclude)
        named = zip(matrix.ids(name, cells), cells, strict=True)
        return [replace(job, id=id_, matrix=cell, skip=self._skip(job, cell)) for id_, cell in named]

    def _services(self, job: planned.Job, block: Deploy) -> list[planned.Job]:
        """A job for each of several services that are released as one: each is permitted and approved by itself."""
        skip, found = self._skip(job, {}), specs(block, self.event, self.files.read_file)
        named = zip(matrix.ids(job.id, [{"service": name} for name in found]), found.items(), strict=True)
        return [
            replace(job, id=id_, matrix={"service": name}, fail_fast=False, deploy=spec, skip=skip)
            for id_, (name, spec) in named
        ]

    def _skip(self, job: planned.Job, cell: Mapping[str, Scalar]) -> str:
        """Why the job is skipped, if known before the run; conditions on results are evaluated later."""
        if not job.when or expressions.mentions_status(job.when) or "needs" in job.when or "item" in job.when:
            return ""
        if "run." in job.when:
            return ""
        try:
            context = {**self._static, "matrix": dict(cell), "inputs": job.inputs, "needs": {}}
            runs, reason = expressions.condition(job.when, context)
        except expressions.ExpressionError:
            return ""  # the run reports the same error, as a failed job
        return "" if runs else reason

    def _job(self, name: str, block: Job, part: _Part) -> planned.Job:
        document, defaults = self.document, self.document.defaults
        given = block.model_fields_set
        timeouts = defaults.timeouts if defaults.timeouts and "timeouts" not in given else block.timeouts
        checkout = defaults.checkout if defaults.checkout and "checkout" not in given else block.checkout
        retry = defaults.retry if defaults.retry and "retry" not in given else block.retry
        kind = kind_of(block)
        when = block.when if isinstance(block.when, str) else str(block.when).lower()
        return planned.Job(
            id=name,
            kind=planned.JobKind(kind),
            group=name,
            stage=block.stage or kind,
            needs=_needs(block, part),
            when=expressions.bare(when),
            for_each=expressions.bare(block.for_each),
            inputs=dict(part.inputs),
            max_parallel=block.matrix.max_parallel if block.matrix else 0,
            fail_fast=block.matrix.fail_fast if block.matrix else True,
            queue_timeout_s=timeouts.queue,
            run_timeout_s=timeouts.run,
            grace_s=timeouts.grace,
            concurrency=self._terms(block.concurrency),
            cpu=block.cpu,
            memory_mb=block.memory_mb,
            output_mb=block.output_mb,
            retry=retry_of(retry),
            checkout=checkout_of(checkout),
            env={**document.env, **defaults.env, **block.env},
            secrets=_secrets(block, document.secrets),
            executor=executor_of(block.executor, block.container),
            container=container_spec(block.container) if block.container else None,
            outputs=outputs_of(block),
            artifacts_out={key: tuple(patterns) for key, patterns in block.artifacts.out.items()},
            artifacts_in=tuple(block.artifacts.in_),
            artifact_times=block.artifacts.times,
            caches=tuple(cache_spec(cache) for cache in block.cache),
            continue_on_error=block.continue_on_error,
            environment=block.environment,
            **JOB_KINDS[kind].compile(block, self._context(name, part)),
        )

    def _context(self, name: str, part: _Part) -> PlanContext:
        default_name = f"{self.document.name}-${{{{ run.number }}}}-{name}"
        return PlanContext(self.event, part.file, self.files, lambda text: self._fill(text, part), default_name)

    def _priority(self) -> int:
        priority = self.document.priority
        if not isinstance(priority, str):
            return priority
        value = self._value(priority, self._static, self.file)
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
            raise DefinitionError("SLW501", f"the priority is {value}, but must be from 1 to 5", where=self.file)
        return value

    def concurrency(self) -> ConcurrencyPolicy:
        """The run's concurrency group and its policy. The group's name is evaluated before the run."""
        if self.document.concurrency is None:
            return ConcurrencyPolicy()
        terms = self._terms(self.document.concurrency)
        named = replace(terms, group=str(self._value(terms.group, self._static, self.file)))
        if wrong := named.complaint():
            raise DefinitionError("SLW501", wrong, where=self.file)
        return named

    def _terms(self, block: ConcurrencyBlock | None) -> ConcurrencyPolicy:
        if block is None:
            return ConcurrencyPolicy()
        event = self.event
        return ConcurrencyPolicy(
            block.group,
            block.limit,
            Mode(block.mode),
            Order(block.order),
            self.priority,
            owner=f"{event.repo} {self.document.name}",
            visitor=(event.branch or "?") if event.kind is EventKind.PULL_REQUEST else "",
        )

    def _fill(self, text: str, part: _Part) -> Json:
        return self._value(text, {**self._static, "inputs": dict(part.inputs)}, part.file)

    @staticmethod
    def _value(text: str, context: Mapping[str, Json], file: str) -> Json:
        try:
            return expressions.value_of(text, context)
        except expressions.ExpressionError as wrong:
            raise DefinitionError("SLW501", f"expression {wrong}", where=file) from wrong


def _secrets(block: Job, known: Mapping[str, str]) -> dict[str, str]:
    """A scan imports what other jobs wrote, and masks what they had."""
    return dict(known) if block.scan else {name: known[name] for name in block.secrets if name in known}


def _needs(block: Job, part: _Part) -> tuple[str, ...]:
    return tuple(part.prefix + need for need in block.needs) or part.needs


def _with_members(job: planned.Job, members: Mapping[str, list[str]], part: _Part) -> planned.Job:
    """Needs by their names in the plan, and by their names in the job's own expressions."""
    needs = tuple(inner for need in job.needs for inner in members.get(need, [need]))
    block = part.blocks.get(job.group.removeprefix(part.prefix)) if job.group.startswith(part.prefix) else None
    if block is None or block.uses:
        return replace(job, needs=needs)
    named = {need: tuple(members[part.prefix + need]) for need in block.needs if part.prefix + need in members}
    plain = {need: (need,) for need in named}
    needs_as = {} if named == plain else named
    return job if (needs, needs_as) == (job.needs, job.needs_as) else replace(job, needs=needs, needs_as=needs_as)


def _prefixed(job: planned.Job, prefix: str) -> planned.Job:
    """References to jobs of the same component, by their names in the plan."""
    if not prefix:
        return job
    deploy, gate = job.deploy, job.gate
    return replace(
        job,
        artifacts_in=tuple(prefix + reference for reference in job.artifacts_in),
        gate=replace(gate, scans=tuple(prefix + name for name in gate.scans)) if gate else None,
        deploy=replace(deploy, artifact=prefix + deploy.artifact) if deploy and deploy.artifact else deploy,
    )
