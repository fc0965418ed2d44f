"""Manifests are read as other readers of manifests read them, and nothing that they hold takes the reader along."""

import contextlib
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from activities.kubernetes.yaml_documents import MAX_DEPTH, documents

PLAIN = {
    "0644": 420,
    "0o17": 15,
    "0x1F": 31,
    "1_000": 1000,
    "-5": -5,
    "0.5": 0.5,
    "1e3": 1000.0,
    "22:22": "22:22",
    "2026-11-28": "2026-11-28",
    "=": "=",
    "yes": True,
    "off": False,
    "~": None,
    "1.2.3": "1.2.3",
    "100m": "100m",
    "0b2": "0b2",
    "08": "08",
    ".inf": ".inf",
    "+": "+",
    "'1'": "1",
    "_1": "_1",
    "9" * 65: "9" * 65,
}


def values(text):
    return [one.value for one in documents(text)]


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_value_is_what_kubernetes_takes_it_for(text):
    assert values(f"a: {text}") == [{"a": PLAIN[text]}]


def test_documents_lists_aliases_and_merges_are_objects_with_their_lines():
    text = "---\n---\na: &x {b: 1}\nc: {<<: *x, d: 2}\n---\nkind: List\nitems: [{e: 1}, {f: 2}]\n"
    assert [(one.line, one.value) for one in documents(text)] == [
        (3, {"a": {"b": 1}, "c": {"b": 1, "d": 2}}),
        (6, {"e": 1}),
        (6, {"f": 2}),
    ]


BOMB = "\n".join(["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))])


@pytest.mark.parametrize(
    "text",
    [
        "{a: 1, a: 2}",
        "a: &x [*x]",
        "a: *nothing",
        "a: !!binary aGk=",
        "a: !!python/object/apply:os.system ['true']",
        "[1]: 2",
        "a: {<<: 1}",
        "a: [",
        "\x00",
        "---\na: 1\n" * 501,
        "[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2),
        BOMB,
    ],
)
def test_what_is_no_plain_document_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        values(text)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=3))
def test_json_is_yaml_and_what_is_dumped_is_read_back(value):
    read = json.loads(json.dumps(value))
    if value.get("kind") == "List":
        return
    assert values(yaml.safe_dump(value, allow_unicode=False)) == [read]
    assert values(json.dumps(value)) == [read]


@given(st.text(max_size=60) | st.text(st.sampled_from("ab:[]{}-&*!<\n ,'0123"), max_size=60))
def test_no_text_is_an_error_of_another_kind(text):
    with contextlib.suppress(ValueError):
        json.dumps(values(text), allow_nan=False)
