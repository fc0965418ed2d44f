"""Definition, event and parameters to a plan: matrices spread, used files put in, all that is known decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.approvals.spec import ApprovalSpec
from domain.clusters.provision import ProvisionSpec
from domain.core.errors import DefinitionError
from domain.core.values import Scalar
from domain.pipelines import dag as graph
from domain.pipelines import matrix
from domain.pipelines.cache import CacheSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import MAX_JOBS, Plan
from domain.pipelines.reference import resolve
from domain.pipelines.steps import Retry, Step, TestSpec
from domain.queues.queue import Mode, Order, Terms
from domain.scans import gate
from domain.scans.spec import GateSpec, ScanSpec
from domain.triggers.events import Event, EventKind, Listener
from pipeline_defs.clusters import provision as provisioning
from pipeline_defs.core import expressions, reader
from pipeline_defs.core import parameters as params
from pipeline_defs.core.diagnostics import InvalidDefinitionError, Problem, errors
from pipeline_defs.jobs import containers
from pipeline_defs.pipelines import expression_scope as scope
from pipeline_defs.pipelines import model
from pipeline_defs.pipelines.lint import ReadFile, lint
from pipeline_defs.pipelines.sharing_model import ConcurrencyBlock
from pipeline_defs.releases import compile as releasing
from pipeline_defs.volumes.model import volume_job


@dataclass(frozen=True)
class Planned:
    plan: Plan
    pipeline: model.Pipeline
    warnings: tuple[Problem, ...] = ()


def read_pipeline(data: bytes, file: str, read_file: ReadFile) -> tuple[model.Pipeline, list[Problem]]:
    """A linted pipeline with its warnings.

    Raises:
        InvalidDefinitionError: the document is no pipeline, or has errors.
    """
    source, problems = lint(data, file, read_file)
    if errors(problems) or source is None:
        raise InvalidDefinitionError(problems)
    if not isinstance(source.document, model.Pipeline):
        raise InvalidDefinitionError([source.problem("SLW206", "this is no Pipeline", ("kind",))])
    return source.document, problems


def plan(data: bytes, file: str, event: Event, read_file: ReadFile) -> Planned:
    """The plan of one run. The event brings the parameters that were given.

    Raises:
        InvalidDefinitionError: the definition has errors.
        DefinitionError: a parameter does not fit.
    """
    document, problems = read_pipeline(data, file, read_file)
    values, complaints = params.resolve(document.params, event.params)
    if complaints:
        raise DefinitionError("SLW501", "; ".join(complaints), where=file)
    planner = _Planner(document, file, event, values, read_file)
    jobs = planner.jobs(document.jobs, file, {}, "", ())
    ordered = _in_order(jobs)
    if len(ordered) > MAX_JOBS:
        message = f"{len(ordered):,} jobs, and at most {MAX_JOBS:,} are allowed"
        raise InvalidDefinitionError([Problem("SLW303", message, file)])
    stages = tuple(dict.fromkeys(job.stage for job in ordered))
    made = Plan(
        document.name,
        tuple(ordered),
        values,
        stages,
        document.fail_fast,
        planner.group(),
        planner.priority(),
        document.tenant or "",
    )
    return Planned(made, document, tuple(problems))


def listeners(document: model.Pipeline) -> dict[EventKind, Listener]:
    on, found = document.on, {}
    if on.push is not None:
        push = on.push
        found[EventKind.PUSH] = Listener(EventKind.PUSH, tuple(push.branches), tuple(push.tags), tuple(push.paths))
    if on.pull_request is not None:
        pull = on.pull_request
        found[EventKind.PULL_REQUEST] = Listener(EventKind.PULL_REQUEST, tuple(pull.branches), (), tuple(pull.paths))
    if on.schedule:
        found[EventKind.SCHEDULE] = Listener(EventKind.SCHEDULE)
    return found


def _in_order(jobs: list[Job]) -> list[Job]:
    needs = {job.group: job.needs for job in jobs}
    groups: dict[str, list[Job]] = {}
    for job in jobs:
        groups.setdefault(job.group, []).append(job)
    return [job for name in graph.order(needs) for job in groups[name]]


@dataclass
class _Planner:
    document: model.Pipeline
    file: str
    event: Event
    values: Mapping[str, Scalar]
    read_file: ReadFile

    def jobs(
        self,
        blocks: Mapping[str, model.Job],
        file: str,
        inputs: Mapping[str, Scalar],
        prefix: str,
        outer: tuple[str, ...],
    ) -> list[Job]:
        """Jobs of a file. Those of a component are named `JOB-INNER`, and what needs JOB needs them all."""
        made: list[Job] = []
        members: dict[str, list[str]] = {}
        for name, block in blocks.items():
            full = prefix + name
            if block.uses:
                below = self._used(block, file, full, tuple(f"{prefix}{need}" for need in block.needs) or outer, inputs)
                members[full] = list(dict.fromkeys(job.group for job in below))
                made.extend(below)
            else:
                members[full] = [full]
                made.extend(self._cells(full, block, inputs, prefix, outer, file))
        return [self._with_members(job, members, blocks, prefix) for job in made]

    @staticmethod
    def _with_members(job: Job, members: Mapping[str, list[str]], blocks: Mapping[str, model.Job], prefix: str) -> Job:
        """Needs by their names in the plan, and by the names that the job's own expressions use."""
        needs = tuple(inner for need in job.needs for inner in members.get(need, [need]))
        block = blocks.get(job.group.removeprefix(prefix)) if job.group.startswith(prefix) else None
        if block is None or block.uses:
            return replace(job, needs=needs)
        named = {need: tuple(members[prefix + need]) for need in block.needs if prefix + need in members}
        plain = {need: (need,) for need in named}
        return replace(job, needs=needs, needs_as={} if named == plain else named)

    def _used(
        self, block: model.Job, file: str, full: str, outer: tuple[str, ...], inputs: Mapping[str, Scalar]
    ) -> list[Job]:
        target = resolve(file, block.uses)
        data = self.read_file(target) if target else None
        used = reader.parse(data, target)[0] if data is not None and target else None
        assert used is not None, "the linter has read it"
        assert target is not None, "the linter has resolved it"
        assert isinstance(used.document, model.Component)
        context = self._static({"inputs": dict(inputs)})
        given = {key: expressions.value_of(v, context) if isinstance(v, str) else v for key, v in block.with_.items()}
        values, complaints = params.resolve(used.document.inputs, given, "input")
        if complaints:
            raise DefinitionError("SLW602", "; ".join(complaints), where=target)
        return self.jobs(used.document.jobs, target, values, f"{full}-", outer)

    def priority(self) -> int:
        """Raises:
        DefinitionError: the expression gives no number from 1 to 5.
        """
        wanted = self.document.priority
        if isinstance(wanted, str):
            wanted = self._value(wanted)
            if isinstance(wanted, bool) or not isinstance(wanted, int) or not 1 <= wanted <= 5:
                message = f"the priority is {wanted}, and must be a number from 1 to 5"
                raise DefinitionError("SLW501", message, where=self.file)
        return wanted

    def group(self) -> Terms:
        """Of the run. Everything in its name is known before the run."""
        if self.document.concurrency is None:
            return Terms()
        terms = _terms(self.document.concurrency, self.priority())
        named = replace(terms, group=str(self._value(terms.group)))
        if wrong := named.complaint():
            raise DefinitionError("SLW501", wrong, where=self.file)
        return named

    def _value(self, text: str) -> Any:
        try:
            return expressions.value_of(text, self._static({}))
        except expressions.ExpressionError as wrong:
            raise DefinitionError("SLW501", f"expression {wrong}", where=self.file) from wrong

    def _static(self, more: Mapping[str, Any]) -> dict[str, Any]:
        return {"event": self.event.seen(), "params": dict(self.values), **more}

    def _cells(
        self,
        name: str,
        block: model.Job,
        inputs: Mapping[str, Scalar],
        prefix: str,
        outer: tuple[str, ...],
        file: str,
    ) -> list[Job]:
        needs = tuple(f"{prefix}{need}" for need in block.needs) or outer
        job = _prefixed(self._job(name, block, needs, inputs, file), prefix)
        if block.matrix is None:
            return [replace(job, skip=self._skip(job, {}))]
        spread = matrix.cells(block.matrix.axes, block.matrix.include, block.matrix.exclude)
        made = []
        for cell in spread:
            one = replace(job, id=matrix.cell_id(name, cell), matrix=cell)
            made.append(replace(one, skip=self._skip(one, cell)))
        return made

    def _skip(self, job: Job, cell: Mapping[str, Scalar]) -> str:
        """Why the job cannot run, when that is known before the run; conditions on results are asked later."""
        if not job.when or expressions.mentions_status(job.when) or "needs" in job.when or "item" in job.when:
            return ""
        if "run." in job.when:
            return ""
        try:
            context = self._static({"matrix": dict(cell), "inputs": job.inputs, "needs": {}})
            runs, reason = expressions.condition(job.when, context)
        except expressions.ExpressionError:
            return ""  # the run will say the same, as a failed job
        return "" if runs else reason

    def _job(self, name: str, block: model.Job, needs: tuple[str, ...], inputs: Mapping[str, Scalar], file: str) -> Job:
        document, defaults = self.document, self.document.defaults
        given = block.model_fields_set
        timeouts = defaults.timeouts if defaults.timeouts and "timeouts" not in given else block.timeouts
        retry = defaults.retry if defaults.retry and "retry" not in given else block.retry
        kind = JobKind(scope.kind_of(block))
        when = block.when if isinstance(block.when, str) else str(block.when).lower()
        return Job(
            id=name,
            kind=kind,
            group=name,
            stage=block.stage or str(kind),
            needs=needs,
            when=expressions.bare(when),
            for_each=expressions.bare(block.for_each),
            inputs=dict(inputs),
            max_parallel=block.matrix.max_parallel if block.matrix else 0,
            fail_fast=block.matrix.fail_fast if block.matrix else True,
            queue_timeout_s=timeouts.queue,
            run_timeout_s=timeouts.run,
            concurrency=_terms(block.concurrency, self.priority()),
            cpu=block.cpu,
            memory_mb=block.memory_mb,
            output_mb=block.output_mb,
            retry=Retry(retry.attempts, retry.backoff, on=tuple(retry.on)),
            env={**document.env, **defaults.env, **block.env},
            secrets={secret: document.secrets[secret] for secret in block.secrets if secret in document.secrets},
            executor=containers.executor_of(block),
            container=containers.container_spec(block.container),
            outputs=dict(scope.outputs_of(block)),
            artifacts_out={key: tuple(patterns) for key, patterns in block.artifacts.out.items()},
            artifacts_in=tuple(block.artifacts.in_),
            caches=tuple(
                CacheSpec(one.key, tuple(one.paths), tuple(one.files), tuple(one.fallbacks)) for one in block.cache
            ),
            continue_on_error=block.continue_on_error,
            environment=block.environment,
            **self._kind(name, block, file, inputs),
        )

    def _kind(self, name: str, block: model.Job, file: str, inputs: Mapping[str, Scalar]) -> dict[str, Any]:
        if block.run is not None:
            return {"steps": _steps(block.run)}
        if block.build is not None:
            image = block.build.image
            spec = containers.image_spec(image) if image else None
            return {"steps": _steps(block.build.steps), "image": spec}
        if block.test is not None:
            test = block.test
            spec_t = TestSpec(tuple(test.junit), tuple(test.coverage), test.min_coverage)
            return {"steps": _steps(test.steps), "test": spec_t}
        if block.scan is not None:
            scan = block.scan
            spec_s = ScanSpec(tuple(scan.tools), scan.path, tuple(scan.exclude), tuple(scan.sarif), scan.image)
            return {"scan": spec_s}
        if block.gate is not None:
            return {"gate": _gate(block.gate)}
        if block.approval is not None:
            return {"approval": _approval(block.approval)}
        if block.provision is not None:
            return {"provision": self._provision(name, block.provision, file, inputs)}
        if block.volume is not None:
            return {"volume": volume_job(block.volume)}
        assert block.deploy is not None
        return {"deploy": releasing.deploy_spec(block.deploy, self.event)}

    def _provision(self, name: str, block: model.Provision, file: str, inputs: Mapping[str, Scalar]) -> ProvisionSpec:
        context = self._static({"inputs": dict(inputs)})
        default = f"{self.document.name}-${{{{ run.number }}}}-{name}"
        return provisioning.provision_spec(
            block, file, self.read_file, lambda text: expressions.value_of(text, context), default
        )


