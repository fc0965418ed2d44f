"""Jobs in containers of a real daemon: what they may do, their services, and what goes wrong with either."""

import io
from functools import partial
from pathlib import Path

import pytest

from activities.jobs.executors.docker.executor import DockerExecutor
from domain.pipelines.container import name_of
from tests.contracts.executors.test_executors import ended, folder, lines
from tests.support.containers import left
from tests.support.lab import Lab, until
from workers.client import runs

pytestmark = pytest.mark.docker
SERVER = "mkdir -p /tmp/www; echo hello > /tmp/www/index.html; exec httpd -f -p 8000 -h /tmp/www"
"""It listens all the time: a loop of `nc` would not between two requests, and readiness is asked for by requests too."""


@pytest.fixture(autouse=True)
def nothing_is_left(lab: Lab, daemon):
    yield
    assert left(daemon, lab.settings.home) == []


async def test_a_container_has_no_rights_and_only_the_jobs_folder(lab: Lab, daemon, shell_image):
    job = f"    memory-mb: 50\n    cpu: 0.5\n    container: {{image: '{shell_image}', pids: 40}}\n    run: echo begun; sleep 600\n"
    run = await lab.start("jobs:\n  a:\n" + job)
    await until(lambda: "begun" in (folder(lab, run) / "log.jsonl").read_text())
    (found,) = daemon.api.containers(filters={"label": f"dev.sluiceway.home={lab.settings.home}"})
    seen = daemon.api.inspect_container(found["Id"])
    await runs.cancel(lab.engine, run, "seen")
    await lab.result(run)
    host = seen["HostConfig"]

    assert (host["CapDrop"], host["SecurityOpt"], host["Privileged"]) == (["ALL"], ["no-new-privileges"], False)
    assert (host["PidsLimit"], host["Memory"], host["NanoCpus"]) == (40, 50_000_000, 500_000_000)
    assert all(mount["Source"].startswith(str(folder(lab, run)) + "/") for mount in seen["Mounts"])
    assert {mount["Destination"] for mount in seen["Mounts"]} == {
        f"/sluiceway/{name}" for name in ("workspace", "home", "tmp", "outputs")
    }


async def test_services_are_ready_before_the_first_step_and_reached_by_name(lab: Lab, daemon, shell_image):
    daemon.images.build(fileobj=_dockerfile(shell_image, SERVER), tag="sluiceway-test/server:1")
    job = f"""    container:
      image: {shell_image}
      isolated: true
      services:
        web: {{image: "sluiceway-test/server:1", port: 8000}}
        other: {{image: "sluiceway-test/server:1", ready: "wget -q -O - 127.0.0.1:8000"}}
    run: wget -q -O - http://web:8000 && wget -q -O - http://other:8000
"""
    result = await ended(lab, job)
    said = lines(lab, result)

    assert result.status == "passed", said
    assert [text for _, stream, text in said if stream == "out"] == ["hello", "hello"]
    assert sum("is ready after" in text for _, _, text in said) == 2


def _says(log: Path, what: str) -> bool:
    return what in log.read_text()


async def test_an_isolated_job_has_no_network_but_its_services(lab: Lab, daemon, shell_image):
    daemon.images.build(fileobj=_dockerfile(shell_image, SERVER), tag="sluiceway-test/server:1")
    web = "services: {web: {image: 'sluiceway-test/server:1'}}"
    for more, network in (("", "none"), (", " + web, "")):
        job = f"    container: {{image: '{shell_image}', isolated: true{more}}}\n    run: echo begun; sleep 600\n"
        run = await lab.start("jobs:\n  a:\n" + job)
        log = folder(lab, run) / "log.jsonl"
        await until(partial(_says, log, "begun"))
        wanted = {"label": f"dev.sluiceway.home={lab.settings.home}"}
        (networks, found) = daemon.api.networks(filters=wanted), daemon.api.containers(filters=wanted)
        modes = {one["HostConfig"]["NetworkMode"] for one in found}
        await runs.cancel(lab.engine, run, "seen")
        await lab.result(run)

        assert modes == ({network} if network else {networks[0]["Name"]})
        assert [one["Internal"] for one in networks] == ([] if network else [True])


