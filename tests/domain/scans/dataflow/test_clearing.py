"""What is clear at a sink refutes tools that look at single lines; what nobody knows clears nothing."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.dataflow.analyse import analyse
from domain.scans.findings.model import Cleared, Finding, FindingKind, ScanState, Severity, ToolReport, like
from domain.scans.findings.refuting import refuted, told

HEAD = """\
import sqlite3
from flask import Flask, request
app = Flask(__name__)
db = sqlite3.connect("x")
@app.get("/x")
def view():
    q = request.args.get("q", "")
"""


def clear(body: str, head: str = HEAD, **others: str) -> set[int]:
    """Lines after the head, from 1, that are clear of SQL injection."""
    text = head + "".join(f"    {line}\n" for line in dedent(body).strip().split("\n"))
    found = analyse({"a.py": text, **{f"{name}.py": other for name, other in others.items()}}).cleared
    number = head.count("\n")
    return {line - number for one in found if one.path == "a.py" and one.cwe == "CWE-89" for line in one.lines}


@pytest.mark.parametrize(
    "body",
    [
        "db.execute(f\"select '{'a'}'\")",
        "if q not in ('a', 'b'):\n    return ''\ndb.execute(f\"select '{q}'\")",
        "db.execute('select ' + str(int(q)))",
        "q = 'name'\ndb.execute('select %s' % q)",
        "x = {'a': q, 'b': 'c'}\ndb.execute('select {}'.format(x['b']))",
        "x = q if 1 > 2 else 'a'\ndb.execute(f'select {x}')",
        "x = ', '.join('?' for _ in q.split(','))\ndb.execute(f'select a where b in ({x})')",
        "w = []\nif q:\n    w.append('a = ?')\ndb.execute('select a where ' + ' and '.join(w))",
        "x = (int(q) - 1) * 20\ndb.execute(f'select a limit 20 offset {x}')",
        "for n, x in enumerate(('a', 'b')):\n    db.execute(f'select {n} {x}')",
        "for n in range(int(q)):\n    db.execute(f'select {n}')",
        "x = min('b', 'a')\ndb.execute('select ' + x)",
        "import uuid\nx = uuid.uuid4()\ndb.execute(f\"select '{x}'\")",
        "try:\n    if q:\n        x = str(int(q))\n    else:\n        x = 'a'\nexcept ValueError:\n    return\ndb.execute('select ' + x)",
        "c = db.cursor()\ntry:\n    x = int(q)\nfinally:\n    c.close()\nc.execute(f'select {x}')",
    ],
)
def test_a_constant_or_a_checked_value_is_clear(body):
    assert body.count("\n") + 1 in clear(body)


@pytest.mark.parametrize(
    "body",
    [
        "db.execute(f\"select '{q}'\")",
        "db.execute(f'select {unheard_of()}')",
        "db.execute('select ' + open('x').read())",
        "for row in db.execute('select 1'):\n    db.execute('select ' + row[0])",
        "db.execute(f'select {int(q)} {unheard_of()}')",
        "if q not in ('a', 'b'):\n    print(q)\ndb.execute(f\"select '{q}'\")",
        "x = 'a' if len(q) > 3 else unheard_of()\ndb.execute('select ' + x)",
        "x = ', '.join(one for one in unheard_of())\ndb.execute('select ' + x)",
        "x = max('a', unheard_of())\ndb.execute('select ' + x)",
        "w = []\nif q:\n    w.append(q)\ndb.execute('select a where ' + ' and '.join(w))",
        "x = 'a'\ntry:\n    if q:\n        x = q\n        int(q)\nexcept ValueError:\n    pass\ndb.execute('select ' + x)",
        "x = 'a'\ntry:\n    for x in q.split():\n        x = str(int(x))\nexcept ValueError:\n    pass\ndb.execute('select ' + x)",
        "try:\n    x = q\n    x = str(int(q))\nfinally:\n    db.execute('select ' + x)",
        "x = q\nwhile True:\n    try:\n        x = str(int(q))\n    finally:\n        break\ndb.execute('select ' + x)",
        "w = ['a']\nw.extend(unheard_of())\ndb.execute('select a where ' + ' and '.join(w))",
        "x = ''.join('%c' % one for one in q)\ndb.execute('select ' + x)",
        "if q not in ('a', 'b') and not q.startswith('c'):\n    return ''\ndb.execute('select ' + q)",
        "if not (q in ('a', 'b') or len(q) > 3):\n    return ''\ndb.execute('select ' + q)",
        "if all(one in \"abc';- \" for one in q):\n    db.execute('select ' + q)",
        "ok = {'a': 1}\nok[q] = 2\nif q not in ok:\n    return ''\ndb.execute('select ' + q)",
        "if q not in unheard_of():\n    return ''\ndb.execute('select ' + q)",
        "if q in unheard_of():\n    pass\nelif q not in ('a', 'b'):\n    return ''\ndb.execute('select ' + q)",
    ],
)
def test_attack_what_a_stranger_sets_or_nobody_knows_clears_nothing(body):
    assert body.count("\n") + 1 not in clear(body)


FILLED = (
    HEAD.replace("app = ", "OK = {'a'}\napp = ")
    + "    OK.add(q)\n@app.get('/y')\ndef again():\n    q = request.args['q']\n"
)
OWN = HEAD.replace("app = ", "class Any(list):\n    def __contains__(self, one): return True\nOK = Any(['a'])\napp = ")


@pytest.mark.parametrize("made", ["load(q)", "load(q).name", "str(load(q))", "'%s' % load(q)"])
def test_attack_what_an_unknown_function_makes_of_a_checked_value_clears_nothing(made):
    assert 4 not in clear(f"if q not in ('a', 'b'):\n    return ''\nx = {made}\ndb.execute('select ' + x)")


@pytest.mark.parametrize("head", [FILLED, OWN])
def test_attack_a_list_that_a_stranger_fills_or_that_decides_itself_what_is_in_it_clears_nothing(head):
    assert 3 not in clear("if q not in OK:\n    return ''\ndb.execute('select ' + q)", head)
    assert 3 in clear("if q not in ('a', 'b'):\n    return ''\ndb.execute('select ' + q)", head)


def test_attack_an_enumeration_that_takes_any_value_clears_nothing():
    kind = "import enum\nclass Kind(enum.Enum):\n    A = 'a'\n"
    missing = "    @classmethod\n    def _missing_(cls, one): return cls.A\n"
    body = "Kind(q)\ndb.execute('select ' + q)"

    assert 2 in clear(body, kind + HEAD)
    assert 2 not in clear(body, kind + missing + HEAD)


def test_attack_a_second_caller_with_a_strangers_value_takes_the_clearance_back():
    find = "import sqlite3\ndb = sqlite3.connect('x')\ndef find(x):\n    return db.execute(f'select {x}')\n"
    view = "from flask import request\nfrom a import find\ndef {}():\n    return find({})\n"
    safe, weak = view.format("one", "request.args and 'a'"), view.format("two", "request.args['q']")

    both = analyse({"a.py": find, "b.py": safe, "c.py": weak})
    assert not [one for one in both.cleared if one.path == "a.py" and 4 in one.lines]


def test_attack_an_unknown_caller_after_a_known_one_takes_the_clearance_back():
    body = "def find(x):\n    db.execute('select ' + x)\nfind('a')\nfind(unheard_of())"

    assert 2 not in clear(body)


def test_the_line_where_the_statement_was_put_together_is_clear_too():
    assert {1, 2} <= clear("text = f\"select '{'a'}'\"\ndb.execute(text)")


FINDING = Finding(
    tool="bandit",
    rule="B608",
    kind=FindingKind.SAST,
    severity=Severity.HIGH,
    message="",
    cwe="CWE-89",
    path="a.py",
    line=3,
)
REPORT = ToolReport(
    tool="dataflow", state=ScanState.COMPLETE, cleared=(Cleared(path="a.py", cwe="CWE-89", lines=(3, 4)),)
)
changes = st.fixed_dictionaries(
    {},
    optional={
        "tool": st.sampled_from(["trivy", "dataflow", "secrets"]),
        "path": st.just("b.py"),
        "line": st.sampled_from([2, 5]),
        "cwe": st.sampled_from(["", "CWE-79", "CWE-798"]),
        "kind": st.sampled_from([FindingKind.SECRET, FindingKind.SUPPRESSION]),
        "cell": st.just(1),
        "member": st.just("x.py"),
        "imported": st.just(True),
    },
)


def test_a_finding_at_a_clear_line_is_refuted_and_told():
    stay, gone = refuted([FINDING], [REPORT])

    assert (stay, gone) == ([], [FINDING])
    assert "1 finding of bandit refuted" in told(gone)[0]


@given(changes.filter(bool))
def test_anything_else_stays(change):
    other = like(FINDING, **change)

    assert refuted([other], [REPORT]) == ([other], [])


def test_attack_an_imported_report_refutes_nothing():
    claimed = ToolReport(tool="dataflow", state=ScanState.COMPLETE, cleared=REPORT.cleared, imported=True)

    assert refuted([FINDING], [claimed]) == ([FINDING], [])
    mere = like(FINDING, rule="B404", cwe="CWE-78", line=1)
    assert refuted([mere], [claimed]) == ([mere], [])


@pytest.mark.parametrize(
    "change",
    [
        "builtins.int = str",
        "builtins.str, builtins.int = int, str",
        "setattr(builtins, 'int', str)",
        "__builtins__['int'] = str",
    ],
)
def test_nothing_is_clear_where_pythons_own_functions_are_replaced(change):
    body = "db.execute('select ' + str(int(q)))"
    assert clear(body)
    assert not clear(body, other=f"import builtins\n{change}\n")


def test_an_assertion_is_believed_and_clears_nothing():
    assert not clear("assert q in ('a', 'b')\ndb.execute('select ' + q)") & {2}
    assert not clear("assert q.isdigit()\ndb.execute('select ' + q)") & {2}


def test_an_object_with_a_format_of_its_own_is_no_number():
    own = "class X:\n    def __init__(self, q):\n        self.q = q\n    def __format__(self, spec):\n        return self.q\n"
    assert not clear("db.execute(f'select {X(q):d}')", own + HEAD)


def test_what_an_import_or_chance_does_is_not_known_where_a_function_was_not_followed():
    gap = like(FINDING, tool="dataflow", rule="dataflow-not-followed", cwe="CWE-1120")
    mere = like(FINDING, rule="B404", cwe="CWE-78")
    stay, _ = refuted([mere], [ToolReport(tool="dataflow", state=ScanState.COMPLETE, findings=(gap,))])
    assert stay == [mere]


@pytest.mark.parametrize(("state", "stays"), [(ScanState.COMPLETE, False), (ScanState.INCOMPLETE, True)])
def test_an_import_alone_is_a_finding_only_where_its_calls_were_not_looked_at(state, stays):
    mere = like(FINDING, rule="B404", cwe="CWE-78", line=1)
    stay, _ = refuted([mere], [ToolReport(tool="dataflow", state=state)])

    assert bool(stay) == stays


@pytest.mark.parametrize(
    ("code", "scope", "stays"),
    [
        ("return [random.randint(1, 6) for _ in range(count)]", "throw", False),
        ("delay = 2 ** attempt * random.uniform(0.5, 1.5)", "wait", False),
        ("return random.randrange(10 ** 12)", "new_token", True),
        ("pin = random.randint(1000, 9999)", "", True),
        ("made = ''.join(random.choice(letters) for _ in range(20))", "made", True),
        ("value = str(random.random())", "made", True),
        ("value = random.getrandbits(64)", "made", True),
        ("reply.set_cookie('visit', random.random())", "", True),
        ("", "", True),
    ],
)
@pytest.mark.parametrize("state", [ScanState.COMPLETE, ScanState.INCOMPLETE])
def test_chance_is_a_finding_where_something_must_not_be_guessed_or_nothing_was_followed(code, scope, stays, state):
    chance = like(FINDING, rule="B311", cwe="CWE-330", code=code, scope=scope)
    stay, _ = refuted([chance], [ToolReport(tool="dataflow", state=state)])

    assert bool(stay) == (stays or state is ScanState.INCOMPLETE)


FLAG = """\
import sqlite3
from flask import Flask, request
app = Flask(__name__)
db = sqlite3.connect("x")
SAFE = True
NAMES = {"a": "b"}
class Settings:
    safe = True
