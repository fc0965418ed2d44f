"""Runs the steps of one job in turn: one log, one status file, limits, and a kill that leaves nothing behind.

Folder of a job: `spec.json` (in), `log.jsonl` (out, a line per line of output), `status.json` (out, written once at the
end by rename), `supervisor.json` (pid and start time), `cancel` (in: its appearance ends the job).
"""

from __future__ import annotations

import errno
import json
import os
import select
import signal
import subprocess
import time
from typing import Any

from activities.supervisor import tree
from domain.masking import Masker

MAX_LINE_BYTES = 16_384
POLL_S = 0.05
SHELLS = {"sh": ["/bin/sh", "-e", "-c"], "bash": ["bash", "-eo", "pipefail", "-c"], "python": ["python3", "-c"]}


class Log:
    """Numbered, timestamped, masked lines. Each is written whole and at once, so a reader never sees half of one."""

    def __init__(self, path: str, secrets: list[str], limit_bytes: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._secrets, self._left = secrets, limit_bytes
        self._number = 0
        self.full = False

    def line(self, step: int, stream: str, text: str) -> None:
        """A line of the engine's own: it is written even when the limit is reached."""
        self._write([self._entry(step, stream, text)])

    def lines(self, step: int, stream: str, texts: list[str]) -> None:
        """As many lines of output as the limit lets through, in one write."""
        entries = []
        for text in texts:
            entry = self._entry(step, stream, text)
            self._left -= len(entry)
            if self._left < 0:
                self.full = True
                self._number -= 1
                break
            entries.append(entry)
        self._write(entries)

    def _entry(self, step: int, stream: str, text: str) -> bytes:
        self._number += 1
        entry = {"n": self._number, "t": round(time.time(), 3), "s": step, "o": stream, "l": text}
        return (json.dumps(entry, ensure_ascii=False) + "\n").encode("utf-8", "replace")

    def _write(self, entries: list[bytes]) -> None:
        data = b"".join(entries)
        while data:
            data = data[os.write(self._file, data) :]

    def masker(self) -> Masker:
        return Masker(self._secrets)


class Stream:
    """One pipe of a step: bytes to masked lines."""

    def __init__(self, log: Log, step: int, name: str) -> None:
        self._log, self._step, self._name = log, step, name
        self._masker = log.masker()
        self._partial = b""

    def feed(self, data: bytes) -> None:
        self._lines(self._masker.feed(data))

    def _lines(self, data: bytes) -> None:
        *whole, self._partial = (self._partial + data).split(b"\n")
        while len(self._partial) > MAX_LINE_BYTES:
            whole.append(self._partial[:MAX_LINE_BYTES])
            self._partial = self._partial[MAX_LINE_BYTES:]
        self._emit(whole)

    def _emit(self, whole: list[bytes]) -> None:
        if whole and not self._log.full:
            texts = [line[:MAX_LINE_BYTES].decode("utf-8", "replace").rstrip("\r") for line in whole]
            self._log.lines(self._step, self._name, texts)

    def close(self) -> None:
        self._lines(self._masker.flush())
        if self._partial:
            self._emit([self._partial])
            self._partial = b""


def run(folder: str, secrets: dict[str, str]) -> None:
    with open(f"{folder}/spec.json") as file:
        spec = json.load(file)
    log = Log(f"{folder}/log.jsonl", list(secrets.values()), spec["output_bytes"])
    job = _Job(folder, spec, secrets, log)
    signal.signal(signal.SIGTERM, job.on_signal)
    status = job.run()
    tree.kill(spec["key"])
    write_json(f"{folder}/status.json", status)


def write_json(path: str, value: Any) -> None:
    with open(f"{path}.new", "w") as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


class _Job:
    def __init__(self, folder: str, spec: dict[str, Any], secrets: dict[str, str], log: Log) -> None:
        self._folder, self._spec, self._secrets, self._log = folder, spec, secrets, log
        self._deadline = time.monotonic() + spec["timeout_s"]
        self._stopped = False

    def on_signal(self, number: int, frame: object) -> None:
        self._stopped = True

    def run(self) -> dict[str, Any]:
        started = time.time()
        ended: dict[str, Any] = {"cause": "", "exit_code": 0, "step": 0}
        for index, step in enumerate(self._spec["steps"], 1):
            self._log.line(index, "step", step["name"])
            cause, code = self._step(index, step)
            if cause or code:
                ended = {"cause": cause or "exit", "exit_code": code, "step": index}
                break
        return {**ended, "started_at": started, "ended_at": time.time()}

    def _step(self, index: int, step: dict[str, Any]) -> tuple[str, int]:
        env = {**self._spec["env"], **step["env"], **self._secrets, tree.MARKER: self._spec["key"]}
        try:
            process = subprocess.Popen(
                [*SHELLS[step["shell"]], step["run"]],
                cwd=self._spec["cwd"],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as broken:
            self._log.line(index, "engine", f"cannot start: {broken.strerror or broken}")
            return ("infrastructure" if broken.errno in (errno.EAGAIN, errno.ENOMEM) else ""), 127
        deadline = self._deadline
        if step["timeout_s"]:
            deadline = min(deadline, time.monotonic() + step["timeout_s"])
        return self._follow(index, process, deadline)

    def _follow(self, index: int, process: subprocess.Popen[bytes], deadline: float) -> tuple[str, int]:
        assert process.stdout is not None
        assert process.stderr is not None
        streams = {
            process.stdout.fileno(): Stream(self._log, index, "out"),
            process.stderr.fileno(): Stream(self._log, index, "err"),
        }
        poll = select.poll()
        for handle in streams:
            poll.register(handle, select.POLLIN)
        ended = os.pidfd_open(process.pid)
        poll.register(ended, select.POLLIN)
        open_pipes, cause, checked = set(streams), "", 0.0
        while open_pipes:
            ready = poll.poll(POLL_S * 1000)
            for handle, _ in ready:
                if handle == ended:
                    continue
                data = os.read(handle, 65_536)
                if data:
                    streams[handle].feed(data)
                else:
                    poll.unregister(handle)
                    open_pipes.discard(handle)
            exited = any(handle == ended for handle, _ in ready)
            if exited and all(handle == ended for handle, _ in ready):
                break  # a daemon may hold the pipes open; what the step itself wrote has been read
            now = time.monotonic()
            if now - checked >= POLL_S:
                checked = now
                cause = self._limit(deadline)
                if cause:
                    self._log.line(index, "engine", _CAUSES[cause])
                    tree.kill(self._spec["key"])
                    break
        code = process.wait()
        os.close(ended)
        for stream in streams.values():
            stream.close()
        if self._log.full and not cause:  # it ended before the next look at the limits
            cause = "output"
            self._log.line(index, "engine", _CAUSES[cause])
        return cause, 128 - code if code < 0 else code

    def _limit(self, deadline: float) -> str:
        if self._stopped or os.path.exists(f"{self._folder}/cancel"):
            return "cancelled"
        if time.monotonic() > deadline:
            return "timeout"
        if self._log.full:
            return "output"
        limit = self._spec["memory_bytes"]
        return "memory" if limit and tree.resident_bytes(self._spec["key"]) > limit else ""


_CAUSES = {
    "cancelled": "cancelled; all processes of the job are stopped",
    "timeout": "the time limit is reached; all processes of the job are stopped",
    "output": "the limit of output is reached, and what came after is lost; all processes of the job are stopped",
    "memory": "the memory limit is reached; all processes of the job are stopped",
}
