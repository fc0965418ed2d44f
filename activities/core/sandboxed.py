"""Bytes of strangers are read in child processes without rights, with limits of time and memory.

A parser that is led astray has nothing: no file, no network, no process, no secret, another user where root allows.
Its answer is bytes again, which whoever asked checks for their type. Children stay warm, and each is replaced when it
breaks a limit, and after some hundred readings.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

MAX_MEMORY = 4 << 30
MAX_SECONDS = 300.0
MAX_ANSWER = 1 << 30
MAX_QUESTIONS = 500_000
"""Of one reading, about files."""
MAX_READINGS = 200
"""Of one child."""
CHILDREN = 2
"""Of a kind, at most; more readings wait."""
_START_S = 60.0
_ROOT = Path(__file__).parents[2]
_SIZE = struct.Struct(">Q")


class BeyondLimitsError(ValueError):
    """What was read took more than a reader may take, or ended it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"SLW071: its reader was ended: {why}")


class _EndedError(Exception):
    """The child is gone."""


Content = Callable[[str], bytes]


@dataclass
class Pool:
    """Children for the `TASKS` of one module, name to `Callable[[Desk, bytes], bytes]`; `make_ready` comes first."""

    module: str
    memory: int = MAX_MEMORY
    seconds: float = MAX_SECONDS
    _free: list[_Child] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _places: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(CHILDREN))

    def ask(self, task: str, data: bytes, folder: Path | None = None, content: Content | None = None) -> bytes:
        """The answer of a task. `folder`: where it may ask whether a file is there; `content`: of those that it reads.

        Raises:
            ValueError: the task refused, in its words.
            BeyondLimitsError: SLW071, it took too long, too much memory, or ended.
        """
        with self._places:
            child = self._taken()
            try:
                answer = child.ask(task, data, _Answers(folder, content), self.seconds)
            except _EndedError as ended:
                child.end()
                raise BeyondLimitsError(str(ended)) from None
            except BaseException:
                child.end()
                raise
            if answer[:1] == b"\x00":
                child.end()
            else:
                self._kept(child)
        if answer[:1] == b"\x01":
            return answer[1:]
        if answer[:1] == b"\x02":
            raise ValueError(answer[1:].decode("utf-8", "replace"))
        raise BeyondLimitsError(answer[1:].decode("utf-8", "replace") or "it ran out of memory")

    def _taken(self) -> _Child:
        with self._lock:
            while self._free:
                child = self._free.pop()
                if child.process.poll() is None:
                    return child
                child.end()
        try:
            return _Child.start(self.module, self.memory)
        except _EndedError as ended:
            raise BeyondLimitsError(f"it did not start: {ended}") from None

    def _kept(self, child: _Child) -> None:
        if child.readings >= MAX_READINGS:
            child.end()
            return
        with self._lock:
            self._free.append(child)

    def close(self) -> None:
        """Ends the children that wait."""
        with self._lock:
            while self._free:
                self._free.pop().end()


@dataclass(frozen=True)
class _Answers:
    """What a child's questions are answered from: the names that it was given, never a path of its choice."""

    folder: Path | None
    content: Content | None

    def is_file(self, name: str) -> bool:
        if self.folder is None or "\0" in name:
            return False
        path = os.path.relpath(os.path.join(self.folder, name), self.folder)
        if path.startswith(".."):
            return False
        with contextlib.suppress(OSError, ValueError):
            return Path(self.folder, path).is_file()
        return False

    def file(self, name: str) -> tuple[bytes, bytes]:
        try:
            if self.content is None:
                raise ValueError("no file is given")
            return b"\x01", self.content(name)
        except (ValueError, OSError) as broken:
            return b"\x00", str(broken).encode("utf-8", "replace")


@dataclass
class _Child:
    process: subprocess.Popen[bytes]
    readings: int = 0

    @staticmethod
    def start(module: str, memory: int) -> _Child:
        command = [sys.executable, "-I", "-B", str(Path(__file__).with_name("sandboxed_child.py"))]
        child = _Child(
            subprocess.Popen(
                [*command, str(_ROOT), module, str(memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/",
                env={"LANG": "C.UTF-8"}, bufsize=0, start_new_session=True,
            )
        )  # fmt: skip
        try:
            if child._receive(time.monotonic() + _START_S) != b"ready":
                raise _EndedError("it said something else than that it is ready")
        except BaseException:
            child.end()
            raise
        return child

    def ask(self, task: str, data: bytes, answers: _Answers, seconds: float) -> bytes:
        self.readings += 1
        until = time.monotonic() + seconds
        self._send(task.encode(), until)
        self._send(data, until)
        for _ in range(MAX_QUESTIONS):
            said = self._receive(until)
            if said == b"answer":
                return self._receive(until)
            self._answer(said, answers, until)
        raise _EndedError(f"it asked more than {MAX_QUESTIONS:,} times")

    def _answer(self, said: bytes, answers: _Answers, until: float) -> None:
        try:
            asked = json.loads(said[:65_536])
        except ValueError:
            asked = None
        match asked:
            case {"is_file": str(name)}:
                self._send(b"\x01" if answers.is_file(name) else b"\x00", until)
            case {"file": str(name)}:
                for part in answers.file(name):
                    self._send(part, until)
            case _:
                raise _EndedError("it said what it should not")

    def _send(self, data: bytes, until: float) -> None:
        assert self.process.stdin is not None
        pipe = self.process.stdin.fileno()
        os.set_blocking(pipe, False)
        left = memoryview(_SIZE.pack(len(data)) + data)
        while left:
            _, ready, _ = select.select([], [pipe], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise _EndedError("it took too long")
            try:
                left = left[os.write(pipe, left) :]
            except BlockingIOError:
                continue
            except OSError:
                raise _EndedError(self._how()) from None

    def _receive(self, until: float) -> bytes:
        size = _SIZE.unpack(self._exactly(_SIZE.size, until))[0]
        if size > MAX_ANSWER:
            raise _EndedError("its answer is too long")
        return self._exactly(size, until)

    def _exactly(self, size: int, until: float) -> bytes:
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        parts = []
        while size:
            ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                raise _EndedError("it took too long")
            data = os.read(pipe, min(size, 1 << 20))
            if not data:
                raise _EndedError(self._how())
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def _how(self) -> str:
        try:
            return f"it ended with {self.process.wait(5)}"
        except subprocess.TimeoutExpired:
            return "it closed its pipes"

    def end(self) -> None:
        """At once."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


_POOLS: dict[str, Pool] = {}
_POOLS_LOCK = threading.Lock()


def pool(module: str) -> Pool:
    """This process's children for a module's tasks."""
    with _POOLS_LOCK:
        return _POOLS.setdefault(module, Pool(module))
