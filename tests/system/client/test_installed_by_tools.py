"""`uv tool install` and `pipx install` take the wheel in an empty home, and what they make is the thin client."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both, from the package registry."""
    folder = tmp_path_factory.mktemp("tools")
    asked = [sys.executable, "-m", "pip", "install", "-q", "--target", str(folder), "uv", "pipx"]
    try:
        subprocess.run(asked, check=True, capture_output=True, timeout=120)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        pytest.skip("no package registry answers")
    return folder


@pytest.mark.parametrize("tool", ["uv", "pipx"])
def test_the_client_is_installed_in_an_empty_home_and_runs(tools: Path, tmp_path: Path, tool: str):
    subprocess.run([sys.executable, ROOT / "deploy/client/build.py", tmp_path], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    home = tmp_path / "home"
    home.mkdir()
    env = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "UV_"))}
    env |= {"HOME": str(home), "PATH": f"{Path(sys.base_prefix) / 'bin'}:{os.defpath}", "LANG": "C.UTF-8"}
    commands: dict[str, list[str | Path]] = {
        "uv": [tools / "bin" / "uv", "tool", "install", "--python", sys.executable, wheel],
        "pipx": [sys.executable, "-m", "pipx", "install", "--python", sys.executable, wheel],
    }
    asked = env | {"PYTHONPATH": str(tools)} if tool == "pipx" else env
    subprocess.run(commands[tool], env=asked, check=True, capture_output=True, timeout=240)
    program = home / ".local" / "bin" / "sluiceway"
    said = subprocess.run([program, "--version"], env=env, check=True, capture_output=True, text=True)
    assert said.stdout == f"sluiceway, version {wheel.name.split('-')[1]}\n"
    asked_nobody = subprocess.run([program, "runs"], env=env, check=False, capture_output=True, text=True)
    assert (asked_nobody.returncode, "SLW476" in asked_nobody.stderr) == (1, True), asked_nobody.stderr
