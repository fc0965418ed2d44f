"""Small programs that would keep an analysis busy for minutes: what a step costs is bounded, whatever was built."""

import sys
from unittest.mock import Mock, patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.scans.dataflow import meter, project
from domain.scans.dataflow.analyse import analyse
from tests.support.profile import times

HEAD = "import os\nfrom flask import request\n\n\ndef view():\n    q = request.args['q']\n"
STEPS = 4_000
MOST_CALLS = 300
"""Calls of Python per step, at most."""


def program(body, before="", last="os.system(q)"):
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    return f"{before}\n{HEAD}{lines}\n    {last}\n"


def calls_of(text):
    """How many functions of Python and C an analysis calls, and what it says; it ends where they are far too many."""
    number, most = 0, 3 * MOST_CALLS * (STEPS + len(text.splitlines()))

    def count(frame, event, arg):
        nonlocal number
        number += event in ("call", "c_call")
        assert number < most, text

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        found = analyse({"app.py": text})
    finally:
        sys.setprofile(before)
    return number, found


ROW = ", ".join(["q"] * 150)
GROWING = {
    "tuples in tuples": "t = (q, 'a')\n" + "t = (t, t)\n" * 40,
    "a tuple to itself": "t = (q,)\n" + "t = t + t\n" * 40,
    "a list to itself": "t = [q]\n" + "t = t + t\nt.extend(t)\n" * 40,
    "stars": "t = [q]\n" + "t = [*t, *t]\n" * 40,
    "zips": "t = [q]\n" + "t = zip(t, t, t)\n" * 40,
    "dicts in dicts": "d = {'a': q}\n" + "d = {**d, 'x': d, 'y': d}\nd['z'] = d\n" * 40,
    "wide lists": f"a = [{ROW}]\nb = [{ROW.replace('q', 'a')}]\nc = [{ROW.replace('q', 'b')}]\n" + "f(c)\n" * 40,
    "numbers and texts": "a = 10 ** 10 ** 10\nb = 'a' * 10 ** 9\nc = [0] * 10 ** 9\nd = '{0}' * 3000\nd.format('a' * 9999)",
    "loops in loops": "\n".join("  " * depth + "for x in y():" for depth in range(15)) + "\n" + "  " * 15 + "q += 'a'",
    "closures": "g = lambda x: x\n" + "g = (lambda h: (lambda x: h(h(x))))(g)\n" * 20 + "g(q)",
    "choices": f"x = '{''.join(map(chr, range(0x4E00, 0x6E00)))}'\n" + "for y in x: z = y\n" * 20,
    "facts": "".join(f"a{i} = request.args['{i}']\nif a{i} not in ('x', 'y'): return\n" for i in range(60)),
    "one of many": "a = [q]\n"
    + "".join(f"b{i} = [q]\na = a if z() else b{i}\n" for i in range(30))
    + "a.x(a[a[a]])\n" * 9,
    "sinks": "os.system('ls')\n" * 400,
}


@pytest.mark.parametrize("what", GROWING)
def test_a_step_costs_the_same_whatever_was_put_together(what, monkeypatch):
    monkeypatch.setattr(meter, "MAX_STEPS", STEPS)
    calls, found = calls_of(program(GROWING[what]))

    assert calls < MOST_CALLS * (STEPS + len(program(GROWING[what]).splitlines()))
    assert found.cut or "dataflow-command-injection" in {one.rule for one in found.findings}


NAMES = st.sampled_from("abcd")
PARTS = st.sampled_from(
    (
        *("{0} = ({1}, {2})", "{0} = [{1}, {2}]", "{0} = {1} + {2}", "{0} = {{'k': {1}, **{2}}}", "{0} = [*{1}, *{2}]"),
        *("{0}.append({1})", "{0}[{1}] = {2}", "{0}.k = {1}", "{0} = {1} if {2} else {0}", "{0} = dict({1}, k={2})"),
        *("{0} = {1} * 9", "{0} = lambda x: {1}({2}(x))", "{0} = zip({1}, {2})", "{0} = f'{{{1}}}{{{2}}}'"),
        *(
            "for {0} in {1}: {2} = ({2}, {0})",
            "while {0}: {1} = [{1}, {2}]",
            "{0} = {1}(*{2}, **{2})",
            "{0} = f({1}, {2})",
        ),
        *("{0} = '{{0}}'.format({1}, {2})", "if {0} == {1}: {2} = {2} + {2}", "{0} = ''.join({1})", "{0}.update({1})"),
    )
)
LINES = st.lists(st.tuples(PARTS, NAMES, NAMES, NAMES), min_size=1, max_size=8)


