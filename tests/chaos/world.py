"""An engine as `sluiceway up` starts it, and everything that can be done to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from activities.access import identities as identity
from activities.access.identity_store import Identity
from activities.supervisor import launch
from domain.core import ids as keys
from tests.chaos.ledger import Ledger
from tests.support.disk import small_disk
from tests.support.environments import ADDRESS, DEVELOPER
from tests.support.lab import kept_for_all, until
from tests.support.object_store import BUCKET, ENVIRONMENT, ObjectStoreServer
from tests.support.supervised import pids
from workers.client.client import Engine
from workers.core import connection
from workers.core.records import Records
from workers.core.registering import registrar
from workers.core.settings import load
from workers.engine import embedded as engine

DISK_MB = 400
CUT_S, PAUSE_S, FULL_S, SECOND_S, STORE_S = 60.0, 8.0, 4.0, 6.0, 1.0


class Link:
    """The worker's connection to Temporal, which can be cut."""

    def __init__(self, target: int) -> None:
        self._target, self._cut, self._open = target, False, set[socket.socket]()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            if self._cut:
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                self._open |= {client, server}
                threading.Thread(target=self._pump, args=(server, client), daemon=True).start()
                self._pump(client, server)
                self._open -= {client, server}

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self._cut = True
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self._cut = False

    def close(self) -> None:
        self.cut()
        self._listener.shutdown(socket.SHUT_RDWR)  # the thread waits for it
        self._listener.close()


