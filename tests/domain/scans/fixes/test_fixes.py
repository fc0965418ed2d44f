"""Fixes mend what a finding points at, and nothing else."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.findings.model import Finding, FindingKind, Severity
from domain.scans.fixes.patch import unified
from domain.scans.fixes.rewriting import fixed


def finding(cwe: int, line: int = 2) -> Finding:
    return Finding(
        tool="t",
        rule="r",
        kind=FindingKind.SAST,
        severity=Severity.HIGH,
        message="",
        cwe=f"CWE-{cwe}",
        line=line,
        path="a.py",
    )


def after(cwe: int, head: str, line: str) -> str:
    """What becomes of the second line of a file."""
    made = fixed(f"{head}\n{line}\n", [finding(cwe)])
    ast.parse(made.text)
    return made.text.split("\n")[1]


FIXED_LINES = [
    (502, "import yaml", "x = yaml.load(text, Loader=yaml.Loader)", "x = yaml.safe_load(text)"),
    (502, "import yaml as y", "x = y.load(text)  # why", "x = y.safe_load(text)  # why"),
    (502, "import yaml", "x = yaml.unsafe_load_all(text)", "x = yaml.safe_load_all(text)"),
    (502, "import yaml", "x = yaml.load(text, yaml.UnsafeLoader)", "x = yaml.safe_load(text)"),
    (328, "import hashlib", "etag = hashlib.md5(body)", "etag = hashlib.md5(body, usedforsecurity=False)"),
    (328, "import hashlib as h", "shard = h.new('md5', k,)", "shard = h.new('md5', k, usedforsecurity=False,)"),
    (327, "import hashlib", "cache_key = hashlib.sha1()", "cache_key = hashlib.sha1(usedforsecurity=False)"),
    (78, "import subprocess", "subprocess.run('git pull', shell=True)", 'subprocess.run(["git", "pull"])'),
    (
        *(78, "import subprocess", "subprocess.run(f'ls -l /srv/{name} {other}', shell=True, check=True)"),
        'subprocess.run(["ls", "-l", f"/srv/{name}", f"{other}"], check=True)',
    ),
    (78, "from subprocess import run", "run('git pull', shell=True)", 'run(["git", "pull"])'),
    (
        89,
        "import sqlite3",
        "db.execute(f\"select a from t where b = '{x}'\")",
        'db.execute("select a from t where b = ?", (x,))',
    ),
    (
        89,
        "import psycopg2",
        "c.execute('select a from t where b = %s' % x)",
        'c.execute("select a from t where b = %s", (x,))',
    ),
    (
        *(89, "import pymysql", "c.execute('select a from t where b like \"%%x\" and c = {}'.format(x))"),
        "c.execute('select a from t where b like \"%%%%x\" and c = %s', (x,))",
    ),
    (
        *(89, "import sqlite3", 'db.execute("select a from t where b like \'%" + x + "%\' and c = " + y)'),
        "db.execute(\"select a from t where b like ? and c = ?\", (f'%{x}%', y))",
    ),
    (
        *(89, "import sqlite3", "db.execute(\"insert into t values ('%s', %d)\" % (a, b))"),
        'db.execute("insert into t values (?, ?)", (a, b))',
    ),
    (  # a number stays one: some databases compare no number with a text
        *(89, "import sqlite3", 'db.execute("select a from t where b = " + str(x) + " and c = \'" + str(y) + "\'")'),
        'db.execute("select a from t where b = ? and c = ?", (x, str(y)))',
    ),
    (614, "", "r.set_cookie('a', v)", "r.set_cookie('a', v, secure=True, httponly=True, samesite=\"Lax\")"),
    (
        *(614, "", "r.set_cookie('a', v, secure=False, samesite='Strict')"),
        "r.set_cookie('a', v, secure=True, samesite='Strict', httponly=True)",
    ),
    (614, "", "r.set_cookie('csrftoken', v)", "r.set_cookie('csrftoken', v, secure=True, samesite=\"Lax\")"),
]
LEFT = [
    (502, "import yaml", "x = yaml.load(text, Loader=ours)"),
    (502, "from yaml import load", "x = load(text)"),
    (502, "import yaml", "x = yaml.load(text, *more)"),
    (328, "import hashlib", "password = hashlib.md5(text)"),
    (328, "import hashlib", "digest = hashlib.md5(text)"),
    (328, "import hashlib", "cache_of_passwords = hashlib.md5(text)"),
    (328, "import hashlib", "etag = hashlib.md5(*parts)"),
    (78, "import subprocess", "subprocess.run('ls | wc', shell=True)"),
    (78, "import subprocess", "subprocess.run('cd /tmp', shell=True)"),
    (78, "import subprocess", "subprocess.run('A=1 make', shell=True)"),
    (78, "import subprocess", "subprocess.run(line, shell=True)"),
    (78, "import subprocess", "subprocess.run(f'{program} -v', shell=True)"),
    (78, "import subprocess", "subprocess.run('git pull', shell=flag)"),
    (89, "import sqlite3", "db.execute(f'select a from {table}')"),
    (89, "import sqlite3", "db.execute(f'select {column} from t')"),
    (89, "import sqlite3", "db.execute(f'select a from t where b = {x!r}')"),
    (89, "import sqlite3", "db.execute(f'select a from t where b = {x}', more)"),
    (89, "import sqlite3, psycopg2", "db.execute(f'select a from t where b = {x}')"),
    (89, "import unknown", "db.execute(f'select a from t where b = {x}')"),
    (89, "import sqlite3", "db.execute(query)"),
    (614, "", "r.set_cookie('a', v, **flags)"),
    (614, "", "r.set_cookie('a', v, 10, None, '/', None, False)"),
    (22, "", "open(name)"),
]


@pytest.mark.parametrize(("cwe", "head", "line", "expected"), FIXED_LINES)
def test_what_is_mechanical_is_fixed(cwe, head, line, expected):
    assert after(cwe, head, line) == expected


@pytest.mark.parametrize(("cwe", "head", "line"), LEFT)
def test_what_needs_a_person_is_left_as_it_is(cwe, head, line):
    assert after(cwe, head, line) == line


@pytest.mark.parametrize(("cwe", "head", "line", "expected"), FIXED_LINES)
def test_a_fix_is_not_fixed_again(cwe, head, line, expected):
    assert after(cwe, head, expected) == expected


def test_a_finding_without_a_fix_says_what_a_person_may_do():
    (left,) = fixed("import hashlib\npassword = hashlib.md5(text)\n", [finding(328)]).left

    assert "sha256" in left[1]


def test_only_what_a_finding_points_at_is_changed():
    text = "import yaml\nx = yaml.load(a)\ny = yaml.load(b)\n"

    assert fixed(text, [finding(502, 3)]).text == "import yaml\nx = yaml.load(a)\ny = yaml.safe_load(b)\n"


def test_two_tools_that_point_at_one_call_fix_it_once():
    made = fixed("import yaml\nx = yaml.load(a)\n", [finding(502), finding(502)])

    assert made.text == "import yaml\nx = yaml.safe_load(a)\n"
    assert len(made.done) == 2


@given(st.text(max_size=200), st.sampled_from([502, 328, 78, 89, 614]), st.integers(0, 9))
def test_no_text_breaks_it(text, cwe, line):
    made = fixed(text, [finding(cwe, line)])

    assert made.text == text or ast.parse(made.text)


layouts = st.sampled_from(
    ["{}", "é = '日本', {}", "if x:\n    {}", "f(1, {},\n  2)", "{}  # ü weak, (really)", "[\n{}\n]"]
)
comments = st.sampled_from(["# before ü", "", "'''a\ntext'''", "x = 1\r\n", "\tif_ = 1".strip()])


@given(st.sampled_from(FIXED_LINES), layouts, comments, comments)
def test_only_the_lines_of_the_call_change_and_the_result_parses(fixed_line, layout, before, behind):
    cwe, head, line, _ = fixed_line
    call = line.partition("  #")[0].removeprefix("x = ").removeprefix("etag = ").removeprefix("shard = ")
    text = f"{head}\n{before}\ndef cache():\n" + "".join(f"    {each}\n" for each in layout.format(call).split("\n"))
    text += f"    pass\n{behind}\n"
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    number = next(at for at, each in enumerate(text.split("\n"), 1) if call in each)
    made = fixed(text, [finding(cwe, number)])
    old, new = text.split("\n"), made.text.split("\n")

    assert len(ast.parse(made.text).body) == len(tree.body)
    assert [each for at, each in enumerate(old, 1) if at != number] == [
        each for at, each in enumerate(new, 1) if at != number
    ]
    assert fixed(made.text, [finding(cwe, number)]).text == made.text


@given(st.text(alphabet="ab\n\r ü", max_size=40), st.text(alphabet="ab\n\r ü", max_size=40))
def test_a_patch_is_empty_only_without_a_difference(before, after):
    assert (unified("a.py", before, after) == "") == (before == after)
