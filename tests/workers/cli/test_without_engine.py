"""What a command does without an engine: help, hints, plans, refusals; and what it does not load for them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import call, definition
from workers import cli
from workers.engine import embedded as engine

SLOW = {"temporalio", "sqlalchemy", "kubernetes", "docker", "requests", "celpy", "prompt_toolkit"}


def test_a_command_begins_without_what_only_the_engine_needs() -> None:
    """Half a second, at each use; what needs it loads it then."""
    names = [file.stem for file in sorted(Path(cli.__path__[0]).glob("*.py"))]
    code = f"import sys, importlib\nfor one in {names}:\n importlib.import_module('workers.cli.' + one)\n"
    code += f" if slow := {SLOW} & {{*sys.modules}}: sys.exit(f'{{one}} loads {{slow}}')"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stderr) == (0, "")


@pytest.mark.parametrize("words", ["runs", "release list", "--help"])
def test_what_needs_no_engine_is_told_without_the_sdk(words, tmp_path):
    slow = SLOW | {"pydantic", "httpx2", "msgspec", "litestar", "domain.access.engine", "domain.access.role"}
    told = f"from workers.cli import main; main._run(); import sys; print(*{slow} & {{*sys.modules}}, file=sys.stderr)"
    env = {**os.environ, "SLUICEWAY_HOME": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", told, *words.split()], capture_output=True, text=True, env=env)
    assert (ended.returncode, ended.stderr.split()) == (0, [])
    assert ended.stdout


def test_the_expressions_come_without_the_command_line_of_their_library() -> None:
    code = "import sys, pipeline_defs.core.expressions; print('prompt_toolkit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_without_an_engine_the_exit_code_is_5(tmp_path):
    env = {"SLUICEWAY_HOME": str(tmp_path / "none")}

    assert call("status", env=env)[0] == 5
    assert call("queues", env=env)[0] == 5


def test_a_mistyped_command_is_guessed() -> None:
    assert "'lint'" in call("lnit")[2]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_offered(shell):
    assert "_SLUICEWAY_COMPLETE" in call("completion", shell)[1]


def test_search_attributes_of_the_server_are_those_that_workflows_set() -> None:
    from workflows.core import search_attributes as attributes

    assert set(engine.SEARCH_ATTRIBUTES) == {key.name for key in attributes.ALL}
    assert len(attributes.ALL) <= 10


def test_nobody_else_owns_our_package_names() -> None:
    from importlib.metadata import packages_distributions
    from importlib.util import find_spec

    root = Path(__file__).parents[3]
    for name in ("domain", "pipeline_defs", "activities", "workflows", "workers"):
        found = find_spec(name)
        assert found is not None
        assert Path(found.origin or "").is_relative_to(root)
        assert packages_distributions().get(name, []) in ([], ["sluiceway"])


def test_plan_draws_a_flowchart(tmp_path):
    definition(tmp_path, "drawn", "jobs:\n  a: {run: x}\n  b: {needs: a, run: x}\n")

    assert call("plan", "p.yaml", "--mermaid", cwd=tmp_path)[1].startswith("flowchart LR\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("theirs", "--kubeconfig", "nowhere"), "the kubeconfig cannot be read"),
        (("../theirs", "--in-cluster"), "is not a valid cluster name"),
        (("theirs", "--in-cluster", "--context", "a"), "--in-cluster cannot be combined"),
        (("theirs", "--dials-out", "--kubeconfig", "a"), "--dials-out cannot be combined"),
        (("theirs", "--dials-out", "--in-cluster"), "cannot be combined with another way to reach it"),
    ],
)
def test_what_cannot_be_registered_is_refused_before_anything_is_asked(tmp_path, arguments, words):
    code, _, err = call("cluster", "register", *arguments, cwd=tmp_path)

    assert (code, words in err) == (2, True), err


def test_a_reader_that_goes_ends_a_command_quietly_and_past_the_interpreters_own_end() -> None:
    command = [str(Path(sys.executable).with_name("sluiceway")), "schema"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (1, b"")
