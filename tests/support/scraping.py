"""A real Prometheus server for a test."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from activities.supervisor.service import answers, free_port
from tests.support.lab import until
from tests.support.programs import need


@asynccontextmanager
async def scraping(folder: Path, jobs: Sequence[object]) -> AsyncIterator[str]:
    """Its address, until the block ends. `jobs`: scrape configurations; each target is scraped every 200 ms."""
    program, port = need("prometheus", "sources of counters are tested against a real server"), free_port()
    config = folder / "prometheus.yml"
    config.write_text(json.dumps({"global": {"scrape_interval": "200ms"}, "scrape_configs": jobs}))
    command = [
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        await until(lambda: answers(port, "/-/ready"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
