"""What a repository's author writes beside a weakness so that the analysis looks elsewhere."""

import pytest

from domain.scans.dataflow.analyse import analyse

WEAK = """
import os
from flask import request

def view():
    os.system("ls " + request.args["x"])
"""
DECOY = """
class request:
    args = {"x": "ls"}

def system(text):
    return text
"""


def rules(**files: str) -> list[str]:
    return [one.rule for one in analyse({f"{path}.py": text for path, text in files.items()}).findings]


def test_the_weakness_is_plainly_found():
    assert rules(app=WEAK) == ["dataflow-command-injection"]


@pytest.mark.parametrize("path", ["flask", "os", "stubs/flask", "app/flask", "flask/__init__", "stubs/os"])
def test_a_module_named_like_a_library_hides_nothing_of_it(path):
    assert rules(app=WEAK, **{path: DECOY}) == ["dataflow-command-injection"]


def test_within_a_library_its_own_modules_are_followed():
    inside = "from flask.reading import args\nimport os\n\ndef view():\n    os.system(args())\n"
    other = "from flask import request\n\ndef args():\n    return request.args['x']\n"

    assert rules(**{"flask/views": inside, "flask/reading": other}) == ["dataflow-command-injection"]


def test_a_module_beside_a_package_of_its_name_is_not_what_python_imports():
    program = "from flask import request\nfrom util import run\n\ndef view():\n    run(request.args['x'])\n"
    real = "import os\n\ndef run(command):\n    os.system(command)\n"
    decoy = "def run(command):\n    pass\n"

    assert rules(app=program, util=decoy, **{"util/__init__": real}) == ["dataflow-command-injection"]


HEAD = """
import os
from threading import Thread
from flask import Flask, request
app = Flask(__name__)

"""
ELSEWHERE = {
    "a caller that nothing enters": "def run(cmd):\n    os.system(cmd)\n@app.get('/')\ndef v():\n    run('ls')\ndef other(row):\n    run(row.cmd)\n",
    "a thread": "def run(cmd='ls'):\n    os.system(cmd)\n@app.get('/')\ndef v():\n    run()\n    Thread(target=run, args=(row(),)).start()\n",
    "arguments of a mapping": "def run(cmd='ls'):\n    os.system(cmd)\n@app.get('/')\ndef v():\n    run()\n    run(**load())\n",
    "a field that another method sets": "class H:\n    def __init__(self):\n        self.cmd = 'ls'\n    def get(self):\n        os.system(self.cmd)\n    def post(self, x):\n        self.cmd = x\n",
    "an exception that is swallowed": "from contextlib import suppress\n@app.get('/')\ndef v():\n    x = request.args['x']\n    with suppress(ValueError):\n        x = str(int(x))\n    os.system(x)\n",
    "attributes by name": "cmd = 'ls'\ndef change(k, v):\n    setattr(app, k, v)\n@app.get('/')\ndef v():\n    os.system(cmd)\n",
    "a variable of an outer function": "def make():\n    cmd = 'ls'\n    def change(x):\n        nonlocal cmd\n        cmd = x\n    @app.get('/')\n    def v():\n        os.system(cmd)\n",
}


@pytest.mark.parametrize("text", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_only_looks_harmless_refutes_no_other_tool(text):
    assert analyse({"a.py": HEAD + text}).cleared == ()


def test_what_is_harmless_for_everybody_does():
    found = analyse({"a.py": HEAD + "@app.get('/')\ndef v():\n    cmd = 'ls'\n    os.system(cmd)\n"})

    assert [one.path for one in found.cleared] == ["a.py"]
