"""A real OCI registry on loopback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.supervisor.service import answers, free_port
from tests.support.programs import need

CONFIG = """version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`127.0.0.1:PORT`; a daemon talks to it without TLS because it is on loopback."""
    program = need("docker-registry", "pushes and signatures are tested against a real registry")
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    config = Path(folder / "config.yml")
    config.write_text(CONFIG.format(folder=folder / "data", port=port))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "serve", str(config)], stdout=log, stderr=log)
        while not answers(port, "/v2/"):
            assert process.poll() is None, (folder / "log").read_text()
        yield f"127.0.0.1:{port}"
        process.terminate()
        process.wait(10)