"""
BY_FLAG = "q = request.args.get('q')\nx = 'a' if SAFE else q\ndb.execute('select ' + x)"
BY_CLASS = BY_FLAG.replace("SAFE", "Settings.safe")
BY_NAME = "db.execute('select ' + NAMES['a'])"


def view(body: str, behind: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    return f"{FLAG}@app.get('/x')\ndef view():\n{lines}{behind}\n"


@pytest.mark.parametrize("body", [BY_FLAG, BY_CLASS, BY_NAME])
def test_a_variable_that_nothing_changes_is_a_constant(body):
    found = analyse({"a.py": view(body)})

    assert [one.cwe for one in found.cleared] == ["CWE-89"]
    assert not found.findings


@pytest.mark.parametrize(
    ("body", "behind", "other"),
    [
        (BY_FLAG, "def off():\n    global SAFE\n    SAFE = False", ""),
        (BY_FLAG, "globals()['SAFE'] = False", ""),
        (BY_FLAG, "exec(open('x').read())", ""),
        (BY_FLAG, "", "import a\na.SAFE = False"),
        (BY_FLAG, "", "import a\na.SAFE, _ = False, 0"),
        (BY_FLAG, "", "import a\nfor a.SAFE in [False]:\n    pass"),
        (BY_FLAG, "", "import a\nwith open('x') as a.SAFE:\n    pass"),
        (BY_FLAG, "", "import a\nsetattr(a, 'SAFE', False)"),
        (BY_CLASS, "Settings.safe = False", ""),
        (BY_CLASS, "class More(Settings):\n    def off(self):\n        self.safe = False", ""),
        (BY_NAME, "@app.get('/y')\ndef other():\n    NAMES['a'] = request.args['z']", ""),
        (BY_NAME, "def other(x):\n    NAMES.update(x)", ""),
        (BY_NAME, "", "import a\nfrom flask import request\ndef f():\n    a.NAMES['a'] = request.args['x']"),
    ],
)
def test_attack_a_constant_that_is_changed_elsewhere_clears_nothing(body, behind, other):
    cleared = analyse({"a.py": view(body, behind), "b.py": other}).cleared

    assert "CWE-89" not in {one.cwe for one in cleared}


def test_attack_a_file_that_comes_later_and_changes_a_constant_is_noticed_by_an_incremental_analysis():
    files = {"a.py": view(BY_FLAG)}
    before = analyse(files, {})
    files["b.py"] = "import a\na.SAFE = False"

    assert analyse(files, before.summaries).findings == analyse(files).findings != ()
