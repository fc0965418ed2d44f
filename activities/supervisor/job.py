"""Runs the steps of one job in turn: one log, one status file, limits, and a kill that leaves nothing behind.

Folder of a job: `spec.json` (in), `log.jsonl` (out, see log.py), `status.json` (out, written once at the
end by rename), `supervisor.json` (pid and start time), `cancel` (in: its appearance ends the job), `cancel-now` (in: it
ends at once).
"""

from __future__ import annotations

import errno
import os
import time

from activities.supervisor import fast_json as quick
from activities.supervisor import shells, tree
from activities.supervisor.environment import complaint
from activities.supervisor.log import Log, Stream
from activities.supervisor.processes import Processes

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from types import FrameType

    from activities.supervisor.spec import JobSpec, StepSpec
    from domain.core.documents import Manifest

SIGPIPE = 13  # Python ignores it, and a child would inherit that
STEP_UMASK = 0o022
"""Of what steps make: images and archives of it are read by other users. The supervisor's own files are private."""


def run(folder: str, secrets: dict[str, str]) -> None:
    spec: JobSpec = quick.read(f"{folder}/spec.json")
    log = Log(f"{folder}/log.jsonl", list(secrets.values()), spec["output_bytes"])
    job = _Job(folder, spec, secrets, log)
    quick.on_signal(quick.SIGTERM, job.on_signal)
    status = job.run()
    tree.kill(spec["key"])
    _after(spec.get("after", []), log)
    quick.write(f"{folder}/status.json", {**status, **_lost(folder, log)} if not status["cause"] else status)


def _lost(folder: str, log: Log) -> Manifest:
    """The steps' output is lost although they passed: the job has failed."""
    try:
        with open(f"{folder}/lost") as file:
            log.line(0, "engine", log.masked(file.read(2_000)))
    except OSError:
        return {}
    return {"cause": "infrastructure"}


def _after(command: list[str], log: Log) -> None:
    """Removes the place in which the steps ran."""
    if not command:
        return
    child, pipes = spawn(command, {"PATH": os.environ.get("PATH", os.defpath)})
    words = b"".join(iter(lambda: os.read(pipes[1], 65_536), b""))
    if os.waitpid(child, 0)[1]:
        why = log.masked(words.decode("utf-8", "replace"))[-300:]
        log.line(0, "engine", f"the container or pod of the job could not be removed: {why}")
    for handle in pipes:
        os.close(handle)


def spawn(command: list[str], env: dict[str, str], given: bytes | None = None) -> tuple[int, tuple[int, int]]:
    """A child in its own session and this process's folder: its pid, and the pipes of its two outputs.

    `given` is written to its standard input; it must read it before anything else.
    """
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    read, write = (-1, -1) if given is None else os.pipe()
    stdin = (
        (os.POSIX_SPAWN_DUP2, read, 0) if given is not None else (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    )
    actions = [
        stdin,
        (os.POSIX_SPAWN_DUP2, out_end, 1),
        (os.POSIX_SPAWN_DUP2, err_end, 2),
    ]
    os.environ["PATH"] = env.get("PATH", os.defpath)  # found through PATH
    private = os.umask(STEP_UMASK)
    try:
        child = os.posix_spawnp(command[0], command, env, file_actions=actions, setsid=True, setsigdef=[SIGPIPE])
    except OSError:
        os.close(out)
        os.close(err)
        raise
    finally:
        os.umask(private)
        os.close(out_end)
        os.close(err_end)
        if given is not None:
            os.close(read)
            _give(write, given)
    return child, (out, err)


def _give(pipe: int, data: bytes) -> None:
    """A child that exits before reading everything reports why itself."""
    try:
        while data:
            data = data[os.write(pipe, data) :]
    except BrokenPipeError:
        pass
    os.close(pipe)


class _Job:
    def __init__(self, folder: str, spec: JobSpec, secrets: dict[str, str], log: Log) -> None:
        self._folder, self._spec, self._secrets, self._log = folder, spec, secrets, log
        self._deadline = time.monotonic() + spec["timeout_s"]
        self._why = ""
        self._processes = Processes(folder, spec, log)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        self._processes.stopped = True

    def run(self) -> Manifest:
        started = time.time()
        os.chdir(self._spec["cwd"])
        for note in self._spec["notes"]:
            self._log.line(0, "engine", note)
        ended: Manifest = {"cause": "", "exit_code": 0, "step": 0}
        for index, step in enumerate(self._spec["steps"], 1):
            self._log.line(index, "step", step["name"])
            cause, code = self._step(index, step)
            if cause or code:
                ended = {"cause": cause or "exit", "exit_code": code, "step": index}
                break
        return {**ended, "why": self._why, "started_at": started, "ended_at": time.time()}

    def _step(self, index: int, step: StepSpec) -> tuple[str, int]:
        env = {**self._spec["env"], **step["env"], **self._secrets, tree.MARKER: self._spec["key"]}
        self._why = complaint(env)
        try:
            if self._why:
                raise OSError(errno.E2BIG, self._why)
            child, pipes = self._spawn(step, env)
        except OSError as broken:
            self._log.line(index, "engine", f"cannot start: {broken.strerror or broken}")
            if broken.errno == errno.E2BIG:
                self._why = self._why or "its script and variables are larger than the kernel takes"
                return "start", 126
            return ("infrastructure" if broken.errno in (errno.EAGAIN, errno.ENOMEM) else ""), 127
        deadline = self._deadline
        if step["timeout_s"]:
            deadline = min(deadline, time.monotonic() + step["timeout_s"])
        streams = {pipes[0]: Stream(self._log, index, "out"), pipes[1]: Stream(self._log, index, "err")}
        cause, code = self._processes.follow(index, child, streams, deadline)
        if cause == "output":
            self._why = self._log.exceeded()
        return cause, code

    def _spawn(self, step: StepSpec, env: dict[str, str]) -> tuple[int, tuple[int, int]]:
        if name := step.get("script", ""):
            self._write_script(f"{self._folder}/{shells.FOLDER}", name, step["run"])
        if not step.get("command"):
            return spawn(shells.command(step["shell"], step["run"], f"{self._folder}/{shells.FOLDER}"), env)
        # the definition's variables must not affect a program of the engine: pass them on, do not inherit
        key = env.pop(tree.MARKER)
        own = {tree.MARKER: key, "PATH": os.environ.get("PATH", os.defpath)}
        return spawn(step["command"], own, quick.dumps(env).encode())

    def _write_script(self, folder: str, name: str, script: str) -> None:
        """Again for each step: the one before may have cleared the folder."""
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/{name}", "w", encoding="utf-8", newline="") as file:
            file.write(script)
