"""What every target of releases keeps: in memory, as processes, as containers, in a cluster."""

import json
import sys
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from activities.docker.daemon import connected
from activities.releases.port import NotReadyError
from activities.releases.routers.registry import routers
from activities.releases.routers.traefik.process import Ports, Traefik
from activities.releases.targets.docker import DockerTarget
from activities.releases.targets.local import LocalTarget
from activities.releases.targets.memory import MemoryTarget
from activities.source.mirrors import Mirrors
from activities.storage.stores.folder import FolderStore
from activities.supervisor.service import answers, free_port
from domain.releases.deploy_spec import DeploySpec, ProbeSpec
from domain.releases.deployment import Deployment
from domain.triggers.source import SourceRef
from tests.contracts.targets.kubernetes import in_cluster, kubernetes
from tests.support.containers import left
from workers.core.settings import Settings
from workers.engine import embedded as engine


@asynccontextmanager
async def memory(folder: Path):
    platform = MemoryTarget()
    platform.never_ready = {"broken"}
    yield platform


@asynccontextmanager
async def local(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    router = Traefik(folder / "router", Ports(free_port(), free_port()))
    yield LocalTarget(folder / "services", FolderStore(folder / "store"), Mirrors(folder / "m"), routers(router))
    engine.down(Settings(folder, folder))


@asynccontextmanager
async def containers(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    router = Traefik(folder / "router", Ports(free_port(), free_port()))
    yield DockerTarget(folder, routers(router))
    engine.down(Settings(folder, folder))
    with connected() as client:
        assert left(client, folder) == []


def deployment(version: str, instance: str) -> Deployment:
    serve = [
        sys.executable,
        "-c",
        "import http.server, os; http.server.HTTPServer(('127.0.0.1', int(os.environ['PORT'])), http.server.SimpleHTTPRequestHandler).serve_forever()",
    ]
    command = serve if version != "broken" else ["false"]
    spec = DeploySpec(
        service="web",
        version=version,
        command=tuple(command),
        instances=1,
        readiness=ProbeSpec("/", 20 if version != "broken" else 0.3),
        drain_s=1,
    )
    return Deployment(service="web", environment="production", instance=instance, spec=spec, source=SourceRef())


SERVE = (
    "mkdir -p /tmp/www; echo version {version} > /tmp/www/index.html;"
    " trap 'exit 0' TERM; httpd -f -p $PORT -h /tmp/www & wait"
)
"""The trap is what ends a container's first process when it is told to, and not only when its time is over."""


def contained(image: str, version: str, instance: str) -> Deployment:
    command = ("sh", "-c", SERVE.format(version=version) if version != "broken" else "echo no config; exit 1")
    ready = ProbeSpec("/", 20 if version != "broken" else 3)
    spec = DeploySpec(
        service="web",
        version=version,
        command=command,
        instances=2,
        image=image,
        target="docker",
        readiness=ready,
        drain_s=1,
    )
    return Deployment(service="web", environment="production", instance=instance, spec=spec, source=SourceRef())


@pytest.fixture(
    params=[memory, local, kubernetes, pytest.param(containers, marks=pytest.mark.docker)], ids=lambda how: how.__name__
)
async def place(request, tmp_path):
    """A platform, and what makes a version to run on it."""
    version = in_cluster if request.param is kubernetes else deployment
    if request.param is containers:
        version = partial(contained, request.getfixturevalue("shell_image"))
    async with request.param(tmp_path) as made:
        yield made, version


class TestPlatform:
    async def test_everything_may_be_called_twice(self, place):
        platform, version = place
        one = version("1", "r1")
        for _ in range(2):
            await platform.start(one)
        addresses = [await platform.route(one) for _ in range(2)]
        for _ in range(2):
            await platform.stop(one)

        assert addresses[0] == addresses[1]
        assert "web" in addresses[0]

    async def test_a_version_that_is_not_ready_is_an_answer_and_leaves_nothing(self, place):
        platform, version = place
        with pytest.raises(NotReadyError, match="version broken"):
            await platform.start(version("broken", "r2"))

    async def test_what_never_ran_can_be_stopped(self, place):
        platform, version = place
        await platform.stop(version("1", "never"))

    async def test_a_stopped_version_can_be_started_again(self, place):
        platform, version = place
        one = version("1", "r3")
        await platform.start(one)
        await platform.stop(one)
        await platform.start(one)

        assert await platform.route(one)
        await platform.stop(one)


async def test_a_stopped_local_version_answers_no_more(tmp_path):
    async with local(tmp_path) as platform:
        one = deployment("1", "r1")
        await platform.start(one)
        port = json.loads((platform.folder(one) / "state.json").read_text())["instances"][0]["port"]
        assert answers(port, "/")
        await platform.stop(one)
        assert not answers(port, "/")
