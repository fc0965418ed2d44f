"""Plans: matrices spread, files put in, conditions decided as far as they can be."""

import pytest

from domain.core.errors import DefinitionError
from domain.triggers.events import Event, EventKind
from pipeline_defs.core.diagnostics import InvalidDefinitionError
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import compile_plan

HEAD = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\n"


def planned(text, files=None, **event):
    fields = {"kind": EventKind.PUSH, "branch": "main", **event}
    return compile_plan(check((HEAD + text).encode(), "p.yaml", (files or {}).get), Event(**fields))


def test_jobs_come_after_what_they_need() -> None:
    made = planned("jobs:\n  c:\n    needs: [b]\n    run: x\n  b:\n    needs: [a]\n    run: x\n  a:\n    run: x\n")

    assert [job.id for job in made.jobs] == ["a", "b", "c"]


def test_a_matrix_becomes_cells_that_know_their_values() -> None:
    made = planned("jobs:\n  t:\n    run: x\n    matrix: {axes: {py: ['3.11', '3.12'], db: [1]}}\n")

    assert [(job.id, job.matrix) for job in made.jobs] == [
        ("t[py=3.11,db=1]", {"py": "3.11", "db": 1}),
        ("t[py=3.12,db=1]", {"py": "3.12", "db": 1}),
    ]


@pytest.mark.parametrize(
    ("when", "skip"),
    [
        ("event.branch == 'main'", ""),
        ("event.branch == 'x'", "event.branch == 'x' is false"),
        ("true && changed('docs/**')", "changed('docs/**') is false"),
        ("needs.a.result == 'failed'", ""),
    ],
)
def test_a_condition_on_the_event_is_decided_before_the_run_with_the_part_that_was_false(when, skip):
    made = planned(f"jobs:\n  a:\n    run: x\n  b:\n    needs: a\n    run: x\n    when: {when}\n")

    assert made.jobs[1].skip == skip


def test_a_condition_may_name_the_cell() -> None:
    made = planned("jobs:\n  t:\n    run: x\n    matrix: {axes: {os: [a, b]}}\n    when: matrix.os == 'a'\n")

    assert [bool(job.skip) for job in made.jobs] == [False, True]


def test_parameters_are_typed_and_checked() -> None:
    text = (
        "params: {n: {type: integer, default: 1}, who: {pattern: '[a-z]+', required: true}}\njobs:\n  a:\n    run: x\n"
    )

    assert planned(text, params={"n": "5", "who": "x"}).params == {"n": 5, "who": "x"}
    with pytest.raises(DefinitionError, match="'who' is required"):
        planned(text)
    with pytest.raises(DefinitionError, match="did you mean 'who'"):
        planned(text, params={"whoo": "x", "who": "x"})
    with pytest.raises(DefinitionError, match="does not match"):
        planned(text, params={"who": "X!"})


COMPONENT = b"""apiVersion: sluiceway/v1
kind: Component
name: checks
inputs: {level: {type: integer, default: 1}}
jobs:
  one:
    run: x
    artifacts: {out: {a: x}}
  two:
    needs: one
    run: x
    env: {L: "${{ inputs.level }}", R: "${{ needs.one.result }}"}
    artifacts: {in: one.a}
"""


def test_a_component_is_put_in_with_its_inputs_and_its_own_names() -> None:
    text = "jobs:\n  a:\n    run: x\n  c:\n    needs: a\n    uses: c.yaml\n    with: {level: '${{ 1 + 2 }}'}\n  z:\n    needs: c\n    run: x\n"
    made = {job.id: job for job in planned(text, {"c.yaml": COMPONENT}).jobs}

    assert list(made) == ["a", "c-one", "c-two", "z"]
    assert made["c-one"].needs == ("a",)
    assert made["c-two"].needs == ("c-one",)
    assert made["c-two"].needs_as == {"one": ("c-one",)}
    assert made["c-two"].inputs == {"level": 3}
    assert made["c-two"].artifacts_in == ("c-one.a",)
    assert made["z"].needs == ("c-one", "c-two")
    assert made["z"].needs_as == {"c": ("c-one", "c-two")}


def test_defaults_are_taken_by_jobs_that_do_not_say_otherwise() -> None:
    made = planned(
        "defaults: {retry: {attempts: 3}, env: {A: d, B: d}}\nenv: {A: p}\njobs:\n  a:\n    run: x\n    env: {B: j}\n"
        "  b:\n    run: x\n    retry: {attempts: 1}\n"
    )

    assert [job.retry.attempts for job in made.jobs] == [3, 1]
    assert made.jobs[0].env == {"A": "d", "B": "j"}


def test_an_unquoted_number_stays_as_it_was_written_in_an_environment() -> None:
    assert planned("jobs:\n  a:\n    run: x\n    env: {V: 1.10}\n").jobs[0].env == {"V": "1.10"}


def test_a_definition_with_errors_has_no_plan() -> None:
    with pytest.raises(InvalidDefinitionError, match="SLW301"):
        planned("jobs:\n  a:\n    needs: b\n    run: x\n")
