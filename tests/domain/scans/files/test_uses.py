"""Code that the program loads is no test, wherever it lies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scans.files.classes import class_of
from domain.scans.files.uses import used_tests, uses
from domain.scans.findings.model import FileClass

LANGUAGES = {"py": "python", "js": "javascript", "ts": "typescript"}


def used(files: dict[str, str]) -> set[str]:
    classes = {path: class_of(path, text.encode()) for path, text in files.items()}
    named = {path: uses(path, LANGUAGES[path.rpartition(".")[2]], text) for path, text in files.items()}
    return set(used_tests(classes, named))


@pytest.mark.parametrize(
    ("where", "text", "loaded"),
    [
        ("app.py", "from tests.helper import run\n", "tests/helper.py"),
        ("app.py", "def f():\n    import tests.helper as h\n", "tests/helper.py"),
        ("app.py", "from tests import (\n    helper,\n)\n", "tests/helper.py"),
        ("shop/urls.py", "from . import testing\n", "shop/testing/__init__.py"),
        ("shop/api/urls.py", "from ..testing.views import index\n", "shop/testing/views.py"),
        ("shop/urls.py", "path('x', include('shop.testing.urls'))\n", "shop/testing/urls.py"),
        ("run.py", "from shop.spec import load\n", "src/shop/spec/load.py"),
        ("run.py", "import tools.test_main, sys\n", "tools/test_main.py"),
        ("web/app.js", "const x = require('../spec/load')\n", "spec/load.js"),
        ("web/app.ts", "import {x} from './__tests__/load.js'\n", "web/__tests__/load.ts"),
        ("web/app.ts", "await import('./test/')\n", "web/test/index.ts"),
    ],
)
def test_what_the_program_loads_is_no_test(where, text, loaded):
    assert used({where: text, loaded: ""}) == {loaded}


def test_tests_that_only_tests_load_stay_tests():
    files = {
        "app.py": "from django.test import Client\nimport testing\nfrom unittest import mock\n",
        "tests/test_app.py": "from tests.helper import run\n",
        "tests/helper.py": "",
        "tests/test/client.py": "",
    }
    assert used(files) == set()


def test_what_a_loaded_file_loads_is_loaded_too():
    files = {
        "app.py": "from tests.one import x\n",
        "tests/one.py": "from .two import y\n",
        "tests/two.py": "from . import one\n",
        "tests/three.py": "",
    }
    assert used(files) == {"tests/one.py", "tests/two.py"}


NAMES = st.text(alphabet="abt_./\"'()", max_size=30)


@given(NAMES, st.text(max_size=300), st.sampled_from(["python", "javascript", "go"]))
def test_any_text_has_uses_that_are_no_text_of_many_lines(path, text, language):
    assert all("\n" not in each for each in uses(path, language, text))


@given(st.dictionaries(NAMES, st.sampled_from(FileClass)), st.dictionaries(NAMES, st.frozensets(NAMES)))
def test_only_tests_are_found_to_be_none(classes, named):
    assert all(classes[path] is FileClass.TEST for path in used_tests(classes, named))
