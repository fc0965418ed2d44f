"""Expressions: both libraries agree, conditions explain themselves, texts are filled."""

import re
from pathlib import Path

import celpy
import pytest
from celpy.adapter import json_to_cel
from hypothesis import given
from hypothesis import strategies as st

from domain.core.interpolation import interpolations
from domain.core.values import Context, Json
from pipeline_defs.core import cel_syntax, expression_types, expressions
from pipeline_defs.core.expression_types import OneOf, Type
from pipeline_defs.core.expressions import ExpressionError, condition, conjuncts, evaluate, fill, value_of

CONTEXT: dict[str, dict[str, Json]] = {
    "params": {"n": 3, "who": "x", "on": True},
    "event": {"branch": "main", "changed_files": ["src/a.py"], "tag": ""},
    "needs": {"build": {"result": "passed", "outputs": {"v": "1"}, "cells": {}}},
}
EXAMPLES = Path(__file__).parents[3] / "pipeline_defs" / "examples"


def in_examples():
    texts = [path.read_text() for path in EXAMPLES.rglob("*.yaml")]
    found = {text for one in texts for text in [each.expression for each in interpolations(one)]}
    found |= {expressions.bare(m) for one in texts for m in re.findall(r"^\s+when: (.+)$", one, re.M)}
    return sorted(found)


@pytest.mark.parametrize("text", in_examples())
def test_every_expression_of_the_examples_is_parsed_by_both_libraries(text):
    celpy.Environment().compile(text)
    expressions._compiled(text)


numbers = st.integers(-20, 20).map(str)
comparisons = st.builds("({} {} {})".format, numbers, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), numbers)
booleans = st.recursive(
    comparisons | st.sampled_from(["true", "false", "params.on", "(params.who == 'x')", "('main' in [event.branch])"]),
    lambda e: st.builds("({} && {})".format, e, e) | st.builds("({} || {})".format, e, e) | e.map("!{}".format),
    max_leaves=6,
)


@given(booleans)
def test_both_libraries_give_the_same_value(text):
    environment = celpy.Environment()
    slow = environment.program(environment.compile(text)).evaluate(
        {k: json_to_cel(dict(v)) for k, v in CONTEXT.items()}
    )

    assert evaluate(text, CONTEXT) == bool(slow)


@given(st.lists(st.sampled_from(["a == 'x && y'", "f(b && c)", "d", "!(e || f)"]), min_size=1, max_size=5))
def test_conjuncts_are_cut_only_on_the_outermost_level(parts):
    assert conjuncts(" && ".join(parts)) == parts


def test_a_false_condition_names_the_part_that_was_false() -> None:
    assert condition("params.on && params.n > 5 && true", CONTEXT) == (False, "params.n > 5 is false")


def test_a_condition_asks_that_needs_passed_unless_it_asks_for_their_state_itself() -> None:
    failed: Context = {**CONTEXT, "needs": {"build": {"result": "failed", "outputs": {}, "cells": {}}}}

    assert condition("true", failed) == (False, "needs build, which is failed")
    assert condition("failure()", failed) == (True, "")
    assert condition("always() && params.on", failed) == (True, "")
    assert condition("success()", failed) == (False, "success() is false")


def test_booleans_become_texts_and_back() -> None:
    assert evaluate("string(params.on) == 'true' && bool('true') && !bool('false') && bool(params.on)", CONTEXT) is True


def test_files_are_matched_by_pattern() -> None:
    assert evaluate("changed('src/**')", CONTEXT) is True
    assert evaluate("changed('docs/**')", CONTEXT) is False


@pytest.mark.parametrize("text", ["nope", "params.x", "1 / 0", "'a' + 1", "params.n.x", "==", "f(1)"])
def test_what_cannot_be_evaluated_is_an_error_with_the_expression_in_it(text):
    with pytest.raises(ExpressionError, match=re.escape(text)):
        evaluate(text, CONTEXT)


def test_texts_are_filled_and_types_kept_where_the_text_is_one_expression() -> None:
    assert fill("v${{ needs.build.outputs.v }}-${{ params.n }} ${{ params.on }}", CONTEXT) == "v1-3 true"
    assert value_of("${{ params.n }}", CONTEXT) == 3
    assert fill("${{ event.changed_files }}", CONTEXT) == '["src/a.py"]'


@given(st.text())
def test_a_text_without_an_expression_stays_as_it_is(text):
    if "${{" not in text:
        assert fill(text, CONTEXT) == text


