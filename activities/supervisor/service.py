"""Keeps the processes of one service version: start, readiness, liveness, restart with back-off, drain, stop.

Folder: `spec.json` (in), `state.json` (out, replaced by rename on every change), `service.log` (the processes' output),
`stop` (in: its appearance stops the service), `instances` (in: the number of processes). A restarted supervisor adopts
the processes that still run, so the service is not interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

from activities.supervisor import fast_json as quick
from activities.supervisor import tree

if TYPE_CHECKING:
    from types import FrameType

    from activities.supervisor.spec import ServiceSpec
    from domain.core.documents import Manifest

TICK_S = 0.05
MAX_BACKOFF_S = 30.0
STABLE_S = 30.0


@dataclass
class Instance:
    port: int
    _: KW_ONLY
    pid: int = 0
    start_time: str = ""
    ready: bool = False
    restarts: int = 0
    failures: int = 0
    begun: float = 0
    start_again: float = 0
    leave_by: float = 0
    """Until when it may shut down gracefully; 0: it stays."""
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def alive(self) -> bool:
        if self.process is not None:
            return self.process.poll() is None
        return bool(self.pid) and tree.start_time(self.pid) == self.start_time


def serve(folder: str, secrets: dict[str, str]) -> None:
    with open(f"{folder}/spec.json") as file:
        spec: ServiceSpec = json.load(file)
    service = _Service(folder, spec, secrets)
    signal.signal(signal.SIGTERM, service.on_signal)
    service.run()


class _Service:
    def __init__(self, folder: str, spec: ServiceSpec, secrets: dict[str, str]) -> None:
        self._folder, self._spec, self._secrets = folder, spec, secrets
        self._stopping = False
        self._written: Manifest = {}
        self._was_ready = False
        self._instances = self._adopt()
        self._leaving: list[Instance] = []

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _adopt(self) -> list[Instance]:
        try:
            with open(f"{self._folder}/state.json") as file:
                known = json.load(file)["instances"]
        except (OSError, ValueError, KeyError):
            known = []
        adopted = [Instance(x["port"], pid=x["pid"], start_time=x["start_time"], restarts=x["restarts"]) for x in known]
        self._was_ready = bool(adopted)
        ports = self._spec.get("ports") or []
        while len(adopted) < self._wanted():
            index = len(adopted)
            adopted.append(Instance(ports[index] if index < len(ports) else free_port()))
        return adopted

    def _wanted(self) -> int:
        try:
            with open(f"{self._folder}/instances") as file:
                return int(file.read())
        except (OSError, ValueError):
            return int(self._spec["instances"])

    def _resize(self, now: float) -> None:
        """Stops the last ones first: those removed from the traffic."""
        wanted = self._wanted()
        while len(self._instances) < wanted:
            self._instances.append(Instance(free_port()))
        for instance in self._instances[wanted:]:
            if instance.pid and instance.alive():
                instance.leave_by = now + self._spec["drain_s"]
                _signal(instance.pid, signal.SIGTERM)
                self._leaving.append(instance)
        del self._instances[wanted:]
        for instance in [one for one in self._leaving if not one.alive() or now > one.leave_by]:
            if instance.alive():
                _signal_group(instance.pid, signal.SIGKILL)
            if instance.process is not None:
                instance.process.wait()
            self._leaving.remove(instance)

    def run(self) -> None:
        begun = time.monotonic()
        probe_at = 0.0
        while not (self._stopping or os.path.exists(f"{self._folder}/stop")):
            now = time.monotonic()
            self._resize(now)
            for instance in self._instances:
                self._keep(instance, now)
            if now >= probe_at:
                probe_at = now + self._probe_interval()
                for instance in self._instances:
                    self._probe(instance)
            ready = all(instance.ready for instance in self._instances)
            self._was_ready = self._was_ready or ready
            late = not self._was_ready and now - begun > (self._spec["readiness"] or {"timeout_s": 60})["timeout_s"]
            self._write("failed" if late else ("ready" if ready else "starting"))
            if late:
                break
            time.sleep(TICK_S)
        self._drain()
        self._write("failed" if self._written.get("phase") == "failed" else "stopped")

    def _probe_interval(self) -> float:
        if all(instance.ready for instance in self._instances):
            return float((self._spec.get("liveness") or {"interval_s": 5})["interval_s"])
        return float((self._spec["readiness"] or {"interval_s": TICK_S})["interval_s"])

    def _keep(self, instance: Instance, now: float) -> None:
        if instance.alive():
            return
        instance.ready = False
        if instance.pid:  # exited: back off longer each time, unless it ran well for a while
            calm = now - instance.begun > STABLE_S
            instance.restarts = 0 if calm else instance.restarts + 1
            instance.pid, instance.process = 0, None
            longest = self._spec.get("max_backoff_s", MAX_BACKOFF_S)
            instance.start_again = now + min(longest, 0.2 * 2 ** min(instance.restarts, 10))
        if now >= instance.start_again:
            self._start(instance, now)

    def _start(self, instance: Instance, now: float) -> None:
        env = {
            **self._spec["env"],
            **self._secrets,
            self._spec["port_env"]: str(instance.port),
            tree.MARKER: self._spec["key"],
        }
        with open(f"{self._folder}/service.log", "ab") as log:
            try:
                instance.process = subprocess.Popen(
                    self._spec["command"],
                    cwd=self._spec["cwd"],
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    umask=self._spec.get("umask", -1),
                )
            except OSError as broken:
                log.write(f"cannot start: {broken}\n".encode())
                instance.restarts += 1
                instance.start_again = now + min(MAX_BACKOFF_S, 0.2 * 2 ** min(instance.restarts, 10))
                return
        instance.pid, instance.begun, instance.failures = instance.process.pid, now, 0
        instance.start_time = tree.start_time(instance.pid)

    def _probe(self, instance: Instance) -> None:
        if not instance.pid:
            return
        readiness = self._spec["readiness"]
        if not instance.ready:
            instance.ready = readiness is None or answers(instance.port, readiness["http"])  # none: while it runs
            return
        liveness = self._spec.get("liveness")
        if not liveness:
            return
        instance.failures = 0 if answers(instance.port, liveness["http"]) else instance.failures + 1
        if instance.failures >= liveness["failures"]:
            instance.ready = False
            _signal(instance.pid, signal.SIGKILL)

    def _write(self, phase: str) -> None:
        state: Manifest = {
            "phase": phase,
            "instances": [
                {"port": x.port, "pid": x.pid, "start_time": x.start_time, "ready": x.ready, "restarts": x.restarts}
                for x in self._instances
            ],
        }
        if state != self._written:
            self._written = state
            quick.write(f"{self._folder}/state.json", state)

    def _drain(self) -> None:
        """SIGTERM, then the grace period of the definition, then SIGKILL for all processes of the version."""
        for instance in self._instances:
            if instance.pid and instance.alive():
                _signal(instance.pid, signal.SIGTERM)
        deadline = time.monotonic() + self._spec["drain_s"]
        while any(instance.alive() for instance in self._instances) and time.monotonic() < deadline:
            time.sleep(TICK_S)
        for instance in self._instances:  # by its number: one that keeps its memory private hides its marker too
            if instance.pid and instance.alive():
                _signal(instance.pid, signal.SIGKILL)
        tree.kill(self._spec["key"], grace_s=0)
        for instance in self._instances:
            if instance.process is not None:
                instance.process.wait()
            instance.pid, instance.ready = 0, False


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def _signal_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except OSError:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, path: str, timeout_s: float = 1.0) -> bool:
    """Whether a loopback port answers: 2xx or 3xx on a path, or a TCP connect without one."""
    if path:
        return _answers_http(port, path, timeout_s)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_s):
            return True
    except OSError:
        return False


def _answers_http(port: int, path: str, timeout_s: float) -> bool:
    import http.client  # the command line only probes open ports, and starts sooner without it

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path)
        with connection.getresponse() as response:
            return 200 <= response.status < 400
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
