"""A helper that only gets constants is harmless if all of its callers are known; attacks call it in other ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.dataflow.analyse import analyse
from domain.scans.dataflow.keeping import kept, known_from

HEAD = """import os
from flask import Flask, request
app = Flask(__name__)
"""
VIEW = """@app.get('/')
def v():
    {}
"""
RUN = "def run(cmd):\n    os.system('ls ' + cmd)\n"
TOOL = "class Tool:\n    def __init__(self, name):\n        self.name = name\n    def run(self, cmd):\n        os.system('ls ' + cmd)\n"
ON_TOOL = "tool = Tool('x')\n    tool.run('a')"
CHECKED = "q = request.args['q']\n    if q in ('a', 'b'):\n        {}"


def is_clear(text: str, **others: str) -> bool:
    """Whether the only call of a shell, in `a.py`, is clear of injected commands."""
    files = {"a.py": HEAD + text, **{f"{name}.py": other for name, other in others.items()}}
    found = analyse(files)
    again = analyse(files, known_from(kept(found.summaries)))
    assert again.cleared == found.cleared
    line = (
        files["a.py"]
        .split("\n")
        .index("    os.system('ls ' + cmd)" if "class Tool" not in text else "        os.system('ls ' + cmd)")
    )
    return any(one.path == "a.py" and one.cwe == "CWE-78" and line + 1 in one.lines for one in found.cleared)


OTHER = "from flask import request, Flask\nfrom a import run\napp = Flask('b')\n"
HARMLESS = {
    "a function": (RUN + VIEW.format("run('a')"), {}),
    "a value that was checked": (RUN + VIEW.format(CHECKED.format("run(q)")), {}),
    "a chain": (RUN + "def mid(x):\n    run(x)\n" + VIEW.format("mid('a')"), {}),
    "a file of its own": (RUN, {"b": OTHER + VIEW.format("run('a')")}),
    "a module's member": (RUN, {"b": "import a\nfrom flask import Flask\napp = Flask('b')\n" + VIEW.format("a.run('a')")}),
    "a method": (TOOL + VIEW.format(ON_TOOL), {}),
    "a method at once": (TOOL + VIEW.format("Tool('x').run('a')"), {}),
    "a namesake": (RUN + VIEW.format("run('a')"), {"b": "def run(x):\n    return x\ndef other(row):\n    return run(row)\n"}),
    "a word that describes": (RUN + VIEW.format("'''run(x)'''\n    run('a')  # run"), {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "others"), HARMLESS.values(), ids=HARMLESS)
def test_what_all_callers_hand_over_is_all_that_gets_there(text, others):
    assert is_clear(text, **others)


SAFE = RUN + VIEW.format("run('a')")
ATTACKS = {
    "a caller that nothing enters": (SAFE + "def other(row):\n    run(row.cmd)\n", {}),
    "one in another file": (SAFE, {"b": "import a\ndef other(row):\n    a.run(row.cmd)\n"}),
    "one with another's name for it": (SAFE, {"b": "from a import run as go\ndef other(row):\n    go(row)\n"}),
    "one that imports everything": (SAFE, {"b": "from a import *\ndef other(row):\n    run(row)\n"}),
    "starred arguments": (SAFE + "@app.get('/y')\ndef w(rows):\n    run(*rows)\n", {}),
    "arguments of a mapping": (SAFE + "@app.get('/y')\ndef w(rows):\n    run(**rows)\n", {}),
    "a function that is handed on": (SAFE + "def start(f, x):\n    f(x)\n@app.get('/y')\ndef w():\n    start(run, load())\n", {}),
    "a lambda": (RUN + VIEW.format("run('a')\n    return sorted(rows(), key=lambda x: run(x))"), {}),
    "an attribute by name": (SAFE, {"b": "import a\ndef other(name, row):\n    getattr(a, name)(row)\n"}),
    "a name in a text": (SAFE, {"b": "CALLS = ['a.run']\n"}),
    "all that a module has": (SAFE, {"b": "import a\ndef other(row):\n    for one in vars(a).values():\n        one(row)\n"}),
    "a decorator": ("def task(f):\n    return f\n@task\n" + SAFE, {}),
    "a caller with a decorator that calls it": (RUN + "@each\ndef mid(x):\n    run(x)\n" + VIEW.format("mid('a')"), {}),
    "what is put in its place": (SAFE, {"b": "import a\ndef other(f):\n    a.run = f\n"}),
    "a library": (RUN + "def v():\n    run('a')\n", {}),
    "a module's body": (RUN + "run('a')\n", {}),
    "two modules of a name": (SAFE, {"x/lib": "def run(x):\n    pass\n", "y/lib": "from a import run\n", "b": "from lib import run\ndef other(row):\n    run(row)\n"}),
    "an instance that is handed on": (TOOL + VIEW.format(ON_TOOL + "\n    give(tool)"), {}),
    "an instance of a module": (TOOL + "tool = Tool('x')\n" + VIEW.format("tool.run('a')"), {}),
    "a class that inherits": (TOOL + "class More(Tool):\n    pass\n" + VIEW.format(ON_TOOL), {}),
    "a class of a library": (TOOL.replace("Tool:", "Tool(Thread):") + VIEW.format(ON_TOOL), {}),
    "a method that is handed on": (TOOL + VIEW.format(ON_TOOL + "\n    each(tool.run)"), {}),
    "a method that hands itself on": (TOOL + "    def go(self):\n        each(self.run)\n" + VIEW.format(ON_TOOL), {}),
    "an instance that hands itself on": (TOOL + "    def go(self):\n        each(self)\n" + VIEW.format(ON_TOOL), {}),
    "a manager of the project that swallows": (RUN + "class Quiet:\n    def __enter__(self):\n        pass\n    def __exit__(self, *error):\n        return True\n" + VIEW.format("x = load()\n    with Quiet():\n        x = str(int(x))\n    run(x)"), {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "others"), ATTACKS.values(), ids=ATTACKS)
def test_attack_another_way_to_it_makes_nothing_clear(text, others):
    assert not is_clear(text, **others)


@given(st.lists(st.sampled_from(["run('a')", "run(q)", "run(str(int(q)))", "run(load())"]), min_size=1, max_size=4))
def test_it_is_clear_if_every_call_is(calls):
    views = "".join(
        f"@app.get('/{n}')\ndef v{n}():\n    q = request.args['q']\n    {one}\n" for n, one in enumerate(calls)
    )

    assert is_clear(RUN + views) == set(calls).isdisjoint({"run(q)", "run(load())"})


CODE = "os.system(request.args['x'])"


@pytest.mark.parametrize(
    "body",
    [
        f'eval("{CODE}")',
        f'eval(compile("{CODE}", "x", "eval"))',
        f"q = request.args['q']\n    if q in ('a', 'b'):\n        eval(q.replace('a', \"{CODE}\"))",
        f"q = request.args['q']\n    if q in ('a', 'b'):\n        eval(\"{CODE} + \" + q)",
        f"q = request.args['q']\n    if q in ('a', 'b'):\n        eval({{'a': \"{CODE}\"}}.get(q))",
    ],
)
def test_attack_constant_code_that_reads_a_request_is_not_harmless(body):
    assert "CWE-94" not in {one.cwe for one in analyse({"a.py": HEAD + VIEW.format(body)}).cleared}
