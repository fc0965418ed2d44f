"""Of heavy tests, each is run once by one of three processes, and none is idle while another has files left for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support import of_nodes

NEEDS = """import pytest
def needs_host():
    "Whether the machine can be a node."
@pytest.fixture(params=["kwok", "host"])
def case(request):
    if request.param == "host":
        needs_host()
def test_of_a_provider(case): ...
def test_on_a_node():
    needs_host()
def test_plain(): ...
"""


def run(folder: Path, on: str) -> list[str]:
    env = {**os.environ, "SLUICEWAY_TESTS_ON": on, of_nodes.CLAIMS: str(folder / "claims")}
    env.pop("PYTEST_ADDOPTS", None)
    env |= {"PYTHONPATH": str(Path.cwd()), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugins = ("tests.support.grouping", "tests.support.of_nodes", "no:cacheprovider")  # as in tests/conftest.py
    told = [sys.executable, "-m", "pytest", "-v", *(word for one in plugins for word in ("-p", one))]
    done = subprocess.run(
        [*told, "-c", os.devnull, "--rootdir", "."], env=env, capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [line.split(" PASSED")[0] for line in done.stdout.splitlines() if " PASSED" in line]


def test_what_needs_a_node_is_of_the_first_which_goes_on_with_what_the_second_has_not_begun(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "test_a.py").write_text(NEEDS)
    for name in ("b", "c", "d"):
        (tmp_path / f"test_{name}.py").write_text("def test_one(): ...\ndef test_two(): ...\n")
    of_nodes._claim(tmp_path / "claims", str(tmp_path / "test_b.py"))  # as if the second were there
    nodes = run(tmp_path, "nodes")
    assert nodes == [
        *("test_a.py::test_of_a_provider[host]", "test_a.py::test_on_a_node"),
        *("test_d.py::test_one", "test_d.py::test_two", "test_c.py::test_one", "test_c.py::test_two"),
        *("test_a.py::test_of_a_provider[kwok]", "test_a.py::test_plain"),
    ]
    assert run(tmp_path, "elsewhere") == []


def test_tests_on_nodes_are_shared_out_by_what_shares_a_cluster_and_the_longest_comes_first(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    (tmp_path / "z").mkdir()
    (tmp_path / "z" / "conftest.py").write_text(
        "import pytest\ndef on_this_machine(): ...\n"
        "@pytest.fixture(scope='package')\ndef real_node(): on_this_machine()\n"
    )
    for name in ("z/test_a", "z/test_b", "z/test_c"):
        (tmp_path / f"{name}.py").write_text("def test_one(real_node): ...\n")
    (tmp_path / "test_m.py").write_text(NEEDS)
    (tmp_path / "test_n.py").write_text(NEEDS)
    of_nodes._claim(tmp_path / "claims", f"{tmp_path / 'test_m.py'} on nodes")
    assert run(tmp_path, "more-nodes") == [
        *("z/test_a.py::test_one", "z/test_b.py::test_one", "z/test_c.py::test_one"),
        *("test_n.py::test_of_a_provider[host]", "test_n.py::test_on_a_node"),
    ]


def test_what_was_kept_for_a_file_of_the_other_process_is_ended(tmp_path: Path) -> None:
    (tmp_path / "claims").mkdir()
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "conftest.py").write_text(
            "import pytest\n@pytest.fixture(scope='package', autouse=True)\ndef kept(): yield\n"
        )
    for name in ("x/test_a", "y/test_b", "y/test_c"):
        (tmp_path / f"{name}.py").write_text("def test_one(): ...\n")
    of_nodes._claim(tmp_path / "claims", str(tmp_path / "y" / "test_b.py"))
    assert run(tmp_path, "nodes") == ["y/test_c.py::test_one", "x/test_a.py::test_one"]
