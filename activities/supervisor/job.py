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
from activities.supervisor import kernel, place, seal, shells, tree
from activities.supervisor.environment import complaint
from activities.supervisor.log import Log, Stream
from activities.supervisor.processes import Processes

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from activities.supervisor.gateway import Gateway
    from activities.supervisor.place import Place
    from activities.supervisor.spec import JobSpec, StepSpec
    from domain.core.documents import Manifest


def run(folder: str, given: Callable[[], tuple[dict[str, str], str]]) -> None:
    """`given`: secrets and a word (see seal.py). Asked for when the place stands: none of its processes has them."""
    spec: JobSpec = quick.read(f"{folder}/spec.json")
    gateway: Gateway | None = None
    refused = ""
    try:
        gateway = _gateway(spec, folder)
        where = place.opened(spec)
        if gateway:
            _let_out(gateway, spec, where)
    except OSError as broken:
        refused = broken.strerror or str(broken)
    kernel.keep_private()
    secrets, word = given()
    log = Log(f"{folder}/log.jsonl", list(secrets.values()), spec["output_bytes"])
    if refused:
        log.line(0, "engine", f"the place of the job could not be made: {refused}")
        lost: Manifest = {"cause": "infrastructure", "exit_code": 0, "step": 0}
        quick.write(f"{folder}/status.json", seal.sealed(lost, word))
        return
    job = _Job(folder, spec, secrets, log, where, gateway)
    quick.on_signal(quick.SIGTERM, job.on_signal)
    status = job.run()
    where.kill()
    where.close()
    if gateway:
        for words in gateway.close():
            log.line(0, "engine", log.masked(words))
        status = {**status, "refused": gateway.refused}
    _after(spec.get("after", []), log)
    status = {**status, **_lost(folder, log)} if not status["cause"] and not spec.get("jail") else status
    quick.write(f"{folder}/status.json", seal.sealed(status, word))


def _gateway(spec: JobSpec, folder: str) -> Gateway | None:
    """The job's proxy, before the job's namespaces are made: what starts later lives in them."""
    wanted = spec.get("proxy")
    if not wanted:
        return None
    from activities.supervisor.gateway import Gateway

    return Gateway(wanted, folder)


def _let_out(gateway: Gateway, spec: JobSpec, where: Place) -> None:
    wanted = spec.get("proxy")
    if wanted and wanted["network"]:
        handle = os.open(wanted["network"], os.O_RDONLY | os.O_CLOEXEC)
        gateway.open(handle)
        os.close(handle)
    else:
        gateway.open(where.network())


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
    env = {"PATH": os.environ.get("PATH", os.defpath)}
    child, pipes = spawn(place.Marked(""), command, env, "/")
    words = b"".join(iter(lambda: os.read(pipes[1], 65_536), b""))
    if os.waitpid(child, 0)[1]:
        why = log.masked(words.decode("utf-8", "replace"))[-300:]
        log.line(0, "engine", f"the container or pod of the job could not be removed: {why}")
    for handle in pipes:
        os.close(handle)


def spawn(
    where: Place, command: list[str], env: dict[str, str], cwd: str, given: bytes | None = None
) -> tuple[int, tuple[int, int]]:
    """A child: its pid, and the pipes of its two outputs.

    `given` is written to its standard input; it must read it before anything else.
    """
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    read, write = (os.open(os.devnull, os.O_RDONLY), -1) if given is None else os.pipe()
    try:
        child = where.start(command, env, (read, out_end, err_end), cwd)
    except OSError:
        os.close(out)
        os.close(err)
        raise
    finally:
        os.close(out_end)
        os.close(err_end)
        os.close(read)
        if given is not None:
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
    def __init__(
        self,
        folder: str,
        spec: JobSpec,
        secrets: dict[str, str],
        log: Log,
        where: Place,
        gateway: Gateway | None = None,
    ) -> None:
        self._folder, self._spec, self._secrets, self._log, self._place = folder, spec, secrets, log, where
        self._deadline = time.monotonic() + spec["timeout_s"]
        self._why = ""
        self._processes = Processes(folder, spec, log, where, gateway.said if gateway else None)

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
        env = {**self._spec["env"], **step["env"], **self._secrets, tree.MARKER: tree.mark_of(self._spec)}
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
        self._why = self._processes.why()
        return cause, code

    def _spawn(self, step: StepSpec, env: dict[str, str]) -> tuple[int, tuple[int, int]]:
        if name := step.get("script", ""):
            self._write_script(f"{self._folder}/{shells.FOLDER}", name, step["run"])
        if not step.get("command"):
            command = shells.command(step["shell"], step["run"], f"{self._folder}/{shells.FOLDER}")
            return spawn(self._place, command, env, self._spec["cwd"])
        # the definition's variables must not affect a program of the engine: pass them on, do not inherit
        key = env.pop(tree.MARKER)
        own = {tree.MARKER: key, "PATH": os.environ.get("PATH", os.defpath)}
        return spawn(self._place, step["command"], own, self._spec["cwd"], quick.dumps(env).encode())

    def _write_script(self, folder: str, name: str, script: str) -> None:
        """Again for each step: the one before may have cleared the folder, or put a link where the file comes."""
        if os.path.islink(folder):
            os.unlink(folder)
        os.makedirs(folder, exist_ok=True)
        at = os.open(folder, os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            _removed(name, at)
            handle = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600, dir_fd=at)
        finally:
            os.close(at)
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(script)


def _removed(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except FileNotFoundError:
        pass
