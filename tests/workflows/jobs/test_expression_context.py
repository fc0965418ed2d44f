"""A job's expressions are replaced by their values in the parts that may hold them, and in no other."""

import json
from dataclasses import fields

import pytest

from domain.jobs.result import JobResult, Status
from domain.pipelines import matrix
from domain.pipelines.cache import CacheSpec
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.held_expressions import HOLD_EXPRESSIONS
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from domain.queues.queue import ConcurrencyPolicy
from domain.releases.deploy_spec import DeploySpec
from pipeline_defs.core import expressions
from workflows.jobs.expression_context import ExpressionContext, filled

TEXT = "x-${{ params.of }}"


def test_what_a_job_says_in_its_parts_and_in_lists_of_them_is_filled() -> None:
    job = Job(
        "a",
        JobKind.RUN,
        env={"A": TEXT},
        steps=(Step("true", env={"B": TEXT}), Step("true")),
        container=ContainerSpec(TEXT, services=(ServiceSpec("db", TEXT, env={"C": TEXT}),)),
        concurrency=ConcurrencyPolicy(group=TEXT),
        caches=(CacheSpec(TEXT, ("p",), fallbacks=(TEXT, "y")),),
    )
    ready = filled(job, {"params": {"of": 3}})
    assert ready == Job(
        "a",
        JobKind.RUN,
        env={"A": "x-3"},
        steps=(Step("true", env={"B": "x-3"}), Step("true")),
        container=ContainerSpec("x-3", services=(ServiceSpec("db", "x-3", env={"C": "x-3"}),)),
        concurrency=ConcurrencyPolicy(group="x-3"),
        caches=(CacheSpec("x-3", ("p",), fallbacks=("x-3", "y")),),
    )


def test_commands_and_conditions_are_taken_as_they_are_written() -> None:
    job = Job("a", JobKind.DEPLOY, when=TEXT, steps=(Step(TEXT, name=TEXT),), deploy=DeploySpec(command=(TEXT,)))
    assert filled(job, {"params": {"of": 3}}) == job


@pytest.mark.parametrize("part", HOLD_EXPRESSIONS, ids=lambda part: part.__name__)
def test_parts_that_may_hold_expressions_exist(part: type):
    assert set(HOLD_EXPRESSIONS[part]) <= {field.name for field in fields(part)}


def test_results_of_cells_are_found_by_their_values_as_they_are() -> None:
    cells = matrix.cells({"v": ["[x]", "a/b", 1, "1"]})
    values = ExpressionContext({})
    for id_, cell in zip(matrix.ids("t", cells), cells, strict=True):
        values.add(Job(id_, JobKind.RUN, "t", matrix=cell))
        values.results[id_] = JobResult(Status.PASSED)
    seen = values.context(Job("c", JobKind.RUN, needs=("t",)), {"t": Status.PASSED})

    assert expressions.evaluate("needs.t.cells['v=[x]'].result", seen) == "passed"
    told = expressions.evaluate("json(needs.t.cells.map(key, key))", seen)
    assert sorted(json.loads(str(told))) == ['v="1"', "v=1", "v=[x]", "v=a/b"]
