"""Where a value goes: only a way on which it arrives is a finding."""

import pytest

from tests.domain.scans.dataflow.support import of_view, rules_of

ARRIVES = {
    "text": "bar = 'a' + q + 'b'",
    "format": "bar = 'x {} {}'.format(1, q)",
    "percent": "bar = 'x %s %d' % (q, 1)",
    "pieces": "bar = 'help'\nbar += q\nbar += 'snap'\nbar = bar[4:-4]",
    "joined": "bar = ' '.join(['ls', q])",
    "encoded": "import base64\nbar = base64.b64decode(base64.b64encode(q.encode())).decode()",
    "quoted and back": "import urllib.parse as u\nbar = u.unquote_plus(u.quote_plus(q))",
    "list": "many = ['safe', q, 'more']\nmany.pop(0)\nbar = many[0]",
    "appended": "many = []\nmany.append('safe')\nmany.append(q)\nbar = many[-1]",
    "dict": "known = {'a': 'x'}\nknown['b'] = q\nbar = known['b']",
    "dict of unknown key": "known = {'a': 'x', 'b': q}\nbar = known[os.environ['K']]",
    "configparser": "import configparser\nc = configparser.ConfigParser()\nc.add_section('s')\n"
    "c.set('s', 'a', 'x')\nc.set('s', 'b', q)\nbar = c.get('s', 'b')",
    "configparser as a dict": "import configparser\nc = configparser.ConfigParser()\nc['s'] = {}\nc['s']['b'] = q\n"
    "bar = c['s']['b']",
    "branch": "if 7 * 6 > 50:\n    bar = 'x'\nelse:\n    bar = q",
    "expression": "bar = q if 2 + 2 == 4 else 'x'",
    "either": "bar = 'x'\nif os.environ.get('A'):\n    bar = q",
    "match": "guess = 'ABC'[2]\nmatch guess:\n    case 'A':\n        bar = 'x'\n    case 'C' | 'D':\n"
    "        bar = q\n    case _:\n        bar = 'y'",
    "loop": "bar = ''\nfor one in q.split(','):\n    bar = one",
    "while": "bar = ''\nwhile len(bar) < 9:\n    bar = bar + q",
    "broken loop": "bar = 'x'\nfor _ in range(3):\n    bar = q\n    break",
    "try": "try:\n    bar = q.strip()\nexcept ValueError:\n    bar = 'x'",
    "handler": "bar = q\ntry:\n    int('x')\nexcept ValueError:\n    pass",
    "finally": "bar = 'x'\ntry:\n    pass\nfinally:\n    bar = q",
    "comprehension": "bar = [one for one in [q]][0]",
    "dict comprehension": "bar = {key: q for key in 'ab'}['a']",
    "lambda": "bar = (lambda x: x + 'y')(q)",
    "closure": "def inner():\n    return q\nbar = inner()",
    "walrus": "if (bar := q):\n    pass",
    "unpacked": "bar, _ = q, 'x'",
    "starred": "_, *rest = ['x', q]\nbar = rest[0]",
    "swapped": "bar = 'x'\nbar, q = q, bar",
    "global": "known.append(q)\nbar = known[0]",
    "json": "import json\nbar = json.loads(q)['a']",
    "map": "bar = list(map(str.strip, [q]))[0]",
    "with": "import contextlib\nwith contextlib.nullcontext(q) as bar:\n    pass",
    "getattr": "class A:\n    pass\na = A()\nsetattr(a, 'x', q)\nbar = getattr(a, 'x')",
}
REPLACED = {
    "constant": "bar = 'x'",
    "list": "many = ['safe', q, 'more']\nmany.pop(0)\nbar = many[1]",
    "index": "many = [q, 'x']\nbar = many[1]",
    "dict": "known = {'a': 'x'}\nknown['b'] = q\nbar = known['a']",
    "dict that is changed": "known = {'b': q}\nbar = known['b']\nbar = known.get('a', 'x')",
    "configparser": "import configparser\nc = configparser.ConfigParser()\nc.add_section('s')\n"
    "c.set('s', 'a', 'x')\nc.set('s', 'b', q)\nbar = c.get('s', 'a')",
    "branch": "num = 86\nif 7 * 42 - num > 200:\n    bar = 'x'\nelse:\n    bar = q",
    "expression": "num = 106\nbar = 'x' if 7 * 18 + num > 200 else q",
    "match": "guess = 'ABC'[1]\nmatch guess:\n    case 'A':\n        bar = q\n    case 'B':\n        bar = 'x'\n"
    "    case _:\n        bar = q",
    "number": "bar = int(q)",
    "format of a number": "bar = '%d' % int(q)",
    "length": "bar = str(len(q))",
    "uuid": "import uuid\nbar = str(uuid.UUID(q))",
    "looked up": "bar = {'a': 'x', 'b': 'y'}.get(q, 'z')",
    "looked up with a test": "bar = 'x'\nif q in NAMES:\n    bar = NAMES[q]",
    "enumeration": "bar = Colour(q).value",
    "hash": "import hashlib\nbar = hashlib.sha256(q.encode()).hexdigest()",
    "overwritten": "bar = q\nbar = 'x'",
    "deleted": "bar = q\ndel bar\nbar = 'x'",
    "nothing after return": "bar = 'x'\nif 1 < 2:\n    return 'early'\nbar = q",
    "nothing after raise": "raise ValueError(q)\nbar = q",
}
BEFORE = "import enum\nknown = []\nNAMES = {'a': 'x', 'b': 'y'}\nclass Colour(enum.Enum):\n    RED = 'red'\n"


