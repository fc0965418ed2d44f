"""Releases of containers: the same strategies, behind the same router, judged by the same counters."""

import asyncio
import json
import os
import secrets
import signal
from typing import Any

import docker
import pytest

from activities.releases.routers.traefik.process import loopback
from pipeline_defs.policy.model import Policy
from pipeline_defs.releases.environment_model import Environment
from tests.contracts.targets.test_targets import SERVE
from tests.support.advisories import ADVISORY, NEWER, learn
from tests.support.containers import left
from tests.support.lab import Lab, until
from tests.workflows.supply_chain.test_images import FILES
from workers.client.rescans import rescan
from workers.core.settings import Settings
from workers.engine import embedded as engine

pytestmark = pytest.mark.docker
JOBS = """jobs:
  image:
    build: {{image: {{tag: "sluiceway-test/{service}:{version}"}}}}
  ship:
    needs: image
    environment: {service}
    deploy:
      service: {service}
      version: "{version}"
      target: docker
      image: "${{{{ needs.image.outputs.digest }}}}"
      instances: {instances}
      readiness: {{http: /, timeout: {timeout}}}
      drain: 1s
      {strategy}
"""
CANARY = "strategy: canary\n      analysis: {tick: 100ms, steps: [50], min-dwell: 500ms, max-dwell: 1s, on-inconclusive: promote, warm-up: 100ms}"


@pytest.fixture(scope="module")
async def lab(temporal_address, tmp_path_factory, daemon):
    """One engine and one router for all tests here; each service has a name of its own."""
    folder = tmp_path_factory.mktemp("docker-releases")
    settings = Settings(folder / "home", folder)
    learn(settings.home, ADVISORY)
    engine.choose_ports(settings)
    async with Lab.on(temporal_address, folder) as made:
        yield made
    for name in left(daemon, settings.home):
        daemon.api.remove_container(name.strip("['/]"), force=True)
    engine.down(settings)


class Service:
    def __init__(self, lab: Lab, image: str, instances: int = 1) -> None:
        self.lab, self.image, self.name, self.instances = lab, image, f"web-{secrets.token_hex(3)}", instances

    async def release(self, version: str, strategy: str = "", serve: str = SERVE, timeout: str = "20s"):
        dockerfile = f"FROM {self.image}\nCMD {serve.format(version=version)}\n"
        fields = {"service": self.name, "version": version, "strategy": strategy, "timeout": timeout}
        text = JOBS.format(instances=self.instances, **fields)
        run = await self.lab.start(text, {"Dockerfile": dockerfile}, f"{self.name}-v{version}", branch="main")
        return await self.lab.result(run)

    def containers(self, client: docker.DockerClient) -> list[dict[str, Any]]:
        """Those that run."""
        return list(client.api.containers(filters={"label": f"dev.sluiceway.service={self.name}"}))

    async def drift(self) -> list[str]:
        found = await rescan(self.lab.engine)
        return [line for drift in found.drifts if drift.key.startswith(self.name) for line in drift.lines]

    async def answer(self) -> str:
        port = self.lab.settings.engine()["router_port"]
        async with loopback() as client:
            got = await client.get(f"http://127.0.0.1:{port}/", headers={"Host": f"{self.name}.localhost"})
        return got.text.strip()


@pytest.fixture(scope="module")
async def live(lab, shell_image):
    """A service whose version 1 stays live in two containers, whatever a test does to it."""
    web = Service(lab, shell_image, instances=2)
    assert (await web.release("1")).status == "passed"
    return web


async def test_a_canary_of_containers_takes_over_and_the_old_version_stays_warm(lab, shell_image, daemon):
    web = Service(lab, shell_image, instances=2)
    first = await web.release("1")
    before = await web.answer()
    asked = asyncio.create_task(_asking(web))
    second = await web.release("2", CANARY)
    unanswered = asked.done()
    asked.cancel()

    assert not unanswered
    assert (first.status, second.status) == ("passed", "passed"), second.reason
    assert (before, await web.answer()) == ("version 1", "version 2")
    assert len(web.containers(daemon)) == 4


@pytest.mark.system
async def test_a_version_that_is_never_ready_goes_away_and_the_one_before_stays(live, daemon):
    result = await live.release("2", serve="echo no config; exit 1", timeout="3s")

    assert result.status == "rolled-back"
    assert "no config" in result.reason
    assert await until(live.answer) == "version 1"
    assert len(live.containers(daemon)) == 2


