"""Checks the job graph: unknown needs, cycles, empty matrices, too many jobs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from domain.pipelines import dag, matrix
from domain.pipelines.plan import MAX_CELLS, MAX_JOBS
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.core.yaml_nodes import WrittenFloat
from pipeline_defs.jobs.model import Matrix
from pipeline_defs.pipelines.model import Job


def lint_dag(jobs: Mapping[str, Job], reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """Checks the jobs of one document."""
    yield from _needs(jobs, reporter)
    yield from _cycle({name: list(job.needs) for name, job in jobs.items()}, reporter)
    total = 0
    for name, job in jobs.items():
        total += matrix.count(job.matrix.axes, job.matrix.include) if job.matrix else 1
        if job.matrix:
            yield from _matrix(name, job.matrix, reporter)
    if total > MAX_JOBS:
        yield reporter.report("SLW303", f"{total:,} jobs, but at most {MAX_JOBS:,} are allowed", ("jobs",), key=True)


def _needs(jobs: Mapping[str, Job], reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    for name, job in jobs.items():
        for index, need in enumerate(job.needs):
            if need not in jobs:
                yield reporter.unknown("SLW301", "job", need, jobs, _need_path(name, index, reporter))


def _cycle(needs: Mapping[str, list[str]], reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    cycle = dag.cycle(needs)
    if not cycle:
        return
    edges = []
    for name, need in itertools.pairwise(cycle):
        node = reporter.source.root.at(_need_path(name, needs[name].index(need), reporter))
        edges.append(f"{name} needs {need} (line {node.line})")
    path = _need_path(cycle[0], needs[cycle[0]].index(cycle[1]), reporter)
    yield reporter.report("SLW302", f"dependency cycle: {' -> '.join(cycle)}", path, hint=", ".join(edges))


def _need_path(job: str, index: int, reporter: DiagnosticReporter) -> Path:
    return reporter.item(("jobs", job, "needs"), index)


def _matrix(name: str, block: Matrix, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    path = ("jobs", name, "matrix")
    cells = matrix.count(block.axes, block.include)
    if cells > MAX_CELLS:
        message = f"the matrix of '{name}' has {cells:,} cells, but at most {MAX_CELLS:,} are allowed"
        yield reporter.report("SLW303", message, path, key=True)
    elif not matrix.cells(block.axes, block.include, block.exclude):
        yield reporter.report("SLW308", f"the matrix of '{name}' has no cells", path, key=True)
    yield from _rounded(path, reporter)
    for index, entry in enumerate(block.exclude):
        for axis in entry:
            if axis not in block.axes:
                hint = f"axes: {', '.join(block.axes) or 'none'}"
                where = (*path, "exclude", index, axis)
                yield reporter.report("SLW308", f"'{axis}' is not an axis", where, token=axis, hint=hint, key=True)


def _rounded(path: Path, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    axes = reporter.source.root.at((*path, "axes"))
    for name, axis in (axes.entries or {}).items():
        for index, node in enumerate(axis.items or []):
            if isinstance(node.value, WrittenFloat) and str(node.value) != node.value.written:
                written = node.value.written
                hint = f"quote it to keep it as it is: '{written}'"
                where = (*path, "axes", name, index)
                yield reporter.warning("SLW203", f"{written} is the number {node.value}", where, written, hint)
