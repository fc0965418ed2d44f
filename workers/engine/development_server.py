"""The command of the embedded Temporal server."""

from __future__ import annotations

import sys
from pathlib import Path

SEARCH_ATTRIBUTES = (  # as in workflows/core/search_attributes.py, which would import the SDK; a test compares them
    *("pipeline", "service", "environment", "cluster", "commit"),
    *("digest", "status", "stage", "waiting_for", "namespace"),
)
_TUNING = {
    # with a one-shard server's defaults every step waits 50 ms
    "history.transferProcessorMaxPollRPS": "2000",
    "history.timerProcessorMaxPollRPS": "2000",
    "history.timerProcessorMaxTimeShift": '"10ms"',
    "matching.numTaskqueueReadPartitions": "1",
    "matching.numTaskqueueWritePartitions": "1",
    "matching.enableFairness": "true",
    "limit.maxIDLength": "1000",
    # the HTTP API takes requests that any web page may send; nobody here uses it
    "frontend.httpAllowedHosts": '["none.invalid"]',
}


def server_command(port: int | str, ui_port: int | str, database: str) -> list[str]:
    """The development server, tuned, on loopback only. It has no access control: it stands behind the door."""
    command = [
        *(str(Path(sys.executable).with_name("temporal")), "server", "start-dev"),
        *("--ip", "127.0.0.1", "--port", str(port), "--ui-ip", "127.0.0.1", "--ui-port", str(ui_port)),
        *("--ui-public-path", "/temporal", "--ui-disable-news-fetch"),
        *("--log-level", "error", "--db-filename", database),
        *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"),
    ]
    for name in SEARCH_ATTRIBUTES:
        command += ["--search-attribute", f"{name}=Keyword"]
    for key, value in _TUNING.items():
        command += ["--dynamic-config-value", f"{key}={value}"]
    return command
