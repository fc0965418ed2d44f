"""Fixtures that are true for all tests: a real Temporal server per session, an engine on it, real repositories."""

from __future__ import annotations

import atexit
import os
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from activities.supervisor.service import answers, free_port
from tests.support import profile
from tests.support.lab import Lab
from tests.support.object_store import ENVIRONMENT, ObjectStoreServer
from tests.support.patience import give_time, patient
from workers.engine import embedded as engine

pytest_plugins = [
    "tests.support.grouping",
    "tests.support.of_nodes",
    "tests.support.loading",
    "tests.support.skips",
    "tests.support.containers",
    "tests.support.one_look",
    "tests.support.recorded_scanners",
    "tests.support.registry",
    "tests.support.made_clusters",
    "tests.support.command_line",
]
profile.load_hypothesis()
most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
"""Commands that run in this process close nothing: they end, as a rule. An ordinary user may open 1,024 files."""
resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
os.environ.setdefault("SLUICEWAY_ISOLATION_MOST", "process")
"""Steps of jobs tell tests what they did by files beside the home, which is hidden at the other levels. What those keep
apart is tested at each level in tests/activities/jobs/test_attack_isolation.py.
"""
os.environ.setdefault("SLUICEWAY_SERVE", "no")
"""An engine of a test has a server for people only where the test is about it."""
os.environ["SLUICEWAY_HOME"] = tempfile.mkdtemp(prefix="sluiceway-tests-")
"""Nobody's own: a command that a test gives without a home must not write into that of whoever runs the tests."""
atexit.register(shutil.rmtree, os.environ["SLUICEWAY_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def temporal_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real server, with the settings that `sluiceway up` gives it."""
    port, ui = free_port(), free_port()
    command = engine.server_command(port, ui, str(tmp_path_factory.mktemp("temporal") / "temporal.db"))
    fewer_collections = {**os.environ, "GOGC": "400"}  # a fifth of the server's time would go into them
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=fewer_collections)
    deadline = time.monotonic() + patient(60)
    while not answers(port, ""):
        assert time.monotonic() < deadline, "the Temporal server did not start"
        time.sleep(0.02)
    yield f"127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStoreServer]:
    """A real S3-compatible server."""
    os.environ.update(ENVIRONMENT)
    server = ObjectStoreServer(tmp_path_factory.mktemp("objects"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
async def lab(temporal_address: str, tmp_path: Path) -> AsyncIterator[Lab]:
    """An engine of its own: home, queue and worker."""
    async with Lab.on(temporal_address, tmp_path) as made:
        yield made


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home whose engine, if a test starts one, is gone afterwards."""
    from workers.core import settings as chosen

    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SLUICEWAY_KEYS", str(tmp_path / "keys"))
    monkeypatch.delenv("SLUICEWAY_ADDRESS", raising=False)
    yield tmp_path / "home"
    engine.down(chosen.load())


LEFT_TO_THE_COLLECTOR = "ignore:unclosed <s:ResourceWarning"
"""Once, a socket to an API server that was killed was left to the garbage collector, which then warns in whatever test
runs. It was not found again."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("heavy"):
            item.add_marker(pytest.mark.filterwarnings(LEFT_TO_THE_COLLECTOR))
    give_time(items)


@pytest.fixture
def no_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
