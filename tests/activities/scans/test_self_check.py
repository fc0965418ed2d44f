"""A scanner that was changed, or no longer finds what it must, is not trusted."""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from activities.scans import self_check as doctor
from activities.scans.scanners.inline_suppressions import Markers
from activities.scans.scanners.registry import scanners
from tests.support.command_line import sluiceway
from tests.support.programs import program
from workers.core import settings


@pytest.fixture
def tools(tmp_path) -> Path:
    """A copy of bandit's environment, which may be damaged."""
    shutil.copytree(settings.load().tools / "bandit", tmp_path / "tools" / "bandit", symlinks=True)
    return tmp_path / "tools"


EVERY = ("bandit", "semgrep", "dataflow", "trivy", "markers", "secrets", "gitleaks", "govulncheck")


@pytest.mark.system
def test_every_scanner_that_was_installed_is_good(tmp_path):
    env = {**os.environ, "SLUICEWAY_HOME": str(tmp_path)}
    done = subprocess.run(
        [program("sluiceway"), "doctor", "--json"], env=env, capture_output=True, text=True, check=True
    )

    assert goodness(done.stdout) == dict.fromkeys(EVERY, True)


def test_every_scanner_has_the_files_that_were_installed_and_finds_its_canary(tmp_path, recorded_scanners):
    """The same, with what bandit, semgrep and trivy have said of their canaries."""
    done = sluiceway("doctor", "--json", cwd=tmp_path, env={"SLUICEWAY_HOME": str(tmp_path)})

    assert done.returncode == 0, done.stdout
    assert goodness(done.stdout) == dict.fromkeys(EVERY, True)


def goodness(said: str) -> dict[str, bool]:
    return {one["name"]: one["good"] for one in json.loads(said)["scanners"]}


def test_a_program_that_is_not_the_one_that_was_built_is_not_trusted(tmp_path):
    folder = tmp_path / "gitleaks"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "gitleaks").write_text("#!/bin/sh\n")
    (folder / "SHA256").write_text("0" * 64)
    (checked,) = asyncio.run(doctor.check({"gitleaks": scanners(tmp_path)["gitleaks"]}, tmp_path))

    assert not checked.good
    assert "not what was installed" in checked.why


async def test_a_file_that_was_changed_after_the_installation_is_named(tools):
    plugin = next(tools.glob("bandit/lib/python3*/site-packages/bandit/plugins/injection_shell.py"))
    plugin.write_text(plugin.read_text() + "\n# changed\n")
    (checked,) = await doctor.check({"bandit": scanners(tools)["bandit"]}, tools)

    assert not checked.good
    assert "injection_shell.py" in checked.why


async def test_a_scanner_that_finds_nothing_any_more_is_not_trusted(tmp_path):
    blind = Markers()
    blind.canary = ("canary.py", "x = 1\n", "nosec")
    (checked,) = await doctor.check({"markers": blind}, tmp_path)

    assert not checked.good
    assert "misses a known nosec" in checked.why


async def test_a_scanner_that_is_not_there_is_not_trusted(tmp_path):
    (checked,) = await doctor.check({"bandit": scanners(tmp_path)["bandit"]}, tmp_path)

    assert not checked.good
