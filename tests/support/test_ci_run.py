"""`.ci/run`: a test that fails once is run again by itself, and told; what fails twice fails the run."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

RUN = (Path(__file__).parents[2] / ".ci" / "run").read_text()
FUNCTIONS = "\n".join(re.search(rf"^{name}\(\) {{.*?^}}$", RUN, re.M | re.S)[0] for name in ("tests_of", "again_alone"))  # type: ignore[index]
SCRIPT = """set -euo pipefail
results=() unsteady=() failed="" log=$(mktemp)
make() {{ echo "$@" >>asked; eval "${{1/-/_}} $(wc -l <asked)"; }}
test_system() {{ {suite} }}
{functions}
tests_of test-system FILES="tests/a.py tests/b.py" >/dev/null
echo "failed: $failed"
echo "unsteady: ${{unsteady[*]}}"
echo "asked: $(tail -n 1 asked)"
"""
ONE = 'echo "FAILED tests/a.py::test_one[x-1] - AssertionError"'
MANY = "for each in 1 2 3 4; do echo FAILED tests/a.py::test_$each; done"


def ran(suite: str, folder: Path) -> str:
    script = SCRIPT.format(suite=suite, functions=FUNCTIONS)
    return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=True).stdout


def test_a_test_that_fails_once_is_run_again_by_itself_and_told(tmp_path: Path) -> None:
    assert ran(f"{ONE}; [ $1 = 2 ];", tmp_path) == (
        "failed: \nunsteady: make test-system: tests/a.py::test_one[x-1]\n"
        "asked: test-system FILES=tests/a.py::test_one[x-1]\n"
    )


@pytest.mark.parametrize(
    "suite",
    [
        f"{ONE}; false;",
        f"{MANY}; [ $1 = 2 ];",
        f"{ONE}; echo Fatal Python error; [ $1 = 2 ];",
        "echo a skip; [ $1 = 2 ];",
    ],
    ids=["it fails twice", "many fail", "a crash", "no test failed"],
)
def test_what_is_no_accident_fails_the_run(suite: str, tmp_path: Path) -> None:
    assert ran(suite, tmp_path).startswith("failed: make test-system\nunsteady: \n")
