"""An analysis that knows an earlier one says what an analysis from the start says, and does less."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.scans.dataflow import project as parsing
from domain.scans.dataflow.analyse import analyse
from domain.scans.dataflow.circles import circles_of
from domain.scans.dataflow.keeping import kept, known_from
from tests.support.profile import times

NAMES = ("web", "db", "text", "pkg/__init__", "pkg/deep")
IMPORTS = (
    "from db import run",
    "from text import run",
    "import db",
    "from pkg import run",
    "from pkg.deep import run",
    "from .deep import run",
    "from db import *",
    "import pkg.deep as db",
    "import web",
    "from web import *",
    "from web import value",
    "from db import value",
    "from text import value",
)
PARTS = (
    "def run(q):\n    cursor.execute(q)\n",
    "def run(q):\n    return q\n",
    "def run(q):\n    return 'constant'\n",
    "def run(q):\n    return db.run(q)\n",
    "def view():\n    run(request.args['q'])\n",
    "def view():\n    cursor.execute('select ' + run(request.args['q']))\n",
    "class Repo:\n    def find(self, q):\n        return run(q)\n",
    "def view():\n    Repo().find(request.args['q'])\n",
    "value = run('x')\n",
    "value = 'x'\n",
    "def fixed():\n    cursor.execute(value)\n@app.get('/')\ndef view():\n    cursor.execute('select ' + value)\n",
    "@run\ndef view():\n    db.run(request.args['q'])\n",
    "# a comment\n\n",
    "def broken(:\n",
)
MODULES = st.tuples(st.lists(st.sampled_from(IMPORTS), max_size=3), st.lists(st.sampled_from(PARTS), max_size=4))
PROJECTS = st.dictionaries(st.sampled_from(NAMES), MODULES, min_size=1, max_size=5)
HEAD = (
    "from flask import Flask, request\napp = Flask(__name__)\nimport sqlite3\ncursor = sqlite3.connect('x').cursor()\n"
)


def texts(project):
    return {
        f"{name}.py": HEAD + "\n".join(imports) + "\n" + "\n".join(parts)
        for name, (imports, parts) in sorted(project.items())
    }


@pytest.mark.system
@settings(max_examples=times(30, 150))
@given(PROJECTS, st.lists(PROJECTS, min_size=1, max_size=2))
@example(
    {"web": (["from db import run"], [PARTS[4]]), "db": ([], [PARTS[1]])},
    [{"db": ([], [PARTS[0]])}, {"db": ([], [PARTS[10], PARTS[0]])}],
)
def test_what_is_known_changes_nothing_but_the_work(first, edits):
    known = analyse(texts(first)).summaries
    now = dict(first)
    for edit in edits:
        for name, module in edit.items():
            if now.get(name) == module:
                del now[name]  # the same again is a removal: the strategies need no other edit
            else:
                now[name] = module
        incremental, whole = analyse(texts(now), known), analyse(texts(now))
        assert incremental.findings == whole.findings
        assert incremental.broken == whole.broken
        assert incremental.cleared == whole.cleared
        known = incremental.summaries


def project_of(count):
    files = {f"lib{number}.py": f"def run{number}(q):\n    return q\n" for number in range(count)}
    files["web.py"] = HEAD + "from lib1 import run1\ndef view():\n    cursor.execute(run1(request.args['q']))\n"
    return files


def test_a_change_within_a_function_parses_its_file_and_what_calls_it(monkeypatch):
    files = project_of(20)
    known = analyse(files).summaries
    parsed, real = [], parsing.parsed

    def counted(text):
        parsed.append(text)
        return real(text)

    monkeypatch.setattr(parsing, "parsed", counted)

    files["lib7.py"] = "def run7(q):\n    return q + q\n"
    assert len(analyse(files, known).findings) == 1
    assert parsed == [files["lib7.py"]]

    parsed.clear()
    files["lib1.py"] = "def run1(q):\n    return 'fine'\n"
    assert not analyse(files, known).findings
    assert set(parsed) == {files["lib1.py"], files["lib7.py"], files["web.py"]}


def test_nothing_is_parsed_where_nothing_has_changed(monkeypatch):
    files = project_of(5)
    known = analyse(files).summaries
    monkeypatch.setattr(parsing, "parsed", lambda text: 1 / 0)

    assert analyse(files, known).findings == analyse(files, known).findings


def test_lines_that_moved_have_moved_in_the_findings_of_other_files():
    files = project_of(2)
    files["lib1.py"] = "def run1(q):\n    sql = q\n    return sql\n"
    known = analyse(files).summaries
    files["lib1.py"] = "\n\n" + files["lib1.py"]
    (one,) = analyse(files, known).findings

    assert ("lib1.py", 4) in {(step.path, step.line) for step in one.trace}


@given(PROJECTS)
def test_what_is_kept_as_json_is_what_is_known(project):
    summaries = analyse(texts(project)).summaries

    assert known_from(json.loads(json.dumps(kept(summaries)))) == summaries


IMPORTING = st.dictionaries(st.sampled_from("abcdefg"), st.sets(st.sampled_from("abcdefg")), max_size=7)


@given(IMPORTING)
def test_a_circle_is_all_files_that_reach_each_other(imports):
    def reached(start):
        seen: set[str] = set()
        todo = [start]
        while todo:
            new = imports.get(todo.pop(), set()) - seen
            seen |= new
            todo += new
        return seen

    for path in imports:
        circle = {other for other in reached(path) if path in reached(other)} | {path}
        assert circles_of(imports).get(path, (path,)) == tuple(sorted(circle))


CIRCLE = {
    "a.py": f"{HEAD}from b import value\nother = 'x'\n@app.get('/')\ndef view():\n    cursor.execute(value)\n",
    "b.py": "from a import other\nvalue = other\n",
    "c.py": f"{HEAD}from b import value\n@app.get('/')\ndef view():\n    cursor.execute(value)\n",
}


def test_a_circle_means_the_same_whoever_asks_for_it_first():
    known = analyse(CIRCLE).summaries
    changed = {**CIRCLE, "c.py": CIRCLE["c.py"].replace("def view", "def seen")}

    assert analyse(changed, known) == analyse(changed)
