"""`python -I step.py exec PLACE-FILE CAUSE-FILE COMMAND…` and `… after PLACE-FILE FOLDER`.

Runs one step in a job's pod, as a process that the supervisor can read and kill: it passes on both outputs and the exit
code. The step's environment comes as JSON on standard input and goes to the pod the same way: it is in no process list
and in no URL that the API server logs. `after` downloads the steps' output, and removes the pod.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shlex
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from activities.jobs import agent_tokens
from activities.jobs.executors.kubernetes.files import fetch, settle
from activities.jobs.executors.kubernetes.pod_ref import Held, remove
from activities.kubernetes.exec import hang_up, open_exec
from activities.kubernetes.sdk import ExecStream
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from domain.jobs import job_pod
from domain.jobs.job_pod import STEPS

KILLED, ENDED = 137, 143
"""128 and SIGKILL, or SIGTERM."""
LOST = 125
"""`docker exec`'s code for a failure of the daemon, not of the command."""
LOOK_S = 1
WRAPPER = (
    'trap asked=143 TERM; eval "$(head -c "$1")"; shift; cd "$SLUICEWAY_WORKSPACE"; '
    'if [ -z "$asked" ]; then "$@" </dev/null; said=$?; else said=$asked; fi; '
    'printf "%s%s\\n" "$end" "$said"; printf "%s%s\\n" "$end" "$said" >&2'
)
"""Marks the end of the step on both outputs: a background process may keep them open. It outlives a SIGTERM that the
step has to answer, and does not begin a step that was asked to end before.
"""
TERMINATE = ["/bin/sh", "-c", "kill -TERM -1"]
"""To every process of the container but its first."""
OOM = re.compile(r"oom_kill ([1-9]\d*)")
NAME = re.compile(r"[A-Za-z_]\w*\Z", re.A)


def main(arguments: list[str]) -> int:
    """The exit code; the variables of the step are read from standard input as JSON."""
    mode, place, *rest = arguments
    held = Held.read(Path(place))
    if mode == "runs":
        return 1 if _is_over(held) else 0
    if mode == "after":
        return after(held, Path(place), Path(rest[0]))
    cause, *command = rest
    env = json.loads(sys.stdin.read() or "{}")
    script = ""
    if command[0] == "--script":  # as an argument it would be too long
        _, here, there, *command = command
        script = _copied(Path(here).read_text(encoding="utf-8"), there)
    asked = threading.Event()

    def ask(number: int, frame: object) -> None:
        asked.set()
        threading.Thread(target=_terminate, args=(held,)).start()

    signal.signal(signal.SIGTERM, ask)
    return execute(held, Path(cause), command, env, script, asked)


def _copied(text: str, path: str) -> str:
    """A line of shell that writes a file in the pod; `printf` is part of the shell, so no argument is too long."""
    return f"mkdir -p {shlex.quote(os.path.dirname(path))}; printf %s {shlex.quote(text)} >{shlex.quote(path)}"


def _terminate(held: Held) -> None:
    """The supervisor's SIGTERM, passed on; it ends what does not answer."""
    with contextlib.suppress(SluicewayError, OSError):
        held.said(TERMINATE)


def execute(
    held: Held,
    cause: Path,
    command: Sequence[str],
    env: Mapping[str, str],
    before: str,
    asked: threading.Event,
) -> int:
    """The step's exit code; a step that is `asked` to end before it has begun does not begin.

    Writes `memory` or `infrastructure` to the cause file when the step was not at fault.
    """
    end = secrets.token_hex(16)
    if asked.is_set():
        return ENDED
    try:
        code = _followed(held, command, _script(env, end, before), end.encode())
    except (SluicewayError, OSError) as broken:
        print(f"sluiceway: the pod is lost: {broken}", file=sys.stderr)
        code = LOST
    if code == KILLED and _out_of_memory(held):
        cause.write_text("memory")
    elif code == LOST or (code and not _runs(held)):
        cause.write_text("infrastructure")
    return code


