"""semgrep's engine, which we start ourselves, against the command that its makers put in front of it."""

import json
import os
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from activities.scans.port import Target
from activities.scans.running.scan_runner import VIEW, Scanning
from activities.scans.scanners.registry import scanners
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


@pytest.mark.system
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


WEAK = "import os\nfrom flask import request\n\n\ndef f():\n    os.system('ls ' + request.args['x'])\n"


@pytest.mark.parametrize(("tools", "by"), [(("semgrep",), {"semgrep"}), (("semgrep", "dataflow"), {"dataflow"})])
async def test_what_a_python_program_does_with_a_request_is_left_to_dataflow_where_that_runs(tmp_path, tools, by):
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.py").write_text(WEAK)
    (tmp_path / "t" / "a.js").write_text("app.get('/', (req, res) => res.redirect(req.query.to))\n")
    scanning = Scanning(scanners(settings.load().tools))
    reports = await scanning.scan(tools, Target((tmp_path / "t").resolve()), tmp_path / "s", uuid4().hex, 100)

    found = [one for report in reports for one in report.findings]
    assert {one.tool for one in found if one.path == "a.py" and one.trace} == by
    assert [one.rule for one in found if one.path == "a.js"] == ["javascript-open-redirect"]
