"""A document of a stranger gives values or defaults, and never an error."""

from __future__ import annotations

import contextlib
import re

import pytest
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
    assert all(isinstance(each.first().text(), str) for each in node)
    assert all(isinstance(name, str) for name, _ in node.fields())
    assert all(isinstance(one, str) for one in node.texts())
    assert all(isinstance(one, str) for one in node.strings().values())


def test_what_stands_in_a_document_is_read_as_it_is() -> None:
    pod = Node(
        {"metadata": {"name": "web"}, "status": {"conditions": [{"type": "Ready", "status": "True"}], "restarts": 3}}
    )
    assert pod.at("metadata", "name").text() == "web"
    assert [one["type"].text() for one in pod.at("status", "conditions")] == ["Ready"]
    assert pod.at("status", "conditions").first()["status"].text() == "True"
    assert pod["metadata"].strings() == {"name": "web"}
    assert pod.at("status", "restarts").whole() == 3
    assert pod.at("status", "restarts").number() == 3.0
    assert pod.at("status", "restarts").number_or_none() == 3.0
    assert pod.at("status", "ended").number_or_none() is None


def test_what_must_be_there_is_read_or_refused_by_its_name() -> None:
    report = Node({"results": [{"line": 3, "score": 0.5}], "tool": {"name": "x"}, "none": None})
    assert [one.need_whole("line") for one in report.need_list("results")] == [3]
    assert report.need("results").first().need_number("score") == 0.5
    assert report.need_text("tool", "name") == "x"
    assert report.need_object("tool") == {"name": "x"}
    assert report.need("none").value is None


@pytest.mark.parametrize(
    ("read", "why"),
    [
        (lambda node: node.need_list("results"), "'results' is missing"),
        (lambda node: node.need("text", "deeper"), "'deeper' is missing: around it is a text instead of an object"),
        (lambda node: node.need_list("none"), "'none' is null instead of a list"),
        (lambda node: node.need_text("inner", "flag"), "'inner.flag' is a boolean instead of a text"),
        (lambda node: node.need_whole("inner", "flag"), "'inner.flag' is a boolean instead of a whole number"),
        (lambda node: node.need_whole("half"), "'half' is a number instead of a whole number"),
        (lambda node: node.need_number("text"), "'text' is a text instead of a number"),
        (lambda node: node.need_object("list"), "'list' is a list instead of an object"),
        (lambda node: node.need_list(), "it is an object instead of a list"),
    ],
)
def test_what_must_be_there_and_is_not_is_refused_with_the_reason(read, why):
    with pytest.raises(ValueError, match=f"^{re.escape(why)}$"):
        read(Node({"none": None, "text": "x", "half": 0.5, "list": [], "inner": {"flag": True}}))


@given(values, st.lists(st.text(max_size=3), max_size=4))
def test_a_strange_document_is_refused_with_a_value_error_alone(document, path):
    node = Node(document)
    for read in (node.need_text, node.need_whole, node.need_number, node.need_list, node.need_object):
        with contextlib.suppress(ValueError):
            read(*path)


def test_another_type_counts_as_missing() -> None:
    assert Node({"a": "text"}).at("a", "b").text("default") == "default"
    assert Node(True).whole(7) == 7
    assert (Node(3.0).whole(7), Node(3.5).whole(7), Node(float("inf")).whole(7)) == (3, 7, 7)
    assert Node(float("nan")).number(7) == 7
    assert list(Node({"a": 1})) == []


def test_a_number_that_no_float_holds_is_none() -> None:
    assert Node(10**400).number(-1) == -1
