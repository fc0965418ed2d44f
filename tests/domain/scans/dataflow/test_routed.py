"""A number that Flask makes of an address does no harm, unless something else than the route calls the function."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.dataflow.analyse import analyse
from domain.scans.dataflow.keeping import kept, known_from

HEAD = "import sqlite3\nfrom flask import Flask, request, url_for\napp = Flask(__name__)\ndb = sqlite3.connect('x')\n"
ROUTE = "@app.get('/x/<int:i>')\n"
VIEW = ROUTE + "def item(i):\n    db.execute('select * from item where id = ' + str(i))\n"


def is_clear(text: str, **others: str) -> bool:
    """Whether the first statement of `a.py` is clear of SQL injection."""
    files = {"a.py": HEAD + text, **{f"{name}.py": other for name, other in others.items()}}
    found = analyse(files)
    assert analyse(files, known_from(kept(found.summaries))).cleared == found.cleared
    line = next(n for n, one in enumerate(files["a.py"].split("\n"), 1) if "db.execute(" in one)
    return any(one.path == "a.py" and one.cwe == "CWE-89" and line in one.lines for one in found.cleared)


HARMLESS = {
    "added": (VIEW, {}),
    "in a text with values": (VIEW.replace("' + str(i)", "%s' % i"), {}),
    "in a formatted text": (VIEW.replace("'select * from item where id = ' + str(i)", "f'select {int(i)} {i}'"), {}),
    "two routes": ("@app.post('/y/<float:i>')\n" + VIEW, {}),
    "with bounds": (VIEW.replace("int:", "int(min=1):"), {}),
    "a variable by the same name": (VIEW + "    item = 3\n    return str(item)\n", {}),
    "an address of it": (VIEW + "@app.get('/')\ndef home():\n    return url_for('item', i=3)\n", {}),
    "a namesake": (VIEW, {"b": "def item(i):\n    return i\ndef other():\n    return item(3)\n"}),
}
ATTACKS = {
    "a text in the address": (VIEW.replace("<int:i>", "<i>"), {}),
    "one of two routes has a text": ("@app.get('/y/<i>')\n" + VIEW, {}),
    "one of two routes has another's number": ("@app.get('/y/<i>/<int:j>')\n" + VIEW, {}),
    "a decorator between": (VIEW.replace(ROUTE, ROUTE + "@changed\n"), {}),
    "a call": (VIEW + "def other(row):\n    item(row.id)\n", {}),
    "a call of a request's value": (VIEW + "@app.get('/')\ndef other():\n    item(request.args['q'])\n", {}),
    "a call elsewhere": (VIEW, {"b": "from a import item\ndef other(row):\n    item(row.id)\n"}),
    "a call of the module's member": (VIEW, {"b": "import a\ndef other(row):\n    a.item(row.id)\n"}),
    "another name for it": (VIEW, {"b": "from a import item as one\ndef other(row):\n    one(row.id)\n"}),
    "all of the module's names": (VIEW, {"b": "from a import *\ndef other(row):\n    item(row.id)\n"}),
    "a variable of the module": (VIEW + "go = item\n", {}),
    "a local alias": (VIEW + "def other(row):\n    f = item\n    f(row.id)\n", {}),
    "a default that is called": (VIEW + "def other(row, f=item):\n    item = 3\n    f(row.id)\n", {}),
    "its name in a text": (VIEW, {"b": "CALLS = ['a.item']\n"}),
    "the application's table": (VIEW + "def other(name, row):\n    app.view_functions[name](row.id)\n", {}),
    "arguments that are changed": (VIEW + "@app.before_request\ndef b():\n    request.view_args['i'] = request.args['q']\n", {}),
    "a converter of the project": (VIEW + "app.url_map.converters['int'] = Any\n", {}),
    "an application of the project": (VIEW.replace("@app", "@mine"), {"b": ""}),
    "a class that inherits": (VIEW.replace(ROUTE, "class Mine(Flask):\n    pass\nmine = Mine('x')\n" + ROUTE.replace("app", "mine")), {}),
    "a default of the route": (VIEW.replace("<int:i>'", "<int:i>', defaults={'i': load()}"), {}),
    "another value in its place": (VIEW.replace("    db", "    i = load(i)\n    db"), {}),
    "a helper that others call": ("def find(i):\n    db.execute('select ' + str(i))\n" + ROUTE + "def item(i):\n    find(i)\ndef other(row):\n    find(row.id)\n", {}),
    "a call by a name that is made": (VIEW, {"b": "import a\ndef other(name, row):\n    getattr(a, name)(row.id)\n"}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "others"), HARMLESS.values(), ids=HARMLESS)
def test_a_number_of_the_address_is_clear(text, others):
    assert is_clear(text, **others)


@pytest.mark.parametrize(("text", "others"), ATTACKS.values(), ids=ATTACKS)
def test_attack_what_else_may_get_to_the_parameter_makes_nothing_clear(text, others):
    assert not is_clear(text, **others)


@given(st.lists(st.sampled_from(["int", "float", "uuid", "string", "path", "any(a, b)", ""]), min_size=1, max_size=3))
def test_it_is_clear_only_if_every_route_makes_a_number_of_it(kinds):
    routes = "".join(f"@app.get('/{n}/<{kind}{':' if kind else ''}i>')\n" for n, kind in enumerate(kinds))

    assert is_clear(VIEW.replace(ROUTE, routes)) == set(kinds).issubset({"int", "float", "uuid"})


def test_a_number_of_the_address_is_no_finding():
    assert not analyse({"a.py": HEAD + VIEW}).findings
