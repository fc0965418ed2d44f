"""A definition sets the variables that interpreters, loaders and git act on: its own steps see them, and nothing of ours."""

from __future__ import annotations

import sys

from tests.support.lab import Lab

JOBS = """jobs:
  a:
    env:
      PYTHONPATH: "."
      PYTHONINSPECT: "1"
      BASH_ENV: ./odd.sh
      ENV: ./odd.sh
      GIT_CONFIG_COUNT: "1"
      GIT_CONFIG_KEY_0: core.fsmonitor
      GIT_CONFIG_VALUE_0: ./odd.sh
      GIT_SSH_COMMAND: ./odd.sh
      TMPDIR: .
      HOME: .
    artifacts: {out: {seen: seen}}
    run:
      - echo before >> seen
      - PYTHON -c pass </dev/null
      - echo after >> seen
"""
LOADED = (
    'import os, pathlib\npathlib.Path("MARK").open("a").write(f"{os.environ.get(\'SLUICEWAY_JOB\', \'ours\')}\\n")\n'
)


async def test_only_the_steps_load_what_their_variables_name(lab: Lab) -> None:
    mark = lab.settings.home.parent / "loaded"
    odd = f"#!/bin/sh\necho odd >> {mark}\n"
    files = {"sitecustomize.py": LOADED.replace("MARK", str(mark)), "odd.sh": odd}
    run = await lab.start(JOBS.replace("PYTHON -c", f"{sys.executable} -c"), files)
    result = await lab.result(run)

    assert result.status == "passed", result.reason
    assert mark.read_text().split() == ["a"], "once, by the step that asked for Python: the control, too"


async def test_a_definition_sets_none_of_the_engines_own_variables(lab: Lab) -> None:
    run = await lab.start("jobs:\n  a: {run: 'true', env: {SLUICEWAY_HOME: /elsewhere}}\n")
    result = await lab.result(run)

    assert (result.status, "SLW205" in result.reason) == ("failed", True)
