"""The demo's client: an open-loop load generator in its own process."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from workers.demo import load_generator as load


@dataclass(frozen=True)
class Counts:
    """Requests of a time span, from the load generator's file."""

    requests: int = 0
    failed: int = 0
    """No answer, or not 2xx."""
    injected: int = 0
    """Of these, 500 answers of the faulty version."""


@dataclass
class Load:
    """A load generator with a variable rate; each rate writes its own file."""

    port: int
    host: str
    folder: Path
    address: str = "127.0.0.1"
    files: list[Path] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None

    def at(self, rate: float) -> None:
        """Changes the rate to this many requests a second."""
        self.stop()
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / f"load-{len(self.files)}"
        file.touch()
        command = [
            sys.executable,
            "-m",
            "workers.demo.load_generator",
            f"{self.address}:{self.port}",
            self.host,
            str(rate),
            str(file),
        ]
        self._process = subprocess.Popen(command)
        self.files.append(file)

    def stop(self) -> None:
        """Stops the generator and waits for it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None

    def counts(self, since: float, until: float, faulty: str = "") -> Counts:
        """Counts requests that were due in a time span."""
        within = [one for file in self.files for one in load.read(file) if since <= one.at <= until]
        injected = sum(one.status == 500 and one.version == faulty for one in within)
        return Counts(len(within), sum(not one.fine for one in within), injected)

    def ask(self) -> str:
        """The version that answers, or an empty text."""
        connection = http.client.HTTPConnection(self.address, self.port, timeout=2)
        try:
            with contextlib.closing(connection):
                connection.request("GET", "/", headers={"Host": self.host})
                response = connection.getresponse()
                body = response.read()
            return str(json.loads(body)["version"]) if response.status == 200 else ""
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
            return ""

    def settle(self) -> None:
        """Waits another second, so that each release is measured on both sides."""
        time.sleep(1.2)
