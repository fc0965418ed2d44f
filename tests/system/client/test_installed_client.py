"""A machine with only the client's dependencies, without a home and without a network, works with a server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.system


def test_each_command_works_with_a_server_and_nothing_of_the_engine(client: Path):
    if subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this machine allows no network namespace")
    loads = "import importlib.util as u; print([one for one in ('temporalio', 'sqlalchemy', 'litestar') if u.find_spec(one)])"
    python = client.with_name("python")
    assert subprocess.run([python, "-c", loads], capture_output=True, text=True, check=True).stdout == "[]\n"
    command = ["unshare", "-rn", sys.executable, "-m", "tests.system.client.installed", str(client)]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=150)
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert told, ended.stderr
    for one in told:
        wanted = 2 if one["words"] == ["up"] else 0
        assert one["code"] == wanted, one
        assert "Traceback" not in one["err"], one
        assert (one["out"] or one["err"]).strip() or one["words"] == ["token", "list"], one
    assert "owner:owner" in told[1]["out"]
