"""The table of namespaces says for each pair what every pair of their pods says."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.inventory.matrix import MOST_NAMESPACES, OUTSIDE, closed, ends_of, matrix
from domain.inventory.model import ObjectRow
from domain.inventory.reach import Answer, policy_of, reaches
from tests.domain.inventory.test_reach import LABELS, POLICIES

NEAR: dict[str, Any] = {"types": ["Ingress"], "ingress": [{"peers": [{"of": "pods"}]}]}


def _row(kind: str, name: str, namespace: str = "", **details: Any) -> ObjectRow:
    return ObjectRow(cluster="c", kind=kind, namespace=namespace, name=name, details=details)


SPACES = [_row("Namespace", "a", labels={"team": "one"}), _row("Namespace", "b", labels={"team": "two"})]


@given(st.lists(POLICIES, max_size=3), st.lists(st.tuples(st.sampled_from("ab"), LABELS), max_size=5))
def test_a_cell_says_what_all_pairs_of_pods_say(said: list[dict[str, Any]], pods: list[tuple[str, dict[str, str]]]):
    policies = [policy_of(_row("NetworkPolicy", f"p{at}", **one)) for at, one in enumerate(said)]
    ends = ends_of(SPACES, pods)
    found = matrix(ends, policies)
    for source in ("a", "b"):
        for target in ("a", "b"):
            slow = {reaches(policies, one, other).answer for one in ends[source] for other in ends[target]}
            at = found.names.index(source), found.names.index(target)
            assert found.cells[at[0]][at[1]].answer == (slow.pop() if len(slow) == 1 else Answer.SOME)


def test_a_tenant_that_is_isolated_is_reached_by_itself_alone():
    policies = [policy_of(_row("NetworkPolicy", "tenant", "b", **NEAR))]
    found = matrix(ends_of(SPACES, []), policies, first="a")
    assert found.names == ("a", "b", OUTSIDE)
    assert [[cell.answer.value for cell in row] for row in found.cells] == [
        ["all", "none", "all"],
        ["all", "all", "all"],
        ["all", "none", "all"],
    ]
    assert found.cells[0][1].by == ("b/tenant",)


def test_a_table_has_30_namespaces_and_says_how_many_it_has_not():
    spaces = [_row("Namespace", f"n{at:02}") for at in range(100)]
    found = matrix(ends_of(spaces, []), [policy_of(_row("NetworkPolicy", "tenant", "n99", **NEAR))])
    assert (len(found.names), found.names[0], found.rest) == (MOST_NAMESPACES + 1, "n99", 70)


def test_a_namespace_is_closed_where_a_policy_is_about_all_of_its_pods():
    some = policy_of(_row("NetworkPolicy", "p", "a", selector={"labels": {"app": "x"}}, types=["Ingress"]))
    ends = ends_of(SPACES, [("a", {"app": "x"})])
    assert (closed(ends["a"], [some]), closed(ends["b"], [some])) == (Answer.ALL, Answer.NONE)
    more = ends_of(SPACES, [("a", {"app": one}) for one in "xy"])
    assert closed(more["a"], [some]) is Answer.SOME
