"""The names available in a job's expressions: types for the linter, values for a run. One list for both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.core.values import Scalar, number
from domain.jobs.result import Status
from domain.pipelines import matrix
from domain.pipelines.plan import MAX_CELLS
from domain.triggers.events import EventKind
from pipeline_defs.core.document import Parameter
from pipeline_defs.core.expression_types import OneOf, Sometimes, Type
from pipeline_defs.jobs.model import Matrix
from pipeline_defs.pipelines.job_kinds import outputs_of
from pipeline_defs.pipelines.model import Job

ENDED = OneOf(tuple(str(status) for status in Status if status not in (Status.WAITING, Status.RUNNING)))
"""How a job that another one needs can have ended."""
EVENT: dict[str, Type] = {
    "kind": OneOf(tuple(str(kind) for kind in EventKind)),
    "repo": "string",
    "commit": "string",
    "base": "string",
    "branch": "string",
    "tag": "string",
    "author": "string",
    "committer": "string",
    "actor": "string",
    "message": "string",
    "changed_files": "list",
    "compared": "bool",
}
RUN: dict[str, Type] = {"pipeline": "string", "number": "int", "attempt": "int", "id": "string"}
PARAM: dict[str, Type] = {
    "string": "string",
    "choice": "string",
    "integer": "int",
    "number": "double",
    "boolean": "bool",
}
OUTPUT: dict[str, Type] = {
    "string": "string",
    "integer": "int",
    "number": "double",
    "boolean": "bool",
    "list": "list",
    "object": "map",
}


def scope_of_run(params: Mapping[str, Parameter], inputs: Mapping[str, Parameter] | None) -> dict[str, Type]:
    """Names available to every job of a document; `inputs`: a component's, None for a pipeline."""
    scope: dict[str, Type] = {"event": EVENT, "run": RUN, "params": _parameters(params)}
    if inputs is not None:
        scope["inputs"] = _parameters(inputs)
    return scope


def scope_before_run(scope: Mapping[str, Type]) -> dict[str, Type]:
    """The part that is known when the plan is made."""
    return {name: kind for name, kind in scope.items() if name != "run"}


def _parameters(declared: Mapping[str, Parameter]) -> dict[str, Type]:
    return {
        name: OneOf(tuple(parameter.choices)) if parameter.type == "choice" else PARAM[parameter.type]
        for name, parameter in declared.items()
    }


def scope_of_job(job: Job, jobs: Mapping[str, Job], outer: Mapping[str, Type]) -> dict[str, Type]:
    """Additional names available when the job starts."""
    scope = dict(outer)
    scope["needs"] = {need: _need(jobs[need]) for need in job.needs if need in jobs}
    if job.matrix is not None:
        scope["matrix"] = _matrix(job.matrix)
    if job.for_each:
        scope["item"] = "dyn"
    return scope


def _matrix(block: Matrix) -> dict[str, Type]:
    """Axis to type; an axis that some cells do not have may be missing."""
    axes = dict.fromkeys([*block.axes, *(key for entry in block.include for key in entry)])
    types: dict[str, Type] = {}
    cells = matrix.cells(block.axes, block.include, block.exclude) if _few(block) else []
    for axis in axes:
        kind = _axis([*block.axes.get(axis, []), *(entry[axis] for entry in block.include if axis in entry)])
        without = sum(axis not in cell for cell in cells)
        why = f"{without} of {number(len(cells), 'cell')} have no matrix.{axis}, and their jobs would fail"
        types[axis] = Sometimes(kind, why) if without else kind
    return types


def _few(block: Matrix) -> bool:
    return matrix.count(block.axes, block.include) <= MAX_CELLS


def _axis(values: Sequence[Scalar]) -> Type:
    kinds = {_type_of(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else "dyn"


def _type_of(value: Scalar) -> str:
    for kind, name in ((bool, "bool"), (int, "int"), (float, "double")):  # bool is a subclass of int
        if isinstance(value, kind):
            return name
    return "string"


def _need(job: Job) -> Type:
    if job.uses:
        return {"result": ENDED, "outputs": {"*": "dyn"}, "cells": "map"}
    many = job.matrix is not None or bool(job.for_each) or bool(job.deploy and job.deploy.services)
    outputs: dict[str, Type] = {name: "list" if many else OUTPUT[kind] for name, kind in outputs_of(job).items()}
    return {"result": ENDED, "outputs": outputs, "cells": "map"}
