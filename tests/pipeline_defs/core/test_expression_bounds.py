"""Expressions of a stranger: whatever fails is one failed job, and nothing costs more than a moment."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.interpolation import interpolations
from domain.core.values import Json
from pipeline_defs.core import cel_cost
from pipeline_defs.core.expressions import ExpressionError, evaluate, fill, value_of

CONTEXT: dict[str, Json] = {
    "empty": [],
    "list": [1, "two", {"three": [3.5, None, True]}],
    "map": {"a": {"b": 1}},
    "text": "x",
    "number": 5,
    "nan": math.nan,
    "half": "\ud83d",
    "big": 99999999999999999999,
    "deep": {"list": [10**30, {"n": -(10**25)}]},
}


@pytest.mark.parametrize(
    "text",
    [
        *("empty[0]", "empty[-1] == 'x'", "list[99999999999]", "empty.map(x, x)[0]", "text[0]", "map[0]", "map.a.b.c"),
        *("map['missing']", "nobody", "9223372036854775807 + 1", "-(-9223372036854775807 - 1) - 1", "1 / 0", "1 % 0"),
        *("int('x')", "int('99999999999999999999')", "int(1e30)", "uint(-1)", "timestamp('x')", "duration('x')"),
        *("text + 1", "text.matches('(')", "glob(1, 2)", "1.0 / 0.0", "nan", "b'x'", "half", "json(nan)"),
        *("big + 1", "==", "'", "", "a b", "list.map(x, x / 0)", "optional.of(1)", "f(1)"),
    ],
)
def test_whatever_fails_in_an_expression_is_an_error_that_names_it(text: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        evaluate(text, CONTEXT)
    assert str(refused.value).startswith(text)
    assert "\n" not in str(refused.value)


@given(st.text("abelmt()[]{}.,'\"0159+-*/%<>=!&|? xj", max_size=30))
def test_no_text_raises_anything_else(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        evaluate(text, CONTEXT)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ big }}", 99999999999999999999),
        ("n=${{ big }}", "n=99999999999999999999"),
        ("${{ json(deep) }}", '{"list":[1000000000000000000000000000000,{"n":-10000000000000000000000000}]}'),
        ("${{ deep.list[0] }}", 10**30),
        ("${{ [big, 1].map(x, x)[0] }}", 99999999999999999999),
        ("${{ big == big ? 'same' : 'other' }}", "same"),
    ],
)
def test_integers_keep_all_their_digits(text: str, value: Json) -> None:
    assert value_of(text, CONTEXT) == value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("aé{}'"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_a_value_comes_out_as_it_went_in(value: Json) -> None:
    assert evaluate("v", {"v": value}) == value
    assert evaluate("v.w", {"v": {"w": value, "other": 1}}) == value


@pytest.mark.parametrize(
    "text",
    [
        "l.map(a, l.map(b, l.map(c, a + b + c)))",
        "l.all(a, l.exists(b, l.exists(c, c == -1)))",
        "l.map(a, l).map(b, b.map(c, c.size()))",
        "l.filter(a, l.map(b, l).size() > 0)",
        "l.map(a, text).map(b, l.map(c, b + b))",
        "l.all(a, text.matches('((a{100}){100}){10}'))",
        "[l, l, l].map(a, [a, a, a]).map(b, b.map(c, c.map(d, l)))",
        "json(l.map(a, l))",
        "l.all(a, changed('**/*.py'))",
    ],
)
def test_nested_macros_are_refused_by_their_cost_before_they_are_evaluated(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"it could take [\d,]+ steps, and at most 2,500,000 are allowed"):
        evaluate(text, {"l": list(range(1_000)), "text": "x" * 100_000, "event": {"changed_files": ["a"] * 1_000}})


def test_a_macro_over_as_many_items_as_for_each_takes_is_allowed() -> None:
    numbers: list[Json] = list(range(2_000))
    assert evaluate("l.map(x, 'v' + string(x))", {"l": numbers}) == [f"v{n}" for n in numbers]
    assert evaluate("l.filter(x, x.os == 'linux').size()", {"l": [{"os": "linux"}] * 500}) == 500


@given(json_values, st.sampled_from(["v", "[v, v]", "{'k': v}", "json(v)", "[v].map(x, x)", "true ? v : [v]"]))
def test_a_bound_is_at_least_what_a_result_weighs(value: Json, text: str) -> None:
    context = {"v": value}
    whole = f"[{text}].map(it, it)"
    assert cel_cost.bound(whole, context) >= cel_cost.measured(evaluate(whole, context)).weight


def test_braces_in_quotes_and_maps_do_not_end_an_expression() -> None:
    text = "a ${{ 'a}}b' }} b ${{ {'k': {'v': 1}} == {'k': {'v': 1}} }} c ${{ \"${{\" }}"
    assert fill(text, {}) == "a a}}b b true c ${{"


@given(st.text("${} '\"\\a", max_size=60))
def test_interpolations_are_cut_out_where_they_stand(text: str) -> None:
    end = 0
    for found in interpolations(text):
        assert found.start >= end
        assert text.startswith("${{", found.start)
        assert text.startswith(found.expression, found.offset)
        assert not found.closed or text[found.end - 2 : found.end] == "}}"
        end = found.end


@pytest.mark.parametrize("part", ["${{", "${{ '", "${{'${{\"", "${{ { ", "}}${{ \\"])
def test_a_text_of_half_a_million_characters_is_searched_once(part: str) -> None:
    text = part * (500_000 // len(part))
    assert (
        sum(1 for _ in interpolations(text)) > 0
    )  # what searched again from each of them would run into the time limit
