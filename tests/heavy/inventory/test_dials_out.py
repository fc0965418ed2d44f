"""A cluster that nobody reaches is seen in the fleet: its worker has a server's address and a token, and nothing else."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from domain.clusters import metadata
from domain.core.documents import Node
from tests.heavy.inventory.test_real_watch import deployment
from tests.support.command_line import call, said
from tests.support.lab import until
from tests.support.served import serving
from tests.support.walking import Administrator
from workers.core.settings import Settings

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]
FAR = "factory"


@contextmanager
def dialling(chosen: Settings, somebody: Administrator, kubeconfig: str, folder: Path, *more: str) -> Iterator[Any]:
    """The worker as its manifest starts it, beside its cluster instead of in it."""
    made = json.loads(somebody.says("cluster", "manifest", FAR, "--image", "sluiceway:1", *more))["items"]
    (secret,) = (one for one in made if one["kind"] == "Secret")
    (deployment,) = (one for one in made if one["kind"] == "Deployment")
    said = deployment["spec"]["template"]["spec"]["containers"][0]["command"]
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "nobody"),
        "SLUICEWAY_HOME": str(folder / "no-home"),
        "SLUICEWAY_SERVER": chosen.engine()["server"],
        "SLUICEWAY_TOKEN": base64.b64decode(secret["data"]["token"]).decode(),
    }
    at = said.index("--token-file")
    command = [
        str(Path(sys.executable).with_name("sluiceway")),
        *said[1:at],
        *said[at + 2 :],
        "--kubeconfig",
        kubeconfig,
    ]
    with subprocess.Popen(command, env=env) as worker:
        try:
            yield env
        finally:
            worker.terminate()


async def test_a_cluster_that_dials_out_is_live_while_its_worker_runs_and_grey_without_it(simulated, tmp_path: Path):
    with serving(tmp_path / "home") as chosen:
        code, out, err = call("cluster", "register", FAR, "--dials-out")
        assert code == 0, out + err
        somebody = Administrator(chosen, tmp_path / "logins")

        def row():
            return json.loads(somebody.says("fleet", "cluster", FAR, "--json"))["row"]

        assert (row()["health"], row()["reason"]) == ("unknown", "its worker has never dialled in")
        kubeconfig = simulated.access.reference.removeprefix("file:")
        with dialling(chosen, somebody, kubeconfig, tmp_path) as env:
            await until(lambda: row()["freshness"] == "live" and row()["synced"], 90)
            assert sum(row()["nodes"].values()) == 3
            assert row()["dialled_at"]
            assert "dials out: its worker was last heard of" in somebody.says("fleet", "cluster", FAR)
            _, out, err = call("fleet", "clusters", env=env)
            assert FAR not in out + err, "a worker's token reads nothing"
            simulated.kube.apply(deployment("far"))
            code, out, err = call("pod", "restart", FAR, "far", "--kind", "Deployment")
            assert code != 0, out
            assert "SLW977" in err, "its owner lets it watch, and no more"
        await until(lambda: row()["freshness"] == "stale" and row()["health"] == "unknown", 90)
        assert not (tmp_path / "no-home").exists()


async def test_its_worker_does_what_the_signer_has_permitted_and_nothing_else(simulated, tmp_path: Path):
    kubeconfig, kube = simulated.access.reference.removeprefix("file:"), simulated.kube
    with serving(tmp_path / "home") as chosen:
        call("cluster", "register", FAR, "--dials-out")
        somebody = Administrator(chosen, tmp_path / "logins")
        kube.apply(deployment("far", replicas=2))
        with dialling(chosen, somebody, kubeconfig, tmp_path, "--may", "act"):

            def let():
                return json.loads(somebody.says("fleet", "cluster", FAR, "--json"))["row"]["dialled_may"] == "act"

            await until(let, 90)
            pods = [metadata.name(one) for one in kube.items("v1", "Pod", "default", "app=far")]
            somebody.says("pod", "delete", FAR, pods[0], "--any")
            await until(lambda: kube.get("v1", "Pod", pods[0], "default") is None)
            said("pod", "restart", FAR, "far", "--kind", "Deployment")
            found = Node(kube.get("apps/v1", "Deployment", "far", "default"))
            assert found.at("spec", "template", "metadata", "annotations")["kubectl.kubernetes.io/restartedAt"]
            somebody.says("pod", "run", FAR, "made", "--image", "busybox", "--no-wait", "true")
            await until(lambda: kube.get("v1", "Pod", "made", "default") is not None)
            somebody.says("pod", "delete", FAR, "made")
            assert kube.get("v1", "Pod", "made", "default") is None
