"""What a definition means, checked: names, needs, expressions, limits. Runs after the shape was found right."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from domain.core.errors import DefinitionError, SluicewayError
from domain.core.values import closest
from domain.pipelines import dag as graph
from domain.pipelines import matrix
from domain.pipelines.plan import MAX_CELLS, MAX_JOBS
from domain.pipelines.reference import resolve
from domain.releases.strategies.registry import STRATEGIES
from pipeline_defs.clusters import compile as clusters
from pipeline_defs.clusters import provision as provisioning
from pipeline_defs.clusters.model import Cluster, ClusterTemplate
from pipeline_defs.core import cron, expressions, reader
from pipeline_defs.core import expression_types as checking
from pipeline_defs.core import parameters as params
from pipeline_defs.core import yaml_nodes as yaml_source
from pipeline_defs.core.diagnose import Teller
from pipeline_defs.core.diagnostics import Problem, sort
from pipeline_defs.core.reader import Source
from pipeline_defs.jobs import containers
from pipeline_defs.jobs.container_model import ContainerBlock
from pipeline_defs.pipelines import expression_scope as scope
from pipeline_defs.pipelines import model
from pipeline_defs.releases import compile as releasing
from pipeline_defs.scans import suppressions
from pipeline_defs.scans.suppression_model import Suppressions

ReadFile = Callable[[str], bytes | None]
"""A path, relative to the repository's root (or absolute), or a `GitReference` as text, to the file's bytes."""

_REFERENCE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*\Z|file:.+\Z", re.S)


def lint(data: bytes, file: str, read_file: ReadFile) -> tuple[Source | None, list[Problem]]:
    """Every problem of a document and of the files that it uses."""
    source, problems = reader.parse(data, file)
    if source is None:
        return None, sort(problems)
    document = source.document
    if isinstance(document, model.Pipeline | model.Component):
        problems = problems + list(_Jobs(source, read_file, (file,)).problems())
    elif isinstance(document, Suppressions):
        problems = problems + list(suppressions.lint(source))
    elif isinstance(document, Cluster | ClusterTemplate):
        problems = problems + list(clusters.lint(source, read_file))
    return source, sort(problems)


@dataclass
class _Jobs(Teller):
    """The jobs of one pipeline or component."""

    read_file: ReadFile
    chain: tuple[str, ...]

    def __post_init__(self) -> None:
        document = self.source.document
        assert isinstance(document, model.Pipeline | model.Component)
        self.jobs: Mapping[str, model.Job] = document.jobs
        self.document = document
        is_pipeline = isinstance(document, model.Pipeline)
        self.parameters = document.params if isinstance(document, model.Pipeline) else {}
        inputs = None if is_pipeline else getattr(document, "inputs", {})
        self.outer = scope.static(self.parameters, inputs)
        self.needs = {name: list(job.needs) for name, job in self.jobs.items()}

    def problems(self) -> Iterator[Problem]:
        if isinstance(self.document, model.Pipeline):
            yield from self._pipeline(self.document)
        else:
            yield from self._parameters(self.document.inputs, "inputs")
        yield from self._sizes()
        yield from self._templates()
        yield from self._needs()
        for name, job in self.jobs.items():
            yield from self._job(name, job)

    def _pipeline(self, pipeline: model.Pipeline) -> Iterator[Problem]:
        yield from self._parameters(pipeline.params, "params")
        for name, reference in pipeline.secrets.items():
            if not _REFERENCE.match(reference):
                yield self._say(
                    "SLW307",
                    f"secret '{name}' must be a reference",
                    ("secrets", name),
                    hint="write env:NAME or file:PATH; the value itself never stands in a definition",
                )
        for index, entry in enumerate(pipeline.on.schedule):
            wrong = cron.problem(entry.cron)
            if wrong:
                yield self._say("SLW203", wrong, ("on", "schedule", index, "cron"), token=entry.cron)
            if entry.time_zone not in available_timezones():
                meant = closest(entry.time_zone, available_timezones())
                path = ("on", "schedule", index, "time-zone")
                hint = f"did you mean '{meant}'?" if meant else "names look like Europe/Zurich"
                yield self._say("SLW206", "unknown time zone", path, token=entry.time_zone, hint=hint)
        yield from self._texts(pipeline.env, ("env",), self.outer)
        yield from self._env_names(pipeline.env, ("env",))
        known = {name: kind for name, kind in self.outer.items() if name != "run"}
        yield from self._group(pipeline.concurrency, (), known)
        if isinstance(pipeline.priority, str):
            written = expressions.bare(pipeline.priority)
            yield from self._expression(written, ("priority",), known, "int", pipeline.priority)

    def _caches(self, job: model.Job, path: reader.Path, inside: Mapping[str, checking.Type]) -> Iterator[Problem]:
        if job.cache and scope.kind_of(job) not in ("run", "build", "test"):
            yield self._say("SLW702", "only run, build and test jobs have caches", (*path, "cache"), key=True)
        for index, cache in enumerate(job.cache):
            where = self._item((*path, "cache"), index)
            yield from self._texts({"key": cache.key}, where, inside)
            for number, text in enumerate(cache.fallbacks):
                below = self._item((*where, "fallbacks"), number)
                yield from self._texts({str(below[-1]): text}, below[:-1], inside)
            for number, pattern in enumerate(cache.paths):
                if pattern.startswith("/") or ".." in pattern.split("/"):
                    hint = "write a path in the workspace, or ~/… in the job's home"
                    below = self._item((*where, "paths"), number)
                    message = "a cache cannot hold what is outside the job"
                    yield self._say("SLW203", message, below, token=pattern, hint=hint)

    def _group(
        self, block: model.ConcurrencyBlock | None, path: reader.Path, inside: Mapping[str, checking.Type]
    ) -> Iterator[Problem]:
        if block is None:
            return
        short = self.source.root.at((*path, "concurrency")).entries is None
        where: reader.Path = path if short else (*path, "concurrency")
        yield from self._texts({"concurrency" if short else "group": block.group}, where, inside)

    def _parameters(self, declared: Mapping[str, model.Parameter], key: str) -> Iterator[Problem]:
        for name, parameter in declared.items():
            path = (key, name)
            try:
                re.compile(parameter.pattern)
            except re.error as wrong:
                yield self._say("SLW203", f"the pattern is no regular expression: {wrong}", (*path, "pattern"))
                continue
            if parameter.type == "choice" and not parameter.choices:
                yield self._say("SLW202", f"choice '{name}' has no choices", path, key=True)
            elif parameter.default is not None:
                try:
                    params.convert(parameter, parameter.default)
                except ValueError as wrong:
                    yield self._say("SLW501", f"the default of '{name}': {wrong}", (*path, "default"))

    def _templates(self) -> Iterator[Problem]:
        templates = self.document.templates
        extended = {name for block in [*self.jobs.values(), *templates.values()] for name in block.extends}
        for name in templates:
            if name not in extended:
                node = self.source.root.key_at(("templates", name))
                message = f"no job extends template '{name}'"
                yield Problem("SLW702", message, self.source.file, node.line, node.column, name, severity="warning")

    def _sizes(self) -> Iterator[Problem]:
        total = 0
        for name, job in self.jobs.items():
            cells = matrix.count(job.matrix.axes, job.matrix.include) if job.matrix else 1
            total += cells
            if job.matrix is None:
                continue
            path = ("jobs", name, "matrix")
            if cells > MAX_CELLS:
                message = f"the matrix of '{name}' has {cells:,} cells, and at most {MAX_CELLS:,} are allowed"
                yield self._say("SLW303", message, path, key=True)
            elif not matrix.cells(job.matrix.axes, job.matrix.include, job.matrix.exclude):
                yield self._say("SLW308", f"the matrix of '{name}' has no cell", path, key=True)
            yield from self._rounded(path)
            for index, entry in enumerate(job.matrix.exclude):
                for axis in entry:
                    if axis not in job.matrix.axes:
                        hint = f"axes are {', '.join(job.matrix.axes) or 'none'}"
                        where = (*path, "exclude", index, axis)
                        yield self._say(
                            "SLW308", f"exclude names no axis '{axis}'", where, token=axis, hint=hint, key=True
                        )
        if total > MAX_JOBS:
            yield self._say("SLW303", f"{total:,} jobs, and at most {MAX_JOBS:,} are allowed", ("jobs",), key=True)

    def _rounded(self, path: reader.Path) -> Iterator[Problem]:
        axes = self.source.root.at((*path, "axes"))
        for axis in (axes.entries or {}).values():
            for node in axis.items or []:
                if isinstance(node.value, yaml_source.WrittenFloat) and str(node.value) != node.value.written:
                    message = f"{node.value.written} is the number {node.value}"
                    hint = f"write '{node.value.written}' in quotes to keep it as it is"
                    file = self.source.file
                    yield Problem("SLW203", message, file, node.line, node.column, node.value.written, hint, "warning")

    def _needs(self) -> Iterator[Problem]:
        for name, job in self.jobs.items():
            for index, need in enumerate(job.needs):
                if need not in self.jobs:
                    path = self._item(("jobs", name, "needs"), index)
                    yield self._unknown("SLW301", "job", need, self.jobs, path)
        circle = graph.cycle(self.needs)
        if circle:
            edges = []
            for one, need in itertools.pairwise(circle):
                node = self.source.root.at(self._item(("jobs", one, "needs"), self.needs[one].index(need)))
                edges.append(f"{one} needs {need} (line {node.line})")
            path = self._item(("jobs", circle[0], "needs"), self.needs[circle[0]].index(circle[1]))
            yield self._say("SLW302", f"{' -> '.join(circle)} is a circle: {', '.join(edges)}", path)

    def _job(self, name: str, job: model.Job) -> Iterator[Problem]:
        path = ("jobs", name)
        if not re.match(model.NAME_PATTERN, name):
            yield self._say(
                "SLW205", "a job's name has lower case letters, digits and dashes", path, token=name, key=True
            )
        kinds = scope.kinds_of(job)
        if len(kinds) != 1:
            message = f"job '{name}' has no kind" if not kinds else f"job '{name}' is {' and '.join(kinds)} at once"
            hint = f"give it exactly one of {', '.join(scope.KINDS)}"
            yield self._say("SLW204", message, path, hint=hint, key=True)
        if job.matrix and job.for_each:
            yield self._say("SLW308", "matrix and for-each exclude each other", (*path, "for-each"), key=True)
        upstream = graph.upstream(self.needs, name)
        yield from self._expressions(name, job)
        yield from self._scripts(job, path)
        yield from self._secrets(job, path)
        for index, reference in enumerate(job.artifacts.in_):
            yield from self._artifact(reference, upstream, self._item((*path, "artifacts", "in"), index))
        if job.gate:
            yield from self._gate(job.gate, upstream, path)
        if job.deploy:
            yield from self._deploy(job, upstream, path)
        if job.approval:
            yield from self._approval(job.approval, path)
        if job.build and not (job.build.steps or job.build.image):
            yield self._say("SLW202", "a build has steps, an image, or both", (*path, "build"), key=True)
        yield from self._complaints(containers.complaints(job), path)
        if job.provision:
            yield from self._provision(job.provision, (*path, "provision"))
        if job.uses:
            yield from self._uses(name, job, path)

    def _provision(self, block: model.Provision, path: reader.Path) -> Iterator[Problem]:
        """Problems of the cluster's file are told in that file; one that cannot be read, here."""
        for problem in provisioning.problems(block, self.source.file, self.read_file):
            if problem.file == self.source.file:
                yield self._say("SLW601", problem.message, (*path, "file"), token=block.file)
            else:
                yield problem
        texts = {key: value for key, value in block.with_.items() if isinstance(value, str)}
        yield from self._texts(texts, (*path, "with"), {key: kind for key, kind in self.outer.items() if key != "run"})

    def _expressions(self, name: str, job: model.Job) -> Iterator[Problem]:
        path = ("jobs", name)
        inside = scope.of_job(job, self.jobs, self.outer)
        if isinstance(job.when, str) and job.when:
            # a condition is asked once per job, before a matrix or list is spread, except for its cells' own words
            yield from self._expression(expressions.bare(job.when), (*path, "when"), inside, "bool", job.when)
        if job.for_each:
            outer = {key: kind for key, kind in inside.items() if key != "item"}
            yield from self._expression(
                expressions.bare(job.for_each), (*path, "for-each"), outer, "list", job.for_each
            )
        yield from self._texts(job.env, (*path, "env"), inside)
        yield from self._env_names(job.env, (*path, "env"))
        kind = scope.kind_of(job)
        if kind in ("run", "build", "test"):
            below = (*path, "run") if kind == "run" else (*path, kind, "steps")
            for index, step in enumerate(_steps(job)):
                yield from self._texts(step.env, (*self._item(below, index), "env"), inside)
        if job.build and job.build.image:
            image_path = (*path, "build", "image")
            yield from self._texts({"tag": job.build.image.tag}, image_path, inside)
            yield from self._texts(job.build.image.build_args, (*image_path, "build-args"), inside)
        if job.container:
            yield from self._container(job.container, (*path, "container"), inside)
        if job.scan:
            yield from self._texts({"image": job.scan.image}, (*path, "scan"), inside)
        if job.deploy:
            yield from self._texts(
                {"version": job.deploy.version, "image": job.deploy.image}, (*path, "deploy"), inside
            )
        if job.volume:
            yield from self._texts({"cluster": job.volume.cluster}, (*path, "volume"), inside)
        if job.provision:
            yield from self._texts({"name": job.provision.name}, (*path, "provision"), inside)
        if job.approval:
            yield from self._texts({"message": job.approval.message}, (*path, "approval"), inside)
        if job.gate and job.gate.block:
            text = expressions.bare(job.gate.block)
            finding = {"finding": scope.FINDING}
            yield from self._expression(text, (*path, "gate", "block"), finding, "bool", job.gate.block)
        yield from self._group(job.concurrency, path, inside)
        yield from self._caches(job, path, inside)
        yield from self._texts({k: v for k, v in job.with_.items() if isinstance(v, str)}, (*path, "with"), self.outer)

    def _container(
        self, container: ContainerBlock, path: reader.Path, inside: Mapping[str, checking.Type]
    ) -> Iterator[Problem]:
        short = self.source.root.at(path).entries is None
        yield from self._texts(
            {str(path[-1]) if short else "image": container.image}, path[:-1] if short else path, inside
        )
        if container.cluster:
            yield from self._texts({"cluster": container.cluster}, path, inside)
        for name, service in container.services.items():
            below = (*path, "services", name)
            yield from self._texts({"image": service.image}, below, inside)
            yield from self._texts(service.env, (*below, "env"), inside)

    def _scripts(self, job: model.Job, path: reader.Path) -> Iterator[Problem]:
        below = (*path, "run") if job.run is not None else (*path, scope.kind_of(job), "steps")
        for index, step in enumerate(_steps(job)):
            where = self._item(below, index)
            if "${{" in step.run:
                yield self._say(
                    "SLW405",
                    "an expression inside a script: its value would be run as code",
                    where,
                    token=step.run[step.run.index("${{") :][:40],
                    hint="put it into env, and use the variable in the script: env: {NAME: ${{ … }}}",
                )
            if not step.run.strip():
                yield self._say("SLW203", "the script is empty", where)
            yield from self._env_names(step.env, (*where, "env"))

    def _secrets(self, job: model.Job, path: reader.Path) -> Iterator[Problem]:
        known = self.document.secrets if isinstance(self.document, model.Pipeline) else None
        for index, name in enumerate(job.secrets):
            if known is not None and name not in known:
                yield self._unknown("SLW307", "secret", name, known, (*path, "secrets", index))

    def _artifact(self, reference: str, upstream: set[str], path: reader.Path) -> Iterator[Problem]:
        job, _, name = reference.partition(".")
        if job not in self.jobs:
            yield self._unknown("SLW301", "job", job, self.jobs, path)
        elif not self.jobs[job].uses and name not in self.jobs[job].artifacts.out:
            yield self._unknown("SLW304", f"artifact of '{job}'", name, self.jobs[job].artifacts.out, path)
        elif job not in upstream:
            yield self._say("SLW306", f"'{job}' is not among the needs, so it may not have run", path, token=reference)

    def _gate(self, gate: model.Gate, upstream: set[str], path: reader.Path) -> Iterator[Problem]:
        scans = [name for name in upstream if name in self.jobs and (self.jobs[name].scan or self.jobs[name].uses)]
        for index, name in enumerate(gate.scans):
            where = (*path, "gate", "scans", index)
            if name not in self.jobs:
                yield self._unknown("SLW301", "job", name, self.jobs, where)
            elif name not in scans:
                yield self._say("SLW305", f"'{name}' is no scan that this gate needs", where, token=name)
        if not scans:
            hint = "add a scan job to its needs; a gate without evidence stays closed"
            yield self._say("SLW305", "no scan is among the needs of this gate", (*path, "gate"), hint=hint, key=True)

    def _deploy(self, job: model.Job, upstream: set[str], path: reader.Path) -> Iterator[Problem]:
        assert job.deploy is not None
        if job.deploy.strategy not in STRATEGIES:
            yield self._unknown("SLW701", "strategy", job.deploy.strategy, STRATEGIES, (*path, "deploy", "strategy"))
        else:
            yield from self._complaints(releasing.complaints(job.deploy), (*path, "deploy"))
        if not job.environment:
            yield self._say("SLW202", "a deploy job has an environment", path, key=True)
        if job.deploy.artifact:
            yield from self._artifact(job.deploy.artifact, upstream, (*path, "deploy", "artifact"))

    def _approval(self, approval: model.Approval, path: reader.Path) -> Iterator[Problem]:
        names = len(approval.users)
        if not (approval.groups or approval.roles) and names and approval.quorum > names:
            message = f"{approval.quorum} approvals are wanted, and {names} users may decide"
            yield self._say("SLW203", message, (*path, "approval", "quorum"), token=str(approval.quorum))
        for reminder in approval.reminders:
            if reminder >= approval.expires:
                yield self._say("SLW203", "a reminder comes after the expiry", (*path, "approval", "reminders"))

    def _uses(self, name: str, job: model.Job, path: reader.Path) -> Iterator[Problem]:
        where = (*path, "uses")
        try:
            target = resolve(self.source.file, job.uses)
            data = self.read_file(target) if target and target not in self.chain else None
        except SluicewayError as wrong:
            code = wrong.code if isinstance(wrong, DefinitionError) else "SLW604"
            yield self._say(code, wrong.what, where, token=job.uses, hint=wrong.fix or wrong.why)
            return
        if target is None:
            yield self._say("SLW601", "the path leaves the repository", where, token=job.uses)
            return
        if target in self.chain:
            circle = " -> ".join([*self.chain[self.chain.index(target) :], target])
            yield self._say("SLW603", f"uses go in a circle: {circle}", where, token=job.uses)
            return
        if data is None:
            yield self._say("SLW601", f"there is no file '{target}'", where, token=job.uses)
            return
        used, problems = reader.parse(data, target)
        yield from problems
        if used is None:
            return
        if not isinstance(used.document, model.Component):
            yield self._say("SLW601", f"'{target}' is a {used.document.kind}, no Component", where, token=job.uses)  # type: ignore[attr-defined]
            return
        given = {key: value for key, value in job.with_.items() if not (isinstance(value, str) and "${{" in value)}
        dynamic = set(job.with_) - set(given)
        declared = {key: value for key, value in used.document.inputs.items() if key not in dynamic}
        for complaint in params.resolve(declared, given, "input")[1]:
            yield self._say("SLW602", complaint, (*path, "with") if job.with_ else where, key=True)
        yield from _Jobs(used, self.read_file, (*self.chain, target)).problems()


def _steps(job: model.Job) -> list[model.StepBlock]:
    if job.run is not None:
        return job.run
    if job.build is not None:
        return job.build.steps
    return job.test.steps if job.test is not None else []
