"""semgrep's engine, which we start ourselves, against the command that its makers put in front of it."""

import json
import os
import subprocess
from pathlib import Path

from activities.scans.scan_runner import VIEW
from activities.scans.scanners.semgrep import RULES
from workers.core import settings

Place = tuple[str, str, int, int]
"""Rule, path, first and last line."""


def places(report: Path, target: Path) -> set[Place]:
    found = json.loads(report.read_bytes())
    assert not found["errors"]
    return {
        (
            one["check_id"].rsplit(".", 1)[-1],
            Path(one["path"]).resolve().relative_to(target).as_posix(),
            one["start"]["line"],
            one["end"]["line"],
        )
        for one in found["results"]
    }


def test_the_engine_alone_finds_what_the_command_finds(looked, tmp_path):
    view = (looked.scratch / VIEW).resolve()
    tools = settings.load().tools / "semgrep" / "bin"
    options = "--metrics=off --disable-version-check --oss-only -q --json -j 1 --no-git-ignore --disable-nosem"
    env = {"PATH": f"{tools}:{os.environ['PATH']}", "HOME": str(tmp_path), "SEMGREP_ENABLE_VERSION_CHECK": "0"}
    report = tmp_path / "command.json"
    command = [str(tools / "semgrep"), "scan", *options.split(), "--x-ignore-semgrepignore-files"]
    command += ["--config", str(RULES), "-o", str(report), str(view)]
    subprocess.run(command, env=env, cwd=tmp_path, check=True, capture_output=True)

    alone = places(looked.scratch / "semgrep" / "report.json", view)
    assert alone == places(report, view)
    assert len(alone) > 100
