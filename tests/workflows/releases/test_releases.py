"""Releases on the memory platform and on real processes behind the real router."""

import asyncio
import json
import sys
from dataclasses import replace

import pytest

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.routers.traefik import config as config
from activities.releases.routers.traefik.config import Route
from activities.releases.routers.traefik.process import loopback
from activities.releases.targets.memory import MemoryTarget
from activities.supervisor import launch
from activities.supervisor.service import free_port
from tests.support import supervised
from tests.support.fakes import on_memory
from tests.support.lab import Lab, prepared, until
from tests.support.profile import first_of
from tests.support.supervised import pids
from workers.client import releases, runs
from workers.worker.wiring import wire
from workflows.releases.messages import EnvironmentState

DEPLOY = """jobs:
  ship:
    environment: {environment}
    deploy: {{service: web, version: "{version}", command: [x]}}
"""


@pytest.fixture
async def memory(temporal_address, tmp_path):
    platform = MemoryTarget()
    settings_folder = tmp_path
    plain = prepared(temporal_address, settings_folder)
    async with Lab.on(temporal_address, settings_folder, on_memory(plain, platform, MemorySource())) as lab:
        yield lab, platform


async def ship(lab: Lab, version: str, environment: str):
    run = await lab.start(DEPLOY.format(version=version, environment=environment))
    return run, await lab.result(run)


async def test_a_release_stops_the_old_version_starts_the_new_one_and_routes_to_it(memory):
    lab, platform = memory
    await ship(lab, "1", "e1")
    _, result = await ship(lab, "2", "e1")

    assert result.status == "passed"
    assert platform.actions == ["start r1", "route r1", "stop r1", "start r2", "route r2"]


async def test_a_version_that_is_not_ready_is_replaced_by_the_one_before(memory):
    lab, platform = memory
    await ship(lab, "1", "e2")
    platform.never_ready = {"2"}
    run, result = await ship(lab, "2", "e2")

    assert (result.status, result.stopped_by) == ("rolled-back", "ship")
    assert "version 1 is live again" in result.reason
    assert platform.running["web"] == {"r1": 1}
    assert platform.routes["web"] == "r1"
    release = json.loads(lab.records.releases.latest()[0]["result"])
    assert (release["verdict"], release["live"]) == ("rolled-back", "1")
    assert run


@pytest.mark.system
async def test_after_a_roll_back_the_next_release_starts_from_what_is_live(memory):
    lab, platform = memory
    await ship(lab, "1", "e3")
    platform.never_ready = {"2"}
    await ship(lab, "2", "e3")
    await ship(lab, "3", "e3")

    assert platform.running["web"] == {"r3": 1}
    state = await releases.environment(lab.engine, "e3")
    assert [d.spec.version for d in state.live["web"]] == ["1", "3"]
    assert state.holder == ""


async def test_a_first_version_that_is_not_ready_fails_and_leaves_nothing(memory):
    lab, platform = memory
    platform.never_ready = {"1"}
    _, result = await ship(lab, "1", "e4")

    assert result.status == "failed"
    assert not platform.running.get("web")


async def test_going_back_by_hand_releases_the_version_before(memory):
    lab, platform = memory
    await ship(lab, "1", "e5")
    await ship(lab, "2", "e5")
    release = await releases.rollback(lab.engine, "e5", "web")
    await lab.engine.client.get_workflow_handle(release).result()

    assert release == "release/web/e5/3"
    assert platform.running["web"] == {"r3": 1}
    assert platform.actions[-3:] == ["stop r2", "start r3", "route r3"]


async def test_a_pipeline_without_an_approval_cannot_deploy_to_an_environment_that_demands_one(memory):
    lab, platform = memory
    allow = {"author": False, "committer": False, "starter": False}
    approval = {"users": [], "groups": ["managers"], "quorum": 1, "per_group": {}, "max_expires": 0, "allow": allow}
    lab.environment("guarded", json.dumps({"trust": "signed", "approval": approval}))
    _, result = await ship(lab, "1", "guarded")

    assert (result.status, result.stopped_by) == ("refused", "ship")
    assert "requires 1 approval" in result.reason
    assert platform.actions == []


async def test_an_environment_lets_one_release_through_at_a_time_in_order(memory):
    lab, platform = memory
    results = [asyncio.create_task(ship(lab, str(n), "e7")) for n in range(1, 4)]
    await asyncio.gather(*results)
    starts = [action for action in platform.actions if action.startswith("start")]

    assert len(starts) == 3
    assert len(platform.running["web"]) == 1
    for index, action in enumerate(platform.actions):  # never two at once: each start comes after the stop before it
        if action.startswith("start") and index:
            assert platform.actions[index - 1].startswith("stop")


async def test_a_holder_that_was_terminated_does_not_keep_the_lock(memory, monkeypatch):
    lab, _ = memory
    from datetime import timedelta

    from workflows.releases import environment

    monkeypatch.setattr(environment, "CHECK_HOLDER", timedelta(milliseconds=200))
    await lab.engine.client.start_workflow(
        environment.EnvironmentWorkflow.run,
        EnvironmentState(name="e8", holder="release/gone/e8/1", queue=["release/gone/e8/2"]),
        id="environment/e8",
        task_queue=lab.engine.queue,
    )
    _, result = await ship(lab, "1", "e8")

    assert result.status == "passed"


