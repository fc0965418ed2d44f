"""The values that a job's expressions see in a run, and a job with its expressions evaluated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from domain.jobs import result as results
from domain.jobs.result import JobResult, Status
from domain.pipelines import matrix
from domain.pipelines.held_expressions import HOLD_EXPRESSIONS
from domain.pipelines.job import Job
from pipeline_defs.core import expressions

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value: TypeAlias = "str | float | bool | Sequence[Value] | Mapping[str, Value] | None"
"""Evaluates an expression in a context."""


class ExpressionContext:
    """Groups and results of a run, as conditions and texts reference them."""

    def __init__(self, base: Mapping[str, Value]) -> None:
        self._base = base
        self._cells: dict[str, list[str]] = {}
        self._jobs: dict[str, Job] = {}
        self._keys: dict[str, Mapping[str, str]] = {}
        self.results: dict[str, JobResult] = {}

    def add(self, job: Job) -> None:
        """Adds a job of the plan, or an item of a for-each job."""
        self._cells.setdefault(job.group, []).append(job.id)
        self._jobs[job.id] = job
        self._keys.pop(job.group, None)

    def remove(self, job: Job) -> None:
        """Removes a for-each job, which its items replace."""
        self._cells[job.group].remove(job.id)
        self._keys.pop(job.group, None)

    def context(self, job: Job, statuses: Mapping[str, Status], item: Value = None) -> dict[str, Value]:
        """The context of one job's expressions. `statuses`: of the groups that it needs."""
        names = job.needs_as or {need: (need,) for need in job.needs}
        needs = {name: self._need(groups, statuses) for name, groups in names.items()}
        for need in job.needs:  # needs that a component inherits have no name inside it, and still count
            if not any(need in groups for groups in names.values()):
                needs[need] = self._need((need,), statuses)
        return {**self._base, "needs": needs, "matrix": job.matrix, "inputs": job.inputs, "item": item}

    def _need(self, groups: tuple[str, ...], statuses: Mapping[str, Status]) -> Value:
        result = results.worst([statuses[group] for group in groups if group in statuses])
        cells = [cell for group in groups for cell in self._cells.get(group, [])]
        known = [(cell, self.results[cell]) for cell in cells if cell in self.results]
        many = len(groups) == 1 and any("[" in cell for cell in cells)
        outputs: dict[str, Value] = {}
        lists: dict[str, list[Value]] = {}
        for _, ended in known:
            for name, value in ended.outputs.items():
                if many:
                    lists.setdefault(name, []).append(value)
                else:
                    outputs[name] = value
        by_key: dict[str, Value] = {}
        cell_keys = {cell: key for group in groups for cell, key in self._keys_of(group).items()}
        for cell, ended in known:
            if key := cell_keys.get(cell, ""):  # jobs of a component may have the same axes
                by_key[cell if key in by_key else key] = {"result": str(ended.status), "outputs": ended.outputs}
        return {"result": str(result), "outputs": {**outputs, **lists}, "cells": by_key}

    def _keys_of(self, group: str) -> Mapping[str, str]:
        """Cell or item of a group to its key in `needs.GROUP.cells`."""
        if group not in self._keys:
            many = [cell for cell in self._cells.get(group, []) if "[" in cell]
            told = matrix.keys([self._jobs[cell].matrix for cell in many])
            items = [cell.partition("[")[2].removesuffix("]") for cell in many]
            self._keys[group] = {
                cell: key if self._jobs[cell].matrix else item
                for cell, key, item in zip(many, told, items, strict=True)
            }
        return self._keys[group]

    def artifacts(self, references: tuple[str, ...]) -> dict[str, str]:
        """`job.name` (or `job[cell].name`) to digest, for every cell that has the artifact."""
        found: dict[str, str] = {}
        for reference in references:
            group, _, name = reference.partition(".")
            for cell in self._cells.get(group, []):
                ended = self.results.get(cell)
                if ended and name in ended.artifacts:
                    found[f"{cell}.{name}"] = ended.artifacts[name]
        return found

    def cells(self, group: str) -> list[str]:
        """Ids of the group's jobs, in the order of adding; empty for an unknown group."""
        return self._cells.get(group, [])


def filled(job: Job, context: Mapping[str, Value]) -> Job:
    """The job with every `${{ … }}` evaluated.

    Raises:
        ExpressionError: an expression cannot be evaluated.
    """
    return _spec(job, context)


Part: TypeAlias = "str | float | bool | Mapping[str, Part] | tuple[Part, ...] | DataclassInstance | None"
T = TypeVar("T", bound="DataclassInstance")


def _spec(part: T, context: Mapping[str, Value]) -> T:
    names = HOLD_EXPRESSIONS.get(type(part), ())
    return replace(part, **{name: _filled(getattr(part, name), context) for name in names}) if names else part


def _filled(part: Part, context: Mapping[str, Value]) -> Part:
    if isinstance(part, str):
        return expressions.fill(part, context)
    if isinstance(part, Mapping):
        return {key: _filled(value, context) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(_filled(one, context) for one in part)
    return part if part is None or isinstance(part, bool | int | float) else _spec(part, context)
