"""Setting up refuses a Python that is too old in words, before anything is made."""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
OLD = """#!/bin/sh
exec {python} -c 'import sys; sys.version_info = (3, 11, 3, "final", 0); exec(sys.stdin.read())'
"""


def test_a_python_without_filters_of_archives_is_refused_with_the_version_that_is_needed(tmp_path):
    old = tmp_path / "python"
    old.write_text(OLD.format(python=sys.executable))
    old.chmod(0o755)
    ended = subprocess.run(
        [ROOT / "deploy" / "setup.sh"],
        env={"PYTHON": str(old), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "Python 3.11.4 or later is needed" in ended.stderr


def test_a_program_that_is_installed_again_is_replaced_in_one_step(tmp_path):
    """Whoever runs it meanwhile has the one before, whole."""
    built, tools = tmp_path / "go" / "gitleaks-v8.30.1", tmp_path / "tools" / "gitleaks"
    built.parent.mkdir()
    env = {"SLUICEWAY_GO_BIN": str(built.parent), "SLUICEWAY_TOOLS": str(tmp_path / "tools"), "PATH": "/usr/bin:/bin"}
    for text in ("first", "second"):
        built.write_text(text)
        built.chmod(0o755)
        subprocess.run([ROOT / "deploy" / "tools", "gitleaks"], env=env, check=True)
        if text == "first":
            (tmp_path / "in use").hardlink_to(tools / "bin" / built.name)

    assert (tmp_path / "in use").read_text() == "first"
    assert (tools / "bin" / "gitleaks").read_text() == "second"
    assert (tools / "SHA256").read_text() == f"{hashlib.sha256(b'second').hexdigest()}\n"
    assert {one.name for one in (tools / "bin").iterdir()} == {built.name, "gitleaks"}
