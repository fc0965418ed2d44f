"""The signer's process: opens what it keeps, answers on its socket, until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading

from activities.supervisor import kernel
from domain.core import terminal
from domain.core.errors import SluicewayError
from workers.core import logs, settings
from workers.core.records import open_records
from workers.signer.opening import open_authority
from workers.signer.server import SignerServer

_log = logging.getLogger("sluiceway.signer")


def main() -> None:
    """Answers until SIGTERM; exits with a sentence when it cannot start."""
    logs.configure(os.environ.get("SLUICEWAY_LOG", ""), [])
    kernel.keep_private()
    chosen = settings.load()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        authority = open_authority(chosen, open_records(chosen))
        servers = (
            SignerServer(chosen.signer_socket, authority.answer),
            SignerServer(chosen.signer_server_socket, authority.answer_server),
        )
        for server in servers:
            server.start()
    except (SluicewayError, OSError) as broken:
        sys.stderr.write(f"{terminal.lines(str(broken))}\n")
        sys.exit(1)
    _log.info("signing for %s", chosen.home)
    stop.wait()
    for server in servers:
        server.stop()


if __name__ == "__main__":
    main()
