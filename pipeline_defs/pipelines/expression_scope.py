"""What an expression may name in a job: the types for the linter, the values for a run. One list for both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline_defs.core.expression_types import Type
from pipeline_defs.pipelines import model

EVENT: dict[str, Type] = {
    "kind": "string",
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
}
RUN: dict[str, Type] = {"pipeline": "string", "number": "int", "attempt": "int", "id": "string"}
FINDING: dict[str, Type] = {
    "kind": "string",
    "state": "string",
    "severity": "string",
    "new": "bool",
    "rule": "string",
    "cwe": "string",
    "path": "string",
    "package": "string",
    "fix_available": "bool",
    "confidence": "string",
    "epss": "double",
    "kev": "bool",
    "age_days": "double",
    "environment": "string",
    "tools": "list",
}
"""As domain.scans.gate.seen makes it."""
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
IMPLICIT_OUTPUTS: dict[str, dict[str, str]] = {
    "build": {"image": "string", "digest": "string", "reference": "string"},
    "test": {"tests": "integer", "failed": "integer", "coverage": "number"},
    "scan": {"findings": "integer"},
    "deploy": {"address": "string", "version": "string"},
    "approval": {"approvers": "list"},
    "volume": {"phase": "string", "volume": "string", "snapshot": "string", "capacity-gb": "number"},
    "provision": {"cluster": "string", "kubeconfig": "string", "version": "string", "nodes": "integer"},
}
KINDS = ("run", "build", "test", "scan", "gate", "approval", "deploy", "provision", "volume", "uses")


def kind_of(job: model.Job) -> str:
    """The kind, or an empty text when there is none or more than one."""
    kinds = kinds_of(job)
    return kinds[0] if len(kinds) == 1 else ""


def kinds_of(job: model.Job) -> list[str]:
    return [kind for kind in KINDS if getattr(job, kind) not in (None, "")]


def static(params: Mapping[str, model.Parameter], inputs: Mapping[str, model.Parameter] | None) -> dict[str, Type]:
    """What is known before a run: for `with` and for conditions that need no run."""
    scope: dict[str, Type] = {
        "event": EVENT,
        "run": RUN,
        "params": {name: PARAM[parameter.type] for name, parameter in params.items()},
    }
    if inputs is not None:
        scope["inputs"] = {name: PARAM[parameter.type] for name, parameter in inputs.items()}
    return scope


def of_job(job: model.Job, jobs: Mapping[str, model.Job], outer: Mapping[str, Type]) -> dict[str, Type]:
    scope = dict(outer)
    scope["needs"] = {need: _need(jobs[need]) for need in job.needs if need in jobs}
    if job.matrix is not None:
        axes = {**job.matrix.axes, **{key: None for entry in job.matrix.include for key in entry}}
        scope["matrix"] = {axis: _axis(job.matrix.axes.get(axis, [])) for axis in axes}
    if job.for_each:
        scope["item"] = "dyn"
    return scope


def _axis(values: list[Any]) -> Type:
    kinds = {_scalar(value) for value in values}
    return kinds.pop() if len(kinds) == 1 else "dyn"


def _scalar(value: Any) -> str:
    for kind, name in ((bool, "bool"), (int, "int"), (float, "double"), (str, "string")):  # a bool is an int too
        if isinstance(value, kind):
            return name
    return "dyn"


def _need(job: model.Job) -> Type:
    if job.uses:
        return {"result": "string", "outputs": {"*": "dyn"}, "cells": "map"}
    declared = outputs_of(job)
    many = job.matrix is not None or bool(job.for_each)
    outputs: dict[str, Type] = {name: "list" if many else OUTPUT[kind] for name, kind in declared.items()}
    return {"result": "string", "outputs": outputs, "cells": "map"}


def outputs_of(job: model.Job) -> dict[str, str]:
    return {**IMPLICIT_OUTPUTS.get(kind_of(job), {}), **job.outputs}