def _script(env: Mapping[str, str], end: str, before: str) -> bytes:
    lines = [f"export {name}={shlex.quote(value)}" for name, value in env.items() if NAME.match(name)]
    return "\n".join([f"end={end}", *lines, before]).encode()


def _followed(held: Held, command: Sequence[str], script: bytes, end: bytes) -> int:
    """Copies the step's outputs to this process's; returns its exit code, or LOST."""
    wrapped = ["/bin/sh", "-c", WRAPPER, "sh", str(len(script)), *command]
    stream = open_exec(held.kube, held.namespace, held.name, STEPS, wrapped, stdin=True)
    try:
        stream.write_channel(0, script)
        ends = {1: _Until(1, end), 2: _Until(2, end)}
        while stream.is_open() and not all(one.code is not None for one in ends.values()):
            stream.update(timeout=LOOK_S)
            for channel, one in ends.items():
                one.feed(stream.read_channel(channel) if stream.peek_channel(channel) else b"")
        for channel, one in ends.items():
            one.close(stream.read_channel(channel) if stream.peek_channel(channel) else b"")
        said = [one.code for one in ends.values() if one.code is not None]
        return said[0] if said else _ended_with(stream)
    finally:
        hang_up(stream)


class _Until:
    """One output, up to the end marker."""

    def __init__(self, handle: int, end: bytes) -> None:
        self._handle, self._end, self._kept = handle, end, b""
        self.code: int | None = None

    def feed(self, data: bytes) -> None:
        if self.code is not None:
            return  # output of a background process
        self._kept += data
        before, found, after = self._kept.partition(self._end)
        if found and b"\n" in after:
            self.code = int(after.partition(b"\n")[0])
            self._write(before)
        elif not found:
            whole, newline, self._kept = self._kept.rpartition(b"\n")
            self._write(whole + newline)

    def close(self, data: bytes) -> None:
        self.feed(data)
        if self.code is None:
            self._write(self._kept)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._handle, data) :]


def _ended_with(stream: ExecStream) -> int:
    """The exit code of a killed wrapper, or of a broken connection."""
    try:
        code = stream.returncode
    except (TypeError, ValueError, KeyError, AttributeError):
        return LOST
    return LOST if code is None else int(code)


def _out_of_memory(held: Held) -> bool:
    """Whether the kernel killed a process in the container for its memory, by either version of control groups."""
    files = "/sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control"
    try:
        said = held.said(["/bin/sh", "-c", f"cat {files} 2>/dev/null"])
    except SluicewayError:
        said = ""
    return bool(OOM.search(said)) or "OOMKilled" in json.dumps(_status(held).value)


def _runs(held: Held) -> bool:
    return _status(held)["phase"].text() == "Running"


def _is_over(held: Held) -> bool:
    """Whether the pod will not run a step any more; a cluster that does not answer says nothing."""
    try:
        seen = held.kube.get("v1", "Pod", held.name, held.namespace)
    except SluicewayError:
        return False
    if seen is None or job_pod.refused(seen, ()) is not None:
        return True
    return bool(Node(seen).at("metadata", "deletionTimestamp"))


def _status(held: Held) -> Node:
    try:
        return Node(held.kube.get("v1", "Pod", held.name, held.namespace))["status"]
    except SluicewayError:
        return Node()


def after(held: Held, place: Path, folder: Path) -> int:
    """Reports output that cannot be downloaded in a file `lost`, with the reason; the job then fails."""
    try:
        if (folder / "fetched.tar").exists():
            settle(folder)
        elif not (folder / "cancel").exists() and not (folder / agent_tokens.FILE).exists():
            fetch(held, folder)
    except (SluicewayError, OSError) as broken:
        (folder / "lost").write_text(str(broken)[:2000])
    agent_tokens.end(folder)
    remove(held)
    place.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except (SluicewayError, OSError) as broken:
        print(broken, file=sys.stderr)
        code = LOST
    sys.stdout.flush()
    os._exit(code)  # a reader may still wait for output that a background process holds open
