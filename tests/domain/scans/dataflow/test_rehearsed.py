"""A way that only a test runner starts is less likely; what calls itself a test and is called elsewhere is not."""

import pytest

from domain.scans.dataflow.analyse import analyse

TEST = """\
import os
from flask import Flask, request

def test_listing(client):
    app = Flask("x")
    @app.get("/")
    def view():
        os.system("ls " + request.args["x"])
    client.get("/")
"""


def likelihood(path: str, text: str, others: dict[str, str]) -> str:
    (found,) = analyse({path: text, **others}).findings
    return found.likelihood


def test_a_route_within_a_test_is_for_nobody():
    assert likelihood("tests/test_app.py", TEST, {"app.py": "import os\n"}) == "low"


@pytest.mark.parametrize(
    ("path", "text", "others"),
    [
        ("tests/app.py", TEST, {}),
        ("tests/test_app.py", TEST.replace("test_listing", "listing"), {}),
        ("tests/test_app.py", TEST + "\ntest_listing(None)\n", {}),
        ("tests/test_app.py", TEST + "\nMADE = globals()['test_listing']\n", {}),
        ("tests/test_app.py", TEST, {"run.py": "from tests.test_app import *\n"}),
        ("tests/test_app.py", TEST, {"run.py": "import importlib\nimportlib.import_module('tests.test_app')\n"}),
        ("test_app/views.py", TEST, {}),
    ],
)
def test_attack_what_only_calls_itself_a_test_is_as_likely_as_ever(path, text, others):
    assert likelihood(path, text, others) == "high"


def test_attack_a_way_that_goes_through_the_program_is_the_programs():
    program = "import os\n\ndef run(x):\n    os.system(x)\n"
    text = "from run import run\nfrom flask import request\n\ndef test_run():\n    run(request.args['x'])\n"

    assert likelihood("tests/test_run.py", text, {"run.py": program}) == "high"
