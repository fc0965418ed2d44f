"""A new version of the engine takes over from the one before while runs and releases are under way."""

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from activities.access import identities as identity
from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from tests.support.environments import ADDRESS, DEVELOPER
from tests.support.fakes import on_memory
from tests.support.lab import Repo, connect, prepared, ring_of, until
from workers.client import approvals, releases, runs, triggers
from workers.client.client import Engine
from workers.core.plain_environment import plain as plain_environment
from workers.core.settings import Settings
from workers.engine import embedded as engine
from workers.worker import temporal
from workers.worker.deployment import Deployed, build_id, make_current

ROOT = Path(__file__).parents[3]
SERVICE = (ROOT / "tests" / "support" / "sample_service.py").read_text()
JOBS = """jobs:
  ok:
    approval: {{users: [ann]}}
  ship:
    needs: ok
    environment: {name}-production
    deploy:
      service: {name}
      version: "{version}"
      command: [python3, service.py]
      readiness: {{http: /healthz}}
      strategy: blue-green
      rollback-window: 0
      analysis: false
      approvals: [{{before: promotion, users: [ann]}}]
"""
ENVIRONMENTS = "apiVersion: sluiceway/v1\nkind: Environment\nname: {name}-production\n"


async def approve(engine_: Engine, settings: Settings, run: str, job: str) -> None:
    async def decided():
        decision = await approvals.sign(engine_, run, job, "ann", True, "", settings.keys)
        return (await approvals.decide(engine_, run, job, decision)).counted

    await until(decided, 60)


async def view(engine_: Engine, release: str, what: str) -> None:
    async def asks():
        return what in (await releases.view(engine_, release)).approvals

    await until(asks, 60)


class Process:
    """A worker of some checkout of this project, as a process."""

    def __init__(self, root: Path, settings: Settings) -> None:
        env = {**os.environ, "PYTHONPATH": str(root), "SLUICEWAY_HOME": str(settings.home)}
        env |= {"SLUICEWAY_ADDRESS": settings.address, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self.log = (settings.home.parent / f"worker-{secrets.token_hex(4)}.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from workers.cli.main import main; main()", "worker"],  # with its signer
            env=env,
            cwd=root,
            stderr=self.log,
        )

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)
        self.log.close()


def by_previous(root: Path, settings: Settings, *words: str) -> None:
    """A command of some checkout of this project: the home is of its kind until a later engine opens it."""
    env = {**os.environ, "PYTHONPATH": str(root), "SLUICEWAY_HOME": str(settings.home)}
    env["SLUICEWAY_KEYS"] = str(settings.keys)
    code = "from workers.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", code, *words], env=env, cwd=root, check=True)


