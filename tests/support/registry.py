"""A real OCI registry on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from activities.supervisor.service import answers, free_port
from tests.support.programs import need

CONFIG = """version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


PASSWORD = "hunter2-of-the-registry"
"""Of the user `robot`, where a registry is private."""
OF_ROBOT = "robot:$2b$04$jXUVJ.EpMrho9fTkluzHNuSqZOhISLnyBjtkjyRbWYy4bME6hFMia\n"
PRIVATE = "auth: {{htpasswd: {{realm: here, path: {path}}}}}\n"


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`127.0.0.1:PORT`; a daemon talks to it without TLS because it is on loopback."""
    with served(tmp_path_factory.mktemp("registry")) as found:
        yield found


@pytest.fixture
def private_registry(tmp_path: Path) -> Iterator[str]:
    """One that asks for the user `robot`."""
    (tmp_path / "htpasswd").write_text(OF_ROBOT)
    with served(tmp_path, PRIVATE.format(path=tmp_path / "htpasswd")) as found:
        yield found


@contextmanager
def served(folder: Path, more: str = "") -> Iterator[str]:
    """A registry of its own in a folder. `more`: of its configuration."""
    program = need("docker-registry", "pushes and signatures are tested against a real registry")
    config, port = folder / "config.yml", free_port()
    config.write_text(CONFIG.format(folder=folder / "data", port=port) + more)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
        while not answers(port, "/"):
            assert process.poll() is None, (folder / "log").read_text()
        yield f"127.0.0.1:{port}"
        process.terminate()
        process.wait(10)