@pytest.mark.parametrize("how", first_of("abort", "cancel the run", "cancel by Temporal"))
async def test_a_release_that_is_stopped_in_the_middle_of_a_start_brings_the_version_before_back(memory, how):
    lab, platform = memory
    environment = f"stopped-{how.replace(' ', '-').lower()}"
    await ship(lab, "1", environment)
    platform.stuck = {"2"}
    run = await lab.start(DEPLOY.format(version="2", environment=environment))

    async def starting():
        return "start r2" in platform.actions

    await until(starting)
    if how == "abort":
        await releases.steer(lab.engine, f"release/web/{environment}/2", "abort", "stop it")
    elif how == "cancel the run":
        await runs.cancel(lab.engine, run, "stop it")
    else:
        await lab.engine.client.get_workflow_handle(run).cancel()
    result = await lab.result(run)

    assert result.status == ("rolled-back" if how == "abort" else "cancelled")
    assert platform.running["web"] == {"r1": 1}
    assert platform.routes["web"] == "r1"
    assert platform.actions[-4:] == ["cancelled r2", "stop r2", "start r1", "route r1"]
    assert (await releases.environment(lab.engine, environment)).holder == ""


async def test_a_release_can_be_aborted_while_it_waits_for_the_lock(memory):
    lab, platform = memory
    state = EnvironmentState(name="e6", holder="someone-else")
    from workflows.releases.environment import EnvironmentWorkflow

    await lab.engine.client.start_workflow(
        EnvironmentWorkflow.run, state, id="environment/e6", task_queue=lab.engine.queue
    )
    run = await lab.start(DEPLOY.format(version="1", environment="e6"))

    async def queued():
        return (await releases.environment(lab.engine, "e6")).queue

    await until(queued)
    await releases.steer(lab.engine, "release/web/e6/1", "abort", "not today")

    assert "not today" in (await lab.result(run)).reason
    assert platform.actions == []


SERVICE = """
import http.server, os, sys
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = os.environ["SLUICEWAY_VERSION"].encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers(); self.wfile.write(body)
    def log_message(self, *a): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), H).serve_forever()
"""
REAL = """jobs:
  ship:
    environment: {environment}
    deploy:
      service: web
      version: "{version}"
      command: [{python}, {script}]
      instances: 2
      readiness: {{http: /, timeout: {timeout}}}
      liveness: {{http: /, interval: 200ms}}
      drain: 1s
"""


@pytest.fixture
async def real(temporal_address, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    ports = {"router_port": free_port(), "router_api_port": free_port()}
    (home / "engine.json").write_text(json.dumps(ports))
    async with Lab.on(temporal_address, tmp_path) as lab:
        yield lab, ports["router_port"]
    from workers.engine import embedded as engine

    engine.down(replace(lab.settings, address=""))


async def answer(port):
    async with loopback() as client:
        got = await client.get(f"http://127.0.0.1:{port}/", headers={"Host": "web.localhost"})
        return got.text if got.status_code == 200 else ""


async def release_real(lab, version, script="app.py", timeout="20s"):
    # one server serves all tests, and an environment's entity stays on the queue of the test that made it
    environment = lab.engine.queue[-12:].replace("-", "")
    words = {"environment": f"e{environment}", "python": sys.executable, "script": script, "timeout": timeout}
    text = REAL.format(version=version, **words)
    return await lab.result(await lab.start(text, {"app.py": SERVICE}))


async def test_a_real_service_answers_with_its_version_and_survives_its_supervisor_and_its_processes(real):
    lab, port = real
    assert (await release_real(lab, "1")).status == "passed"
    assert await answer(port) == "1"

    folder = next((lab.settings.home / "services").glob("*/*/r1"))
    processes = pids(folder)
    supervisor = launch.running(folder)
    _kill(supervisor)
    assert await answer(port) == "1"
    await launch.wait_exit(supervisor)  # what still dies counts as running, and would not be replaced
    await lab.wired.targets.local.reconcile()
    await until(lambda: _running(folder))
    assert pids(folder) == processes

    _kill(processes[0])

    async def restarted():
        instances = supervised.processes(folder)
        return instances[0].pid not in (0, processes[0]) and all(x.ready for x in instances)

    await until(restarted)
    assert await answer(port) == "1"


@pytest.mark.system
async def test_a_real_version_that_never_answers_is_replaced_by_the_one_before(real):
    lab, port = real
    await release_real(lab, "1")
    result = await release_real(lab, "2", "missing.py", "500ms")

    assert result.status == "rolled-back"
    assert await answer(port) == "1"
    assert "last line of its log" in result.reason


@pytest.mark.system
async def test_the_router_comes_back_with_its_routes_after_a_kill(real):
    lab, port = real
    await release_real(lab, "1")
    folder = lab.settings.home / "router"
    first = await until(lambda: pids(folder)[0])
    _kill(first)
    await until(lambda: pids(folder)[0] not in (0, first))

    async def answers():
        return await answer(port) == "1"

    assert await until(answers)


def test_environments_of_one_service_have_addresses_of_their_own() -> None:
    routes = {"web": {"production": Route(), "staging": Route()}}

    assert config.host("web", "production", routes) == "web.localhost"
    assert config.host("web", "staging", routes) == "web.staging.localhost"
    assert config.host("web", "staging", {"web": {"staging": Route()}}) == "web.localhost"


def _kill(pid):
    import os
    import signal

    assert pid > 0, "0 would be this process's own group"
    os.kill(pid, signal.SIGKILL)


async def _running(folder):
    return launch.running(folder)


def test_wiring_needs_no_engine(tmp_path):
    from workers.core.settings import Settings

    assert wire(Settings(tmp_path, tmp_path)).activities