@pytest.fixture
def previous(tmp_path):
    """The commit before this one, in a folder of its own."""
    folder = tmp_path / "previous"
    made = subprocess.run(
        ["git", "worktree", "add", "--detach", str(folder), "HEAD~1"], cwd=ROOT, capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this checkout has no commit before the last one")
    yield folder
    shutil.rmtree(folder)
    subprocess.run(["git", "worktree", "prune"], cwd=ROOT, check=True)


@pytest.mark.system
@pytest.mark.timeout(180)
async def test_what_the_previous_commit_has_begun_is_ended_by_this_one(temporal_address, tmp_path, previous):
    settings = Settings(tmp_path / "home", tmp_path, address=temporal_address)
    settings.home.mkdir()
    engine.choose_ports(settings)
    connected = Engine(await connect(temporal_address, tmp_path / "home"))
    by_previous(previous, settings, "identity", "add", "ann")
    by_previous(previous, settings, "identity", "add", DEVELOPER, "--email", ADDRESS)
    name = f"up-{secrets.token_hex(4)}"
    (tmp_path / "environment.yaml").write_text(ENVIRONMENTS.format(name=name))
    by_previous(previous, settings, "apply", str(tmp_path / "environment.yaml"))
    by_previous(previous, settings, "environment", "add", f"{name}-b-production")
    with contextlib.ExitStack() as workers:
        workers.callback(engine.down, settings)
        before = workers.enter_context(Process(previous, settings))
        waits_for_people = await _deliver(connected, tmp_path, name, 1)
        asked = await _deliver(connected, tmp_path, f"{name}-b", 1)
        await approve(connected, settings, waits_for_people, "ok")
        release = f"release/{name}/{name}-production/1"
        await until(lambda: releases.view(connected, release), 60)
        await until(lambda: approvals.view(connected, asked, "ok"), 60)
        before.stop()
        workers.enter_context(Process(ROOT, settings))
        await approve(connected, settings, asked, "ok")
        for run in (waits_for_people, asked):
            result = await runs.result(connected, run)
            assert result.status == "passed", result.reason
        second = await _deliver(connected, tmp_path, name, 2)
        await approve(connected, settings, second, "ok")
        await approve(connected, settings, f"release/{name}/{name}-production/2", "promotion")
        assert (await runs.result(connected, second)).status == "passed"


async def _deliver(connected: Engine, folder: Path, name: str, version: int) -> str:
    text = f"apiVersion: sluiceway/v1\nkind: Pipeline\nname: {name}\n" + JOBS.format(name=name, version=version)
    repo = Repo.create(folder / f"repo-{secrets.token_hex(4)}", {"sluiceway.yaml": text, "service.py": SERVICE})
    event = Event(EventKind.MANUAL, str(repo.path), repo.head, author="developer")
    delivery = Delivery(secrets.token_hex(8), event, "sluiceway.yaml", SourceRef(str(repo.path), repo.head), name)
    return (await triggers.deliver(connected, delivery)).run


async def _new_ones_are(connected: Engine, client, folder: Path, build: str) -> bool:
    """Temporal tells its parts of a new version one after the other."""
    run = await _deliver(connected, folder, f"new-{secrets.token_hex(4)}", 1)
    await runs.cancel(connected, run, "only to see where it runs")
    return await version_of(client, run) == build


async def version_of(client, id_: str) -> str:
    described = await client.get_workflow_handle(id_).describe()
    return described.raw_description.workflow_execution_info.versioning_info.deployment_version.build_id


async def test_a_release_stays_with_its_version_and_the_rest_goes_over(temporal_address, tmp_path):
    plain = prepared(temporal_address, tmp_path)
    activities = on_memory(plain, MemoryTarget(), MemorySource())
    plain.registrar.person(identity.create(plain.settings.keys, "ann", (), ()))
    client = await connect(temporal_address, tmp_path / "home")
    name, queue = f"dep-{secrets.token_hex(4)}", f"versions-{secrets.token_hex(4)}"
    plain.registrar.person(identity.create(plain.settings.identities, DEVELOPER, (), ()))
    plain.registrar.give(DEVELOPER, ADDRESS)
    plain.registrar.environment(f"{name}-production", plain_environment(f"{name}-production"))
    connected = Engine(client, queue)
    one, two = Deployed(name, "one"), Deployed(name, "two")
    async with temporal.worker(
        client, activities, ring_of(plain.settings.home), queue, deployment=one.config, debug=True
    ):
        await make_current(client, one)
        await _through(connected, plain.settings, tmp_path, name, 1)
        run = await _deliver(connected, tmp_path, name, 2)
        await approve(connected, plain.settings, run, "ok")
        release = f"release/{name}/{name}-production/2"
        await view(connected, release, "promotion")
        async with temporal.worker(
            client, activities, ring_of(plain.settings.home), queue, deployment=two.config, debug=True
        ):
            await make_current(client, two)
            await until(lambda: _new_ones_are(connected, client, tmp_path, "two"))
            await approve(connected, plain.settings, release, "promotion")
            assert (await runs.result(connected, run)).status == "passed"
            assert await version_of(client, release) == "one"
            assert await version_of(client, run) == "two"


async def _through(connected: Engine, settings: Settings, folder: Path, name: str, version: int) -> None:
    run = await _deliver(connected, folder, name, version)
    await approve(connected, settings, run, "ok")
    assert (await runs.result(connected, run)).status == "passed"


def test_the_same_code_is_the_same_build_and_other_code_another(tmp_path):
    (tmp_path / "workflows").mkdir()
    (tmp_path / "workflows" / "a.py").write_text("1")
    first = build_id(tmp_path)
    assert build_id(tmp_path) == first
    (tmp_path / "workflows" / "a.py").write_text("2")
    assert build_id(tmp_path) != first
    assert len(build_id()) == 12
