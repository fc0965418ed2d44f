"""Concurrency groups, priorities and tenants in a definition: what is wrong is told before, what is right is planned."""

import pytest

from domain.core.errors import DefinitionError
from domain.queues.queue import ConcurrencyPolicy, Mode, Order
from domain.triggers.events import Event, EventKind
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\n"
JOBS = "jobs:\n  a:\n    run: x\n"
BAD = {
    "a mode that is none": ("concurrency: {group: g, mode: wait}", 4, "SLW2"),
    "a limit of nothing": ("concurrency: {group: g, limit: 0}", 4, "SLW2"),
    "a group without a name": ("concurrency: {limit: 2}", 4, "SLW2"),
    "a name that nobody knows": ('concurrency: "${{ event.brunch }}"', 4, "SLW4"),
    "a name of the run before there is one": ("concurrency: {group: '${{ run.number }}'}", 4, "SLW4"),
    "a priority beyond the last": ("priority: 9", 4, "SLW2"),
    "a priority that is a text": ('priority: "${{ event.branch }}"', 4, "SLW404"),
    "a tenant with a space": ("tenant: The Team", 4, "SLW2"),
}


CACHES = {
    "a path outside": ("cache: {key: k, paths: [a, ../b]}", "SLW203"),
    "an absolute path": ("cache: {key: k, paths: /etc}", "SLW203"),
    "nothing to keep": ("cache: {key: k, paths: []}", "SLW2"),
    "a word that nobody knows": ("cache: [{key: '${{ matrix.os }}', paths: a}]", "SLW4"),
    "a fallback that nobody knows": ("cache: {key: k, paths: a, fallbacks: ['x', '${{ params.y }}']}", "SLW4"),
}


@pytest.mark.parametrize("name", CACHES)
def test_mistakes_in_caches_are_told_at_their_line(name):
    line, code = CACHES[name]
    problems = check((HEAD + JOBS + f"    {line}\n").encode(), "p.yaml", lambda _: None).diagnostics
    assert [(p.line, p.code[: len(code)]) for p in problems] == [(7, code)]


def test_only_jobs_with_steps_have_caches() -> None:
    text = "jobs:\n  a:\n    approval: {users: [x]}\n    cache: {key: k, paths: a}\n"
    problems = check((HEAD + text).encode(), "p.yaml", lambda _: None).diagnostics
    assert [p.code for p in problems] == ["SLW702"]


@pytest.mark.parametrize("name", BAD)
def test_each_mistake_is_told_at_its_line(name):
    line, where, code = BAD[name]
    problems = check((HEAD + line + "\n" + JOBS).encode(), "p.yaml", lambda _: None).diagnostics

    assert [(p.line, p.code[: len(code)]) for p in problems] == [(where, code)]


def planned(text: str, **event):
    fields = {"kind": EventKind.PUSH, "branch": "main", **event}
    return compile_plan(check((HEAD + text).encode(), "p.yaml", lambda _: None), Event(**fields))


def test_the_group_of_a_run_has_its_name_when_it_is_planned_and_that_of_a_job_when_it_begins() -> None:
    made = planned(
        "priority: 2\nconcurrency: {group: 'on ${{ event.branch }}', limit: 3, mode: reject, order: lifo}\n"
        "jobs:\n  a:\n    run: x\n    matrix: {axes: {n: [1]}}\n    concurrency: 'no ${{ matrix.n }}'\n"
    )
    assert made.concurrency == ConcurrencyPolicy("on main", 3, Mode.REJECT, Order.LIFO, 2, owner=" web")
    assert made.jobs[0].concurrency == ConcurrencyPolicy("no ${{ matrix.n }}", priority=2, owner=" web")


def test_a_priority_or_a_name_that_comes_out_wrong_is_told_before_the_run() -> None:
    with pytest.raises(DefinitionError, match="from 1 to 5"):
        planned('priority: "${{ size(event.branch) }}"\n' + JOBS, branch="a-long-name")
    with pytest.raises(DefinitionError, match="empty"):
        planned('concurrency: "${{ event.tag }}"\n' + JOBS)
    with pytest.raises(DefinitionError, match="201 characters"):
        planned('concurrency: "${{ event.branch }}"\n' + JOBS, branch="x" * 201)
