"""How the graph of a run names its boxes, and where they lead."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.client.ports.runs import JobRow
from workers.console.run_graph import anchor, clipped, graph_of


def job(id_: str, *needs: str, status: str = "passed", has_log: bool = False) -> JobRow:
    return JobRow(id=id_, kind="run", stage="test", status=status, needs=needs, has_log=has_log)


def test_a_box_leads_to_its_log_or_to_its_row():
    graph = graph_of([job("build", has_log=True), job("gate", "build")], "run/web-shop/7")
    assert [box.href for box in graph.boxes] == ["/runs/web-shop/7/log/build", "#job-gate"]


def test_the_last_attempt_of_a_job_is_its_box():
    graph = graph_of([job("build", status="failed"), job("build", status="passed")])
    assert [box.status for box in graph.boxes] == ["passed"]


def test_a_folded_box_shows_the_worst_of_its_jobs_and_counts_all():
    cells = [job(f"t[{at}]", status="failed" if at == 9 else "passed") for at in range(200)]
    (box,) = graph_of(cells).boxes
    assert (box.label, box.status, box.counts) == ("t", "failed", {"passed": 199, "failed": 1})


def test_a_job_that_became_several_is_those():
    graph = graph_of([job("each"), job("each[0]"), job("each[1]"), job("after", "each")])
    assert [box.label for box in graph.boxes] == ["each[0]", "each[1]", "after"]
    assert len(graph.arrows) == 2


@given(st.lists(st.text(max_size=12), max_size=8, unique=True))
def test_rows_of_different_jobs_have_different_anchors(names: list[str]):
    anchors = {anchor(name) for name in names}
    assert len(anchors) == len(names)
    assert all(one.replace(".", "-").replace("-", "").replace("_", "").isalnum() or one == "job-" for one in anchors)


@given(st.text(max_size=60), st.integers(2, 30))
def test_a_label_fits_its_box(text: str, columns: int):
    short = clipped(text, columns)
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))
    assert len(short) <= columns
