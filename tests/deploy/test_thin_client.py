"""The thin client has what a server's commands need, and nothing of the engine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = (
    *("temporalio", "sqlalchemy", "alembic", "pydantic", "yaml", "kubernetes", "docker", "litestar", "jinja2", "rich"),
    *("activities", "workflows", "pipeline_defs", "workers.api", "workers.worker", "workers.engine", "workers.signer"),
)
NOT_LOADED = (*ENGINE, "re2", "cedarpy", "webauthn", "argon2", "structlog", "uvicorn", "babel", "joserfc", "docker")
"""What no module of a command may need when it is loaded; a function that works near alone may."""


def _build():
    spec = importlib.util.spec_from_file_location("build", ROOT / "deploy" / "client" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the client, and nothing else of ours."""
    folder = tmp_path_factory.mktemp("client")
    for file in _build().modules():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, folder / file)
    return folder


def test_what_is_in_it_does_not_depend_on_the_order_of_the_commands(monkeypatch: pytest.MonkeyPatch):
    build = _build()
    there, roots = build.modules(), build.roots()
    monkeypatch.setattr(build, "roots", lambda: [*roots, "domain.core.error_codes.page"])

    assert build.modules() == there


def _said(stage: Path, code: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(stage), "XDG_CONFIG_HOME": str(stage / "config"), "SLUICEWAY_SERVER": ""}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, cwd=stage, check=False)


def test_all_of_it_loads_without_the_engine_and_its_libraries(stage: Path):
    names = [".".join(one.relative_to(stage).with_suffix("").parts) for one in sorted(stage.rglob("*.py"))]
    names = [one.removesuffix(".__init__") for one in names]
    commands = [one for one in names if one.startswith("workers")]
    for some, unwanted in ((commands, NOT_LOADED), (names, ENGINE)):
        code = f"import sys, importlib\nfor one in {some}:\n importlib.import_module(one)\n"
        code += f"print(*sorted(one for one in sys.modules if one.startswith({unwanted})))"
        ended = _said(stage, code)
        assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "", "")


def test_a_command_without_an_engine_says_what_to_do(stage: Path):
    wanted = {"runs": 1, "up": 2, "scan .": 2, "lint x.yaml": 2, "schema": 2, "explain SLW477": 0, "--help": 0}
    code = "import sys\nfrom workers.cli import main, placed\nimport workers.cli.session as session\n"
    code += "placed.has_engine = session.has_engine = lambda: False\n"
    code += f"for one in {list(wanted)}:\n sys.argv = ['sluiceway', *one.split()]\n print('ended', main._run(), one)\n"
    ended = _said(stage, code)
    found = [line.split(" ", 2)[1:] for line in ended.stdout.splitlines() if line.startswith("ended ")]
    assert {one: int(code) for code, one in found} == wanted
    assert "Traceback" not in ended.stderr
    assert "sluiceway login URL" in ended.stderr
    assert "own machine" in ended.stderr