@given(LINES, st.integers(1, 40))
@settings(max_examples=times(8, 25), deadline=None)
def test_no_program_costs_more_than_its_steps(lines, times):
    body = "\n".join(part.format(*names) for part, *names in lines)
    text = program("a = b = c = d = q\n" + f"{body}\n" * times, "def f(x, y):\n    return (x, y) if x else f(y, x)\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meter, "MAX_STEPS", STEPS)
        calls, found = calls_of(text)

    assert calls < MOST_CALLS * (found.steps + len(text.splitlines()) + 200)


def test_what_a_project_may_cost_is_bounded_too_and_what_is_left_is_named(monkeypatch):
    monkeypatch.setattr(meter, "MAX_TOTAL", 2_000)
    busy = "".join(f"\ndef v{i}():\n    q = request.args['a']\n" + "    q = f(q)\n" * 200 for i in range(20))
    found = analyse({"app.py": f"from flask import request\n{busy}"})

    assert "app.py: v19" in found.cut
    assert "app.py: v0" not in found.cut
    assert found.steps < 4_000


def test_what_a_stranger_has_reached_is_told_from_what_nobody_has(monkeypatch):
    monkeypatch.setattr(meter, "MAX_STEPS", 500)
    busy = "    a = [1]\n" + "    a = [*a, *a]\n" * 200
    found = analyse(
        {
            "web.py": program(busy.replace("    ", "")),
            "tool.py": f"import os, sys\ndef main():\n    os.system(sys.argv[1])\n{busy}",
        }
    )

    assert {path: one.urgent for path, one in found.summaries.items()} == {"web.py": ("view",), "tool.py": ()}
    assert found.cut == ("tool.py: main", "web.py: view")


DEEP = "".join(f"def f{i}(x):\n    return f{i + 1}(x)\n" for i in range(40)) + "def f40(x):\n    os.system(x)\n"


def test_calls_too_deep_to_follow_are_named():
    found = analyse({"app.py": program("f0(q)", DEEP, "pass")})

    assert found.cut == ("app.py: view",)


def test_an_expression_too_deep_to_follow_is_named():
    found = analyse({"app.py": program("", last="print(" * 180 + "os.system(q)" + ")" * 180)})

    assert found.cut == ("app.py: view",)


def test_of_very_many_objects_each_is_still_seen():
    many = "a = ['x']\n" + "".join(f"b{i} = [q if {i} == 29 else 'x']\na = a if z() else b{i}\n" for i in range(30))

    assert [one.rule for one in analyse({"app.py": program(many, last="os.system(a[0])")}).findings]


def test_more_functions_than_are_told_apart_are_named():
    many = "".join(f"def f{i}(x):\n    return os.system(x) if {i} == 29 else x\n" for i in range(30))
    table = "f = {" + ", ".join(f"'{i}': f{i}" for i in range(30)) + "}[z()]"

    assert analyse({"app.py": program(table, many, "f(q)")}).cut == ("app.py: view",)


def test_bodies_of_classes_count_as_well(monkeypatch):
    monkeypatch.setattr(meter, "MAX_TOTAL", 2_000)
    busy = "".join(f"class C{i}:\n" + "    x = f('a')\n" * 200 + "\n" for i in range(40))
    names = ", ".join(f"C{i}.x" for i in range(40))
    found = analyse({"app.py": f"{busy}{HEAD}    os.system(q, {names})\n"})

    assert found.steps < 6_000
    assert "app.py: the module's body" in found.cut


def test_many_statements_in_one_line_are_read_once():
    with patch.object(project, "_WORD", Mock(wraps=project._WORD)) as words:
        analyse({"app.py": f"{'x = 1;' * 200}\n{HEAD}    os.system(q)\n"})

    assert words.findall.call_count < 20