@pytest.mark.parametrize("how", ARRIVES)
def test_a_value_that_arrives_is_found(how):
    assert of_view(f"{ARRIVES[how]}\nos.system(bar)", BEFORE) == ["command-injection"]


@pytest.mark.parametrize("how", REPLACED)
def test_a_value_that_does_not_arrive_is_not(how):
    assert of_view(f"{REPLACED[how]}\nos.system(bar)", BEFORE) == []


HELPERS = {
    "returned": ("def same(x):\n    return x", "bar = same(q)", 1),
    "constant": ("def other(x):\n    return 'x'", "bar = other(q)", 0),
    "branch of its argument": ("def pick(x, on):\n    return x if on else 'x'", "bar = pick(q, False)", 0),
    "other branch": ("def pick(x, on):\n    return x if on else 'x'", "bar = pick(q, True)", 1),
    "default": ("def pick(x, on=False):\n    return x if on else 'x'", "bar = pick(q)", 0),
    "named": ("def pick(*, a, b):\n    return b", "bar = pick(a=q, b='x')", 0),
    "rest": ("def pick(*many, **named):\n    return named['b']", "bar = pick(q, a='x', b=q)", 1),
    "field": ("class A:\n    def __init__(self, x):\n        self.x = x", "bar = A(q).x", 1),
    "other field": (
        "class A:\n    def __init__(self, x):\n        self.x = x\n        self.y = 'x'",
        "bar = A(q).y",
        0,
    ),
    "changed": ("class A:\n    x = 'x'\n    def put(self, x):\n        self.x = x", "a = A()\na.put(q)\nbar = a.x", 1),
    "inherited": ("class A:\n    def f(self, x):\n        return x\nclass B(A):\n    pass", "bar = B().f(q)", 1),
    "overridden": (
        "class A:\n    def f(self, x):\n        return x\nclass B(A):\n    def f(self, x):\n        return 'x'",
        "bar = B().f(q)",
        0,
    ),
    "super": (
        "class A:\n    def f(self, x):\n        return x\nclass B(A):\n    def f(self, x):\n"
        "        return super().f(x)",
        "bar = B().f(q)",
        1,
    ),
    "property": ("class A:\n    @property\n    def x(self):\n        return self.y", "a = A()\na.y = q\nbar = a.x", 1),
    "static": ("class A:\n    @staticmethod\n    def f(x):\n        return x", "bar = A.f(q)", 1),
    "class method": ("class A:\n    @classmethod\n    def f(cls, x):\n        return x", "bar = A.f(q)", 1),
    "generator": ("def each(x):\n    yield x", "bar = [one for one in each(q)][0]", 1),
    "decorator": (
        "def clean(f):\n    def inner(x):\n        return f('x')\n    return inner\n@clean\ndef same(x):\n    return x",
        "bar = same(q)",
        0,
    ),
    "dispatch": ("def same(x):\n    return x\nTABLE = {'a': same}", "bar = TABLE['a'](q)", 1),
    "factory": (
        "class A:\n    def f(self, x):\n        return x\ndef make():\n    return A()",
        "bar = make().f(q)",
        1,
    ),
    "dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: str\n    y: str",
        "bar = A(q, 'x').y",
        0,
    ),
    "recursive": ("def deep(x, n):\n    return x if n == 0 else deep(x, n - 1)", "bar = deep(q, os.getpid())", 1),
    "call": ("class A:\n    def __call__(self, x):\n        return x", "bar = A()(q)", 1),
    "deep": ("def a(x):\n    return b(x)\ndef b(x):\n    return c(x)\ndef c(x):\n    return x", "bar = a(q)", 1),
}


@pytest.mark.parametrize("how", HELPERS)
def test_a_value_is_followed_through_a_function_of_the_project(how):
    before, body, number = HELPERS[how]

    assert len(of_view(f"{body}\nos.system(bar)", before)) == number


IMPORTS = {
    "from helpers import same": "same(q)",
    "import helpers": "helpers.same(q)",
    "import helpers as h": "h.same(q)",
    "from helpers import *": "same(q)",
    "from pkg.inner import same": "same(q)",
    "import pkg.inner": "pkg.inner.same(q)",
    "from pkg import inner": "inner.same(q)",
    "from pkg import renamed": "renamed(q)",
}


@pytest.mark.parametrize("line", IMPORTS)
def test_imports_are_resolved_by_path(line):
    text = f"""
from flask import request
import os
{line}

def view():
    q = request.args['q']
    os.system({IMPORTS[line]})
"""
    for result, expected in (("x", ["command-injection"]), ("'fixed'", [])):
        helper = f"def same(x):\n    return {result}\n"
        again = "from .inner import same as renamed\n"
        project = {"app.py": text, "helpers.py": helper, "pkg/__init__.py": again, "pkg/inner.py": helper}

        assert rules_of(project) == expected
        assert rules_of({f"src/{path}": one for path, one in project.items()}) == expected


def test_what_a_dataclass_does_after_it_was_made_is_followed():
    before = """
        import dataclasses
        @dataclasses.dataclass
        class Query:
            word: str
            text: str = ""
            def __post_init__(self):
                self.text = "select " + self.word
    """

    assert of_view("sqlite3.connect('x').execute(Query(q).text)", before) == ["sql-injection"]
    assert of_view("sqlite3.connect('x').execute(Query('a').text)", before) == []
