"""A document of a stranger gives values or defaults, and never an error."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.core.documents import Node

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@given(values, st.lists(st.text(max_size=3), max_size=4))
def test_a_document_of_any_shape_is_read_without_an_error(document, path):
    node = Node(document).at(*path)
    assert isinstance(node.text(), str)
    assert isinstance(node.number(), float)
    assert isinstance(node.whole(), int)
    assert [each.first().text() for each in node] == [each.first().text() for each in node]
    assert all(isinstance(name, str) for name, _ in node.fields())
    assert all(isinstance(one, str) for one in node.texts())
    assert all(isinstance(one, str) for one in node.strings().values())


def test_what_stands_in_a_document_is_read_as_it_is():
    pod = Node(
        {"metadata": {"name": "web"}, "status": {"conditions": [{"type": "Ready", "status": "True"}], "restarts": 3}}
    )
    assert pod.at("metadata", "name").text() == "web"
    assert [one["type"].text() for one in pod.at("status", "conditions")] == ["Ready"]
    assert pod.at("status", "conditions").first()["status"].text() == "True"
    assert pod["metadata"].strings() == {"name": "web"}
    assert pod.at("status", "restarts").whole() == 3
    assert pod.at("status", "restarts").number() == 3.0


def test_another_type_counts_as_missing():
    assert Node({"a": "text"}).at("a", "b").text("default") == "default"
    assert Node(True).whole(7) == 7
    assert Node(float("nan")).number(7) == 7
    assert list(Node({"a": 1})) == []
