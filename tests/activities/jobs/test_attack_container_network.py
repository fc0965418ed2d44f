"""What a job in a container of a real daemon reaches, by the network that its installation gives it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from temporalio.testing import ActivityEnvironment

from activities.authority.everything import Everything
from activities.jobs.activities import JobActivities
from activities.jobs.caches import Caches
from activities.jobs.directories import JobDirectories
from activities.jobs.executors.docker.executor import DockerExecutor
from activities.jobs.port import JobInput
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from domain.jobs.isolation import Network, Reach
from domain.jobs.result import JobResult, Status
from domain.pipelines.container import ContainerSpec, ServiceSpec
from domain.pipelines.job import Job, JobKind
from domain.pipelines.steps import Step
from tests.support.containers import left
from workers.core.records import Records

pytestmark = pytest.mark.docker
ROOT = pytest.mark.skipif(os.getuid() != 0, reason="needs root: only root enters the network of a container")


class Containers:
    """Jobs in containers, of a home of their own."""

    def __init__(self, home: Path, image: str) -> None:
        self.home, self._image = home, image
        records, store = Records.at(home / "records.db"), FolderStore(home / "store")
        self._place = (
            JobDirectories(home / "jobs"),
            store,
            records.runs,
            Mirrors(home / "m"),
            Caches(store, records.caches),
        )

    async def run(self, reach: Reach, step: str, *services: ServiceSpec, name: str = "j") -> JobResult:
        executors = {"docker": DockerExecutor(self.home, reach)}
        jobs = JobActivities(*self._place, executors=executors, permits=Everything())
        spec = ContainerSpec(self._image, pull="never", services=services)
        job = Job(
            name,
            JobKind.RUN,
            name,
            stage="run",
            steps=(Step(step),),
            executor="docker",
            container=spec,
            run_timeout_s=60,
        )
        return await ActivityEnvironment().run(jobs.run_job, JobInput("run/web/1", job))

    def lines(self, *streams: str, name: str = "j") -> list[str]:
        log = JobDirectories(self.home / "jobs").folder("run/web/1", name, 1) / "log.jsonl"
        told = [json.loads(line) for line in log.read_text().splitlines()]
        return [line["l"] for line in told if line["o"] in (streams or ("out", "err"))]


@pytest.fixture
def containers(tmp_path: Path, daemon: docker.DockerClient, shell_image: str) -> Iterator[Containers]:
    (tmp_path / "home").mkdir()
    yield Containers(tmp_path / "home", shell_image)
    assert left(daemon, tmp_path / "home") == []


@pytest.mark.parametrize("network", [Network.NONE, Network.OPEN])
async def test_a_container_has_an_interface_only_where_the_network_is_open(containers: Containers, network: Network):
    result = await containers.run(Reach(network), "ls /sys/class/net | grep -v '^lo$' || echo alone")

    assert result.status is Status.PASSED, result.reason
    assert (containers.lines() == ["alone"]) == (network is Network.NONE)


@ROOT
async def test_a_container_reaches_a_listed_host_by_its_proxy_and_nothing_beside_it(containers: Containers, site: int):
    reach = Reach(Network.PROXY, frozenset({f"localhost:{site}"}), ("127.0.0.0/8",))
    step = f"""
fetch() {{ printf 'GET http://%s/ HTTP/1.1\\r\\nHost: %s\\r\\n\\r\\n' $1 $1 | nc 127.0.0.1 3128 | tail -n 1; echo; }}
fetch localhost:{site}
fetch 169.254.169.254
nc -w 2 169.254.169.254 80 </dev/null 2>&1 || echo refused
ls /sys/class/net | grep -v '^lo$' || echo alone
"""
    result = await containers.run(reach, step)

    assert result.status is Status.PASSED, result.reason
    assert containers.lines()[0] == "the page"
    assert containers.lines()[-2:] == ["refused", "alone"]
    told = [line for line in containers.lines("engine") if "the proxy" in line]
    assert told[0].startswith("SLW033: the proxy refused '169.254.169.254' is an address")
    assert told[-1] == "the proxy refused 1 requests of this job"


@ROOT
async def test_a_container_with_a_proxy_still_has_its_services(containers: Containers, shell_image: str):
    web = ServiceSpec(
        "web", shell_image, command=("sh", "-c", "while true; do echo served | nc -l -p 80; done"), port=80
    )
    step = "nc $(nslookup web 127.0.0.11 | awk '/^Address/ {a = $2} END {print a}') 80 </dev/null"
    result = await containers.run(Reach(Network.PROXY), step, web)

    assert result.status is Status.PASSED, result.reason
    assert containers.lines() == ["served"]


async def test_a_proxy_is_refused_where_the_worker_cannot_enter_the_container(
    containers: Containers, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(Path, "readlink", refuse)
    result = await containers.run(Reach(Network.PROXY), "echo never")

    assert "SLW031" in result.reason


def refuse(path: Path) -> Path:
    raise PermissionError(13, "not the owner")
