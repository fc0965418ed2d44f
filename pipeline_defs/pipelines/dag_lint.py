"""Checks the job graph: unknown needs, cycles, empty matrices, too many jobs."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from domain.core.values import Scalar
from domain.pipelines import dag, matrix
from domain.pipelines.plan import MAX_CELLS, MAX_JOBS
from pipeline_defs.core.diagnostics import Diagnostic, Path
from pipeline_defs.core.reporter import DiagnosticReporter
from pipeline_defs.core.yaml_nodes import WrittenFloat, WrittenInt
from pipeline_defs.jobs.model import Matrix
from pipeline_defs.pipelines.model import Job


def lint_dag(jobs: Mapping[str, Job], reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    """Checks the jobs of one document."""
    yield from _needs(jobs, reporter)
    yield from _cycle({name: list(job.needs) for name, job in jobs.items()}, reporter)
    total = 0
    for name, job in jobs.items():
        services = len(job.deploy.services) if job.deploy else 0
        total += matrix.count(job.matrix.axes, job.matrix.include) if job.matrix else max(services, 1)
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
        return
    made = matrix.cells(block.axes, block.include, block.exclude)
    if not made:
        yield reporter.report("SLW308", f"the matrix of '{name}' has no cells", path, key=True)
    yield from _repeated(block, path, reporter)
    yield from _rounded(path, reporter)
    yield from _excluded(block, path, reporter)
    yield from _included(block, path, reporter)


def _repeated(block: Matrix, path: Path, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    for axis, values in block.axes.items():
        seen = set()
        for index, value in enumerate(values):
            told = (type(value), value)
            if told in seen:
                where = (*path, "axes", axis, index)
                yield reporter.warning("SLW702", f"'{axis}' has this value twice; it counts once", where, str(value))
            seen.add(told)


def _excluded(block: Matrix, path: Path, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    combinations = matrix.cells(block.axes)
    for index, entry in enumerate(block.exclude):
        unknown = [axis for axis in entry if axis not in block.axes]
        for axis in unknown:
            hint = f"axes: {', '.join(block.axes) or 'none'}"
            where = (*path, "exclude", index, axis)
            yield reporter.report("SLW308", f"'{axis}' is not an axis", where, token=axis, hint=hint, key=True)
        if not unknown and not any(matrix.covers(entry, cell) for cell in combinations):
            message = f"no cell is {_said(entry)}: this excludes nothing"
            yield reporter.warning("SLW702", message, (*path, "exclude", index), hint=_hint(block, entry))


def _included(block: Matrix, path: Path, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    combinations = matrix.cells(block.axes, exclude=block.exclude)
    for index, entry in enumerate(block.include):
        where = (*path, "include", index)
        if any(len(entry) == len(cell) and matrix.covers(entry, cell) for cell in combinations):
            yield reporter.warning("SLW702", f"there is a cell {_said(entry)} already: this adds nothing", where)
        elif block.axes and not any(axis in block.axes for axis in entry):
            hint = f"axes: {', '.join(block.axes)}; an entry is a cell of its own"
            yield reporter.warning("SLW702", "this cell has a value of no axis", where, hint=hint)
        elif any(matrix.covers({k: v for k, v in entry.items() if k in block.axes}, cell) for cell in combinations):
            hint = "an entry does not add to the cells that it matches; write every axis of the new cell"
            yield reporter.warning("SLW702", f"this is a cell beside those that are {_said(entry)}", where, hint=hint)


def _said(entry: Mapping[str, Scalar]) -> str:
    return matrix.keys([entry])[0]


def _hint(block: Matrix, entry: Mapping[str, Scalar]) -> str:
    """The value that only looks the same: a text beside a number."""
    for axis, value in entry.items():
        for other in block.axes[axis]:
            if str(other).lower() == str(value).lower() and type(other) is not type(value):
                return f"{axis} has the {_kind(other)} {other}, and not the {_kind(value)}"
    return ""


def _kind(value: Scalar) -> str:
    return "text" if isinstance(value, str) else "truth value" if isinstance(value, bool) else "number"


def _rounded(path: Path, reporter: DiagnosticReporter) -> Iterator[Diagnostic]:
    axes = reporter.source.root.at((*path, "axes"))
    for name, axis in (axes.entries or {}).items():
        for index, node in enumerate(axis.items or []):
            if isinstance(node.value, WrittenFloat | WrittenInt) and str(node.value) != node.value.written:
                written = node.value.written
                hint = f"quote it: '{written}'"
                where = (*path, "axes", name, index)
                message = f"as a number this would be {node.value}; it is taken as the text '{written}'"
                yield reporter.warning("SLW203", message, where, written, hint)