class World:
    """One engine, its store, and who is in it. Made and ended by `async with`."""

    def __init__(self, folder: Path, ledger: Ledger, *, bucket: bool, cut_s: float = CUT_S) -> None:
        self.folder, self.ledger, self.bucket, self.cut_s = folder, ledger, bucket, cut_s
        self.store: ObjectStoreServer | None = None
        self.disk = folder / "disk"
        self._mounts = contextlib.ExitStack()
        self.router_down: list[tuple[float, float]] = []
        """Spans in which the router was away, after a kill of ours."""
        self.killed_processes: list[float] = []

    async def __aenter__(self) -> World:
        self._saved = dict(os.environ)
        os.environ["SLUICEWAY_HOME"] = str(self.folder / "home")
        os.environ["SLUICEWAY_KEYS"] = str(self.folder / "keys")
        os.environ.pop("SLUICEWAY_ADDRESS", None)
        self._begin_store()
        self.settings = load()
        kept_for_all(self.settings, "example-token", "an-example-token")
        self.settings.home.mkdir(parents=True, exist_ok=True)
        self.addresses = engine.choose_ports(self.settings)
        self.link = Link(self.addresses["temporal_port"])
        direct = self.addresses["temporal"]
        self.addresses["temporal"] = f"127.0.0.1:{self.link.port}"
        self.settings.engine_file.write_text(json.dumps(self.addresses))
        await asyncio.to_thread(engine.up, self.settings, str(Path(sys.executable).parent))
        self.engine = Engine(await connection.connect(direct))
        self.records = Records.at(self.settings.records)
        self.registrar = registrar(self.settings, self.records)
        self.registrar.person(identity.create(self.settings.keys, "approver", (), ()))
        self.registrar.person(Identity(DEVELOPER, ""))
        self.registrar.give(DEVELOPER, ADDRESS)
        return self

    def _begin_store(self) -> None:
        if self.bucket:
            os.environ.update(ENVIRONMENT)
            self.store = ObjectStoreServer(self.folder / "objects")
            self.store.start()
            os.environ["SLUICEWAY_STORE"] = f"s3://{BUCKET}/chaos"
            os.environ["SLUICEWAY_STORE_ENDPOINT"] = self.store.endpoint
        else:
            self.small = self._mounts.enter_context(small_disk(self.disk, DISK_MB))
            os.environ["SLUICEWAY_STORE"] = str(self.disk / "store")
            os.environ.pop("SLUICEWAY_STORE_ENDPOINT", None)

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(engine.down, self.settings)
        self.link.close()
        if self.store is not None:
            self.store.kill()
        self._mounts.close()
        os.environ.clear()
        os.environ.update(self._saved)

    # -- what there is to hurt ---------------------------------------------------------------------------------------

    def part(self, name: str) -> int:
        return self._first(self.settings.home / "engine" / name)

    def router(self) -> int:
        return self._first(self.settings.home / "router")

    @staticmethod
    def _first(folder: Path) -> int:
        return next(iter(pids(folder)), 0)

    def processes(self) -> list[int]:
        """Of all versions of all services."""
        states = (self.settings.home / "services").glob("*/*/*/state.json")
        return [pid for state in states for pid in pids(state.parent) if pid]

    def supervisor(self, run: str, job: str) -> int:
        row = [row for row in self.records.runs.jobs(run) if row["job"] == job][-1]
        return launch.running(self.settings.home / "jobs" / keys.job_key(run, job, row["attempt"]))

    # -- hurting it --------------------------------------------------------------------------------------------------

    async def hurt(self, kind: str, run: str, seed: int) -> None:
        """Does it, and sees to it that it is over: what the engine mends by itself is left to the engine."""
        match kind:
            case "worker" | "temporal":
                self._kill(self.part(kind))
            case "supervisor":
                self._kill(self.supervisor(run, "build"))
            case "router":
                await self._kill_router()
            case "process":
                await self._kill_process(seed)
            case "store":
                await self._kill_store()
            case "cut":
                self.link.cut()
                await asyncio.sleep(self.cut_s)
                self.link.mend()
            case "full":
                await self._fill()
            case "pause":
                await (self._pause_alone() if seed % 2 else self._pause())
            case "second":
                await self._second()

    @staticmethod
    def _kill(pid: int) -> None:
        if pid > 0:  # 0 would be our own group; it may have ended in this moment
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    async def _kill_router(self) -> None:
        before, began = self.router(), time.time()
        self._kill(before)

        async def back() -> bool:
            known = launch.read_json(self.settings.home / "router" / "state.json")
            return known.get("phase") == "ready" and self.router() not in (0, before)

        await until(back, 60)
        self.router_down.append((began, time.time() + 1.5))  # it has read its routes a moment later

    async def _kill_process(self, seed: int) -> None:
        known = self.processes()
        if known:
            self.killed_processes.append(time.time())
            self._kill(known[seed % len(known)])

    async def _kill_store(self) -> None:
        assert self.store is not None
        await asyncio.to_thread(self.store.kill)
        await asyncio.sleep(STORE_S)
        await asyncio.to_thread(self.store.start)

    async def _fill(self) -> None:
        """Not a byte is left on the store's disk for some seconds."""
        assert self.small, "the machine's own disk is not filled"
        filler = self.disk / "filler"
        with contextlib.suppress(OSError), filler.open("wb") as out:
            while True:
                out.write(b"\0" * (1 << 16))
                out.flush()
        await asyncio.sleep(FULL_S)
        filler.unlink()

    async def _pause(self) -> None:
        """Stopped past its heartbeat, while another one takes over; then both go on."""
        pid = self.part("worker")
        os.kill(pid, signal.SIGSTOP)
        async with self._another():
            await asyncio.sleep(PAUSE_S)
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(2)

    async def _pause_alone(self) -> None:
        """Stopped past its heartbeat, like a laptop's lid: nobody takes over, and it finds its own work again."""
        pid = self.part("worker")
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(PAUSE_S)
        os.kill(pid, signal.SIGCONT)

    async def _second(self) -> None:
        async with self._another():
            await asyncio.sleep(SECOND_S)

    @contextlib.asynccontextmanager
    async def _another(self) -> Any:
        """A second worker of the same home, killed in the end."""
        other = subprocess.Popen(
            [sys.executable, "-m", "workers.worker.main"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            yield other
        finally:
            other.kill()
            other.wait()
