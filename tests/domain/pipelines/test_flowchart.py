"""A plan drawn as a flowchart says what the plan says, and no name can break out of it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from domain.pipelines.flowchart import flowchart
from domain.pipelines.job import Job, JobKind
from domain.pipelines.plan import Plan


def job(name, **more):
    return Job(**{"id": name, "kind": JobKind.RUN, "group": name, "stage": "one"} | more)


def test_jobs_their_stages_needs_and_kinds_are_drawn() -> None:
    jobs = (job("build"), job("ship", kind=JobKind.DEPLOY, stage="two", needs=("build",), environment="production"))
    text = flowchart(Plan("p", jobs, params={}, stages=("one", "two"), fail_fast=False))

    assert text.startswith("flowchart LR\n")
    assert 'subgraph s0["one"]' in text
    assert 'subgraph s1["two"]' in text
    assert 'j1[["ship<br/>deploy to production"]]' in text
    assert "j0 --> j1" in text


def test_a_matrix_is_one_node_and_what_is_skipped_is_dashed() -> None:
    cells = tuple(job(f"t[py={n}]", group="t", skip="no push") for n in range(3))
    text = flowchart(Plan("p", (*cells, job("z", needs=("t",))), params={}, stages=("one",), fail_fast=False))

    assert 'j0["t, 3 cells<br/>run"]' in text
    assert "class j0 skipped" in text
    assert text.count("-->") == 1


@given(st.text(max_size=30))
def test_no_text_ends_its_label(text):
    made = flowchart(Plan("p", (job("a", stage=text),), params={}, stages=(text,), fail_fast=False))
    label = re.search(r"subgraph s0\[(.*)\]\n", made)

    assert label
    assert re.fullmatch(r'"[^"<>`\n]*"', label[1])