WORDS = st.sampled_from(
    [
        "a",
        "b.c",
        "a.package",
        "1",
        "1.5",
        "2u",
        "0x1F",
        "'x'",
        "r'\\d'",
        "true",
        "null",
        "package",
        "f(",
        "x.all(i,i)",
        "({'a':1,})",
        "-",
        "!",
        "+",
        "*",
        "<",
        "==",
        "in",
        "&&",
        "||",
        "?",
        ":",
        "(",
        ")",
        "[",
        "]",
        ",",
        ".",
    ]
)


@given(st.lists(WORDS, min_size=1, max_size=9).map(" ".join))
def test_an_expression_is_checked_exactly_if_it_can_be_evaluated(text):
    assert parses(lambda: cel_syntax.parse(text)) == parses(lambda: expressions._compiled(text))


def parses(parse):
    try:
        parse()
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "text", ["(" * 5_000, "[" * 5_000, "!" * 5_000 + "a", "a" + " + a" * 5_000, "a" + ".b" * 5_000]
)
def test_an_expression_that_is_nested_too_deeply_is_a_syntax_error(text):
    with pytest.raises(cel_syntax.CelSyntaxError):
        cel_syntax.parse(text)


@pytest.mark.parametrize(
    ("text", "scope", "expected", "said"),
    [
        ("n > 'x'", {"n": "int"}, "bool", "comparing int with string is never true"),
        ("n + 1", {"n": "int"}, "bool", "expected bool, got int"),
        ("o.title", {"o": {"name": "string"}}, "string", "unknown name 'title'"),
        ("o['name'] > 1", {"o": {"name": "string"}}, "bool", "comparing string with int is never true"),
        ("l.all(i, i > 1) && n", {"l": "list", "n": "int"}, "bool", "expected bool, got int"),
        ("size(l, l)", {"l": "list"}, "int", "size() takes 1 argument, got 2"),
        ("n ? 1 : 2", {"n": "int"}, "int", "expected bool, got int"),
        ("!n", {"n": "int"}, "bool", "expected bool, got int"),
        ("l + true", {"l": "list"}, "list", "operator '+' cannot be used with list and bool"),
        ("1 in n", {"n": "int"}, "bool", "'in' needs a list or a map, got int"),
        ("n.x", {"n": "int"}, "dyn", "int has no fields"),
        ("{'a': nope}", {}, "map", "unknown name 'nope'"),
        ("o['nam'] == 'x'", {"o": {"name": "string"}}, "bool", "unknown name 'nam'"),
        (
            "r == 'failure'",
            {"r": OneOf(("passed", "failed"))},
            "bool",
            "it is never 'failure': it is one of passed, failed",
        ),
        (
            "'pased' != r",
            {"r": OneOf(("passed", "failed"))},
            "bool",
            "it is never 'pased': it is one of passed, failed",
        ),
        ("l['x'] == 1", {"l": "list"}, "bool", "the index of a list is an int, got string"),
        ("n[0] == 1", {"n": "int"}, "bool", "int has no elements"),
        ("size(n) > 1", {"n": "int"}, "bool", "size() needs list or map or string, got int"),
        ("int(b) > 1", {"b": "bool"}, "bool", "int() needs double or int or string, got bool"),
        ("bool(n)", {"n": "int"}, "bool", "bool() needs bool or string, got int"),
        ("changed(n)", {"n": "int"}, "bool", "changed() needs string, got int"),
        ("s.contains(n)", {"s": "string", "n": "int"}, "bool", "contains() needs string, got int"),
        ("l.matches('x')", {"l": "list"}, "bool", "matches() needs string, got list"),
        ("s.all(c, true)", {"s": "string"}, "bool", "all() needs list or map, got string"),
    ],
)
def test_what_does_not_fit_is_named(text, scope, expected, said):
    assert [one.message for one in expression_types.check(text, scope, expected)] == [said]


@pytest.mark.parametrize(
    "text", ["n - 1 > 0", "-n < 2", "l.map(i, i + 1)", "has(o.nope)", "o[k]", "n in [1, 2,]", "b ? 1 : 2"]
)
def test_what_fits_has_no_violation(text):
    scope: dict[str, Type] = {"n": "int", "l": "list", "o": {"name": "string"}, "k": "string", "b": "bool"}

    assert expression_types.check(text, scope) == []
