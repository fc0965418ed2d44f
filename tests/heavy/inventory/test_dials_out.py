"""A cluster that nobody reaches is seen in the fleet: its worker has a server's address and a token, and nothing else."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import call
from tests.support.lab import until
from tests.support.served import serving
from tests.support.walking import Administrator

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
FAR = "factory"


def token_of(manifest: str) -> str:
    (secret,) = (one for one in json.loads(manifest)["items"] if one["kind"] == "Secret")
    return base64.b64decode(secret["data"]["token"]).decode()


async def test_a_cluster_that_dials_out_is_live_while_its_worker_runs_and_grey_without_it(simulated, tmp_path: Path):
    with serving(tmp_path / "home") as chosen:
        code, out, err = call("cluster", "register", FAR, "--dials-out")
        assert code == 0, out + err
        somebody = Administrator(chosen, tmp_path / "logins")

        def row():
            return json.loads(somebody.says("fleet", "cluster", FAR, "--json"))["row"]

        assert (row()["health"], row()["reason"]) == ("unknown", "its worker has never dialled in")
        token = token_of(somebody.says("cluster", "manifest", FAR, "--image", "sluiceway:1"))
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path / "nobody"),
            "SLUICEWAY_HOME": str(tmp_path / "no-home"),
            "SLUICEWAY_SERVER": chosen.engine()["server"],
            "SLUICEWAY_TOKEN": token,
        }
        kubeconfig = simulated.access.reference.removeprefix("file:")
        command = [str(Path(sys.executable).with_name("sluiceway")), "dial-out", FAR, "--kubeconfig", kubeconfig]
        with subprocess.Popen(command, env=env) as worker:
            try:
                await until(lambda: row()["freshness"] == "live" and row()["synced"], 90)
                assert sum(row()["nodes"].values()) == 3
                assert row()["dialled_at"]
                assert "dials out: its worker was last heard of" in somebody.says("fleet", "cluster", FAR)
                _, out, err = call("fleet", "clusters", env=env)
                assert FAR not in out + err, "a worker's token reads nothing"
            finally:
                worker.terminate()
        await until(lambda: row()["freshness"] == "stale" and row()["health"] == "unknown", 90)
        assert not (tmp_path / "no-home").exists()
