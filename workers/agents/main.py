"""The process of the job endpoint; `sluiceway up` keeps it where SLUICEWAY_AGENT_ADDRESS is set."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from activities.jobs.agent_certificate import AgentCertificate
from workers.agents.endpoint import Endpoint


async def run(home: Path, host: str, port: int) -> None:
    """Serves until it is told to end."""
    own = AgentCertificate(home / "keys")
    own.make()
    server = await Endpoint(home / "jobs").listen(host, port, own.certificate, own.key)
    ends = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ends.set)
    await ends.wait()
    server.close()


def main() -> None:
    """Of the service that `sluiceway up` keeps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    asyncio.run(run(given.home, given.host, given.port))


if __name__ == "__main__":
    main()
