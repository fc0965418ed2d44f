"""Whatever the source says, the analysis ends, and what does not matter changes nothing."""

import ast
import random
import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.scans.dataflow import meter
from domain.scans.dataflow.analyse import analyse
from tests.corpus import twins
from tests.support.profile import times

CASES = [case for case in twins.cases("open") if case.real][::7]
LIBRARY = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))[::16]
some_case = st.sampled_from(CASES)


def sources(case: twins.Case) -> dict[str, str]:
    return {path.relative_to(twins.ROOT / case.half).as_posix(): path.read_text() for path in twins.files(case)}


def said(files: dict[str, str]) -> list[str]:
    """Rules, with the path of each; lines move."""
    return sorted(f"{one.path} {one.rule}" for one in analyse(files).findings)


class Renamed(ast.NodeTransformer):
    """Local variables get other names."""

    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(f"{node.id}_other", node.ctx) if node.id in self.names else node


def locals_of(tree: ast.Module) -> set[str]:
    """Names that are only ever assigned in functions, and neither parameters nor attributes."""
    inside = {
        name.id
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        for one in ast.walk(function)
        if isinstance(one, ast.Assign)
        for name in one.targets
        if isinstance(name, ast.Name)
    }
    secrets = {"token", "nonce", "secret", "salt", "password", "session", "pin", "key", "cookie", "otp"}
    parameters = {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    return {one for one in inside - parameters if not any(word in one for word in secrets)}


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.place)
def test_new_names_of_variables_change_no_finding(case):
    files = sources(case)
    renamed = {}
    for path, text in files.items():
        tree = ast.parse(text)
        renamed[path] = ast.unparse(ast.fix_missing_locations(Renamed(locals_of(tree)).visit(tree)))

    assert said(renamed) == said(files)


@given(some_case, st.integers(0, 99))
@settings(max_examples=times(8, 25), deadline=None)
def test_the_order_of_functions_changes_no_finding(case, seed):
    files = sources(case)
    moved = {}
    for path, text in files.items():
        tree = ast.parse(text)
        functions = [one for one in tree.body if isinstance(one, ast.FunctionDef) and not one.decorator_list]
        others = [one for one in tree.body if one not in functions]
        random.Random(seed).shuffle(functions)
        at = next((i for i, one in enumerate(others) if isinstance(one, (ast.FunctionDef, ast.ClassDef))), len(others))
        tree.body = [*others[:at], *functions, *others[at:]]
        moved[path] = ast.unparse(tree)

    assert said(moved) == said(files)


@given(some_case)
@settings(max_examples=times(6, 15), deadline=None)
def test_code_that_is_never_run_changes_no_finding(case):
    files = sources(case)
    dead = "\n\nif False:\n    import os\n    os.system(input())\n\n\ndef nobody_calls_it(a, b):\n    return a + b\n"

    assert said({path: text + dead for path, text in files.items()}) == said(files)


@given(some_case, st.data())
@settings(max_examples=times(12, 40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_mutilated_program_is_analysed_or_named_as_broken(case, data):
    files = sources(case)
    path = data.draw(st.sampled_from(sorted(files)))
    lines = files[path].split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at, other = data.draw(st.integers(0, len(lines) - 1)), data.draw(st.integers(0, len(lines) - 1))
        lines[at] = data.draw(st.sampled_from([lines[other], "", lines[at] * 2, "x = x(x)[x].x", "return q", "("]))
    found = analyse({**files, path: "\n".join(lines)})

    assert set(found.summaries) == set(files)


@pytest.mark.parametrize("path", LIBRARY, ids=lambda one: one.stem)
def test_files_of_the_standard_library_are_analysed(path):
    found = analyse({path.name: path.read_text()})

    assert not found.broken


HOSTILE = {
    "deep brackets": "x = " + "(" * 5_000 + ")" * 5_000,
    "deep calls": "x = " + "f(" * 900 + "1" + ")" * 900,
    "long sum": "x = " + " + ".join(["'a'"] * 20_000),
    "deep attributes": "x = a" + ".b" * 20_000,
    "recursion": "def f(x):\n    return f(f(x))\nf(input())",
    "mutual recursion": "def f(x):\n    return g(x) + g(x)\ndef g(x):\n    return f(x) + f(x)\nf(input())",
    "own base": "class A(A):\n    pass\nA().x(input())",
    "bases in a circle": "class A(B):\n    pass\nclass B(A):\n    pass\nA().x(input())",
    "import of itself": "from app import *\nimport app\napp.x(input())",
    "big numbers": "x = 9 ** 9 ** 9 ** 9\ny = 1 << 99999999999\nz = 'a' * 10 ** 12\nw = '%99999999999d' % 1",
    "big list": f"x = [{', '.join(map(str, range(20_000)))}]\nfor i in x:\n    x.append(i)",
    "doubling": "x = input()\n" + "x = [x, x]\n" * 200 + "eval(x)",
    "growing text": "x = 'a'\nwhile True:\n    x = x + x\n",
    "null": "x = 1\0",
    "surrogate": "x = '\\ud800'\nx.encode()\neval(input())",
    "many branches": "x = input()\n"
    + "if y():\n    x = x + 'a'\nelse:\n    x = x + 'b'\n" * 1
    + "if z():\n    x = 'c'\n" * 500,
    "no module": "from . import a\nfrom .. import b\nfrom ... import c",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_sources_end_soon_and_are_named_when_they_are_not_parsed(what):
    found = analyse({"app.py": HOSTILE[what], "other.py": "import os\nos.system(input())\n"})

    assert "dataflow-command-injection" in {one.rule for one in found.findings}, "the other files are looked at"


def test_a_function_that_takes_too_many_steps_is_named_and_those_after_it_are_entered(monkeypatch) -> None:
    monkeypatch.setattr(meter, "MAX_STEPS", 10_000)
    long = "\n".join(["    f(" + "'a', " * 200 + ")"] * 100)
    text = f"""
import os
from flask.views import MethodView

def heavy():
    x = input()
{long}

class View(MethodView):
    def get(self, q):
        os.system(q)
"""
    found = analyse({"app.py": text})

    assert found.cut == ("app.py: heavy",)
    assert [one.rule for one in found.findings] == ["dataflow-command-injection"]


@given(some_case, st.data())
@settings(max_examples=times(8, 20), deadline=None)
def test_an_analysis_that_knows_an_earlier_one_says_the_same(case, data):
    files = sources(case)
    before = analyse(files, {})
    path = data.draw(st.sampled_from(sorted(files)))
    changed = {**files, path: files[path].replace("request.", "nobody.", 1) + "\nimport os\n"}

    assert analyse(changed, before.summaries).findings == analyse(changed).findings
    assert analyse(files, before.summaries) == before