async def test_a_service_that_ends_fails_the_job_with_its_last_words(lab: Lab, daemon, shell_image):
    daemon.images.build(fileobj=_dockerfile(shell_image, "echo no password is set; exit 3"), tag="sluiceway-test/bad:1")
    job = f"    container: {{image: '{shell_image}', services: {{db: {{image: 'sluiceway-test/bad:1', port: 1}}}}}}\n"
    result = await ended(lab, job + "    run: 'true'\n")

    assert "service db exited with 3" in result.reason
    assert "no password is set" in result.reason


async def test_an_image_that_cannot_be_had_fails_the_job_and_is_not_tried_again(lab: Lab, daemon):
    run = await lab.start("jobs:\n  a:\n    container: {image: 'localhost:1/none:1'}\n    run: 'true'\n")
    result = await lab.result(run)

    assert "SLW848" in result.reason
    assert len(lab.records.runs.jobs(run)) == 1


async def test_what_the_daemon_refuses_fails_the_job_and_is_not_tried_again(lab: Lab, shell_image):
    job = f"    container: {{image: '{shell_image}', services: {{web: {{image: '{shell_image}'}}}}}}\n    run: 'true'\n"
    run = await lab.start("jobs:\n  a:\n" + job)
    result = await lab.result(run)

    assert "No command specified" in result.reason
    assert len(lab.records.runs.jobs(run)) == 1


async def test_what_a_definition_sets_does_not_act_outside_of_the_container(lab: Lab, shell_image):
    """The engine's own program, by which a step runs, would else load a library of the repository's."""
    env = "    env: {LD_PRELOAD: /nowhere/evil.so, PYTHONHOME: /nowhere, DOCKER_HOST: 'unix:///nowhere'}\n"
    result = await ended(lab, f"    container: {shell_image}\n{env}    run: echo $DOCKER_HOST\n")

    assert (1, "out", "unix:///nowhere") in lines(lab, result)
    assert not [text for _, stream, text in lines(lab, result) if "ld.so" in text and stream == "engine"]


async def test_a_container_that_is_removed_is_a_lost_place_and_not_a_failed_step(lab: Lab, daemon, shell_image):
    text = "    retry: {attempts: 2, backoff: 100ms}\n    run: echo begun; test $SLUICEWAY_ATTEMPT = 2 || sleep 600\n"
    run = await lab.start(f"jobs:\n  a:\n    container: {shell_image}\n" + text)
    await until(lambda: "begun" in (folder(lab, run) / "log.jsonl").read_text())
    (found,) = daemon.api.containers(filters={"label": f"dev.sluiceway.home={lab.settings.home}"})
    daemon.api.remove_container(found["Id"], force=True)

    assert (await lab.result(run)).status == "passed"
    assert len(lab.records.runs.jobs(run)) == 2


async def test_what_a_killed_worker_left_is_swept_up_and_what_still_runs_is_not(lab: Lab, daemon, shell_image):
    for key in ("gone", "runs"):
        name = name_of(str(lab.settings.home), key)
        labels = {"dev.sluiceway.key": key, "dev.sluiceway.home": str(lab.settings.home)}
        daemon.api.create_container(shell_image, ["true"], name=name, labels=labels)
    executor = DockerExecutor(lab.settings.home)

    assert executor.sweep(lambda key: key == "runs") == ["gone"]
    assert len(left(daemon, lab.settings.home)) == 1
    executor.close("runs")


async def test_without_a_daemon_the_job_fails_and_says_so(no_daemon, lab: Lab, monkeypatch):
    result, _ = await lab.run("jobs:\n  a:\n    retry: {backoff: 10ms}\n    container: any\n    run: x\n")
    monkeypatch.undo()

    assert "SLW847" in result.reason


def _dockerfile(image: str, command: str):
    return io.BytesIO(f"FROM {image}\nCMD {command}\n".encode())
