"""Setting up refuses a Python that is too old in words, before anything is made."""

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