def _gate(block: model.Gate) -> GateSpec:
    """The policy, with what the definition says itself."""
    every: dict[str, Any] = {
        "scans": tuple(block.scans),
        "fail_on": block.fail_on,
        "kinds": tuple(block.kinds),
        "allow": {str(severity): number for severity, number in block.allow.items()},
        "unknown_as": block.unknown_as,
        "new_only": block.new_only,
        "skipped": block.skipped,
        "block": expressions.bare(block.block),
        "max_db_age_s": block.max_db_age,
        "hold": _approval(block.hold) if block.hold else None,
        "sla_s": {str(severity): seconds for severity, seconds in block.sla.items()},
    }
    names = {"max_db_age_s": "max_db_age", "sla_s": "sla"}
    said = {key: value for key, value in every.items() if names.get(key, key) in block.model_fields_set}
    return gate.policy(block.policy, **said)


def _terms(block: ConcurrencyBlock | None, priority: int) -> Terms:
    if block is None:
        return Terms()
    return Terms(block.group, block.limit, Mode(block.mode), Order(block.order), priority)


def _prefixed(job: Job, prefix: str) -> Job:
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


def _steps(blocks: list[model.StepBlock]) -> tuple[Step, ...]:
    return tuple(Step(step.run, step.name, step.shell, step.env, step.timeout) for step in blocks)


def _approval(block: model.Approval) -> ApprovalSpec:
    return ApprovalSpec(
        tuple(block.users),
        tuple(block.groups),
        tuple(block.roles),
        block.quorum,
        dict(block.per_group),
        block.expires,
        tuple(sorted(block.reminders)),
        block.allow.author,
        block.allow.committer,
        block.allow.starter,
        block.message,
    )
