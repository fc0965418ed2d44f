"""A real S3-compatible server, and a proxy in front of it that can misbehave."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from activities.storage.stores.registry import open_store
from activities.supervisor.service import free_port
from domain.core.errors import SluicewayError

KEY, SECRET, BUCKET = "test", "not-a-secret", "sluiceway"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}
_NO_ROOM = b"HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_PARTS = ("master", "volume", "filer", "s3")


class ObjectStoreServer:
    """SeaweedFS with one bucket. Killed and started again, it has what it had."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.process = folder, None
        self.ports = {name: free_port() for part in _PARTS for name in (part, f"{part}.grpc")}
        folder.mkdir(parents=True, exist_ok=True)
        credentials = [{"accessKey": KEY, "secretKey": SECRET}]
        admin = {"name": "test", "credentials": credentials, "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
        (folder / "s3.json").write_text(json.dumps({"identities": [admin]}))

    process: subprocess.Popen[bytes] | None

    def start(self) -> None:
        command = [str(Path(sys.executable).with_name("weed")), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        for part in _PARTS:
            command += [f"-{part}.port={self.ports[part]}", f"-{part}.port.grpc={self.ports[f'{part}.grpc']}"]
        command += [f"-dir={self.folder}", "-filer", "-s3", f"-s3.config={self.folder / 's3.json'}"]
        command += [
            "-master.volumeSizeLimitMB=256",
            "-volume.max=20",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-volume.readMode=redirect",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._wait()

    def _wait(self) -> None:
        """Until an object can be written: the server answers some time before it has a place for one."""
        deadline, made = time.monotonic() + 60, False
        probe = open_store(f"s3://{BUCKET}", self.folder / "probe", self.endpoint)
        while time.monotonic() < deadline:
            with suppress(OSError, SluicewayError):
                made = made or self._make_bucket()
                probe.put(str(time.monotonic()).encode())
                return
            time.sleep(0.05)
        raise AssertionError("the object store did not start")

    def _make_bucket(self) -> bool:
        request = Request(f"http://127.0.0.1:{self.ports['filer']}/buckets/{BUCKET}/", method="POST")
        try:
            urlopen(request, timeout=2).close()
        except HTTPError as answer:
            return answer.code == HTTPStatus.CONFLICT  # it is there: the server was started again
        return True

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.ports['s3']}"

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Proxy:
    """Passes bytes on, or does what its fault says: down, slow, cut (answers end in the middle), full (no writes)."""

    def __init__(self, target: int) -> None:
        self.fault, self.cut_after, self._target = "", 0, target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.passed = 0
        """Bytes of answers."""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.fault == "down":
                    client.close()
                else:
                    threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        if self.fault == "slow":
            time.sleep(3600)
        with suppress(OSError), client, socket.create_connection(("127.0.0.1", self._target)) as server:
            threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
            self._answer(server, client)
            client.shutdown(socket.SHUT_RDWR)  # the other thread waits for it

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.fault == "full" and data.startswith((b"PUT", b"POST")):
                    client.sendall(_NO_ROOM)
                    client.shutdown(socket.SHUT_WR)
                    while client.recv(65536):  # an answer is lost when what was asked is not read to its end
                        pass
                    break
                server.sendall(data)
            server.shutdown(socket.SHUT_RDWR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        while data := server.recv(65536):
            if self.fault == "down":
                return
            if self.fault == "cut" and self.passed + len(data) > self.cut_after:
                client.sendall(data[: max(self.cut_after - self.passed, 0)])
                self.fault = ""
                return
            self.passed += len(data)
            client.sendall(data)

    def close(self) -> None:
        self._listener.close()