async def test_a_container_that_is_killed_comes_back_at_the_same_address(lab, live, daemon):
    for one in live.containers(daemon):
        os.kill(daemon.api.inspect_container(one["Id"])["State"]["Pid"], signal.SIGKILL)
    await until(lambda: len(live.containers(daemon)) == 2 and all(_restarts(daemon, live)))
    for one in live.containers(daemon):
        seen = daemon.api.inspect_container(one["Id"])
        assert seen["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
        assert (seen["HostConfig"]["CapDrop"], seen["HostConfig"]["Privileged"]) == (["ALL"], False)
        (binding,) = seen["HostConfig"]["PortBindings"]["8080/tcp"]
        assert binding["HostIp"] == "127.0.0.1"

    async def back() -> bool:
        return await live.answer() == "version 1"

    await until(back)
    (release, *_) = [row for row in lab.records.releases.latest() if row["service"] == live.name and row["number"] == 1]
    assert json.loads(release["result"])["verdict"] == "live"


@pytest.mark.system
async def test_an_environment_lets_only_images_run_that_it_can_believe(lab, shell_image, daemon):
    web = Service(lab, shell_image)
    _register(lab, web.name, {"built-here": True})
    stranger = await lab.run(STRANGER.format(service=web.name, image=shell_image))
    own = await web.release("1")
    _register(lab, web.name, {"gate-passed": True, "scanned-within": 60.0})
    unscanned = await web.release("2")

    assert (stranger[0].status, own.status, unscanned.status) == ("refused", "passed", "refused")
    assert "its provenance: unsigned" in stranger[0].reason
    assert "its gate: unsigned; its scan: unsigned" in unscanned.reason
    assert await web.answer() == "version 1"


async def test_what_is_released_is_the_image_that_was_looked_at_whatever_its_name_means_later(live, daemon):
    (image,) = {one["ImageID"] for one in live.containers(daemon)}

    assert image == daemon.images.get(f"sluiceway-test/{live.name}:1").id


async def test_what_somebody_does_in_a_container_is_drift(live, daemon):
    clean = await live.drift()
    (one, *_) = live.containers(daemon)
    made = daemon.api.exec_create(one["Id"], ["sh", "-c", "echo evil > /bin/evil; echo x > /tmp/fine"])
    daemon.api.exec_start(made["Id"])
    lines = [line for line in await live.drift() if RAN not in line]

    assert not [line for line in clean if RAN not in line]
    assert len(lines) == 1
    assert lines[0].endswith("added: /bin/evil")


RAN = " ran: "
"""In what is told of programs that were started; another test starts one in the same service."""


@pytest.mark.system
async def test_a_program_that_the_image_does_not_have_is_seen_when_it_starts(lab, live, daemon):
    if not lab.wired.execs.start():
        pytest.skip("the kernel tells root only what starts")
    (one, *_) = live.containers(daemon)
    script = "cp /bin/busybox /tmp/busybox; /tmp/busybox sleep 0.2; rm /tmp/busybox; busybox sleep 0.1"
    daemon.api.exec_start(daemon.api.exec_create(one["Id"], ["sh", "-c", script])["Id"])
    await until(lambda: lab.wired.execs.found(one["Id"]))
    lines = [line for line in await live.drift() if RAN in line]

    assert len(lines) == 1
    assert lines[0].endswith("ran: /tmp/busybox, which is not in its image")


@pytest.mark.system
async def test_an_image_that_turns_out_to_be_weak_is_not_released_again(lab, shell_image, daemon):
    name = f"web-{secrets.token_hex(3)}"
    _register(lab, name, {"gate-passed": True}, {"then": ["block"]})
    dockerfile = IMAGE.format(image=shell_image, serve=SERVE.format(version="1"))
    lenient = Policy.model_validate(
        {"apiVersion": "sluiceway/v1", "kind": "Policy", "name": "lenient", "gate": {"fail-on": "critical"}}
    )
    lab.registrar.policy("lenient", lenient.model_dump(mode="json"))
    files = {**FILES, "Dockerfile": dockerfile}
    first = await lab.result(await lab.start(SCANNED.format(service=name), files, branch="main"))
    learn(lab.settings.home, ADVISORY, NEWER)
    result = await rescan(lab.engine)
    tag = f"sluiceway-test/{name}:1"
    again, _ = await lab.run(STRANGER.format(service=name, image=tag))

    assert first.status == "passed", first.reason
    assert [line for line in result.did if "is blocked" in line], result
    assert again.status == "refused"
    assert "its gate is closed" in again.reason
    assert "OSV-2" in again.reason


SCANNED = """jobs:
  image:
    build: {{image: {{tag: "sluiceway-test/{service}:1"}}}}
  s:
    needs: image
    scan: {{image: "${{{{ needs.image.outputs.digest }}}}"}}
  g:
    needs: s
    gate: {{fail-on: critical}}
  ship:
    needs: [image, g]
    environment: {service}
    deploy: {{service: {service}, target: docker, image: "${{{{ needs.image.outputs.digest }}}}"}}
"""
IMAGE = """FROM {image}
COPY os-release /etc/os-release
COPY METADATA /app/brook-1.0.dist-info/METADATA
CMD {serve}
"""
STRANGER = """jobs:
  ship:
    environment: {service}
    deploy: {{service: {service}, target: docker, image: "{image}", readiness: {{timeout: 2s}}}}
"""


def _register(lab: Lab, name: str, images: object, watch: object = None) -> None:
    text = {"apiVersion": "sluiceway/v1", "kind": "Environment", "name": name, "images": images, "watch": watch or {}}
    lab.environment(name, Environment.model_validate(text).model_dump_json())


def _restarts(client: docker.DockerClient, web: Service) -> list[int]:
    return [client.api.inspect_container(one["Id"])["RestartCount"] for one in web.containers(client)]


async def _asking(web: Service) -> None:
    while True:
        assert (await web.answer()).startswith("version")
        await asyncio.sleep(0.02)
