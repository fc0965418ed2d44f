"""Steps in a pod, run by its agent: for each a child of the supervisor speaks with it, whose outputs are the step's.

So all that holds for processes of this machine holds for them: one log, limits, a grace. A child is a fork: it has
loaded what it needs, and starts in a millisecond.
"""

from __future__ import annotations

import hashlib
import os
import time

from activities.supervisor import agent_line as wire
from activities.supervisor import fast_json as quick
from activities.supervisor import shells, tree
from activities.supervisor.agent_line import AwayError, Line, WireError

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from typing import NoReturn

    from activities.supervisor.spec import JobSpec
    from domain.core.documents import Manifest
    from domain.jobs.agent import AgentSpec

LOST, KILLED = 125, 137
"""`docker exec`'s code for a failure of the daemon, not of the command; 128 and SIGKILL."""
MAX_OFFSET = 1 << 40
SILENT_S = 60.0
"""How long a transfer may stall."""
MAX_ARCHIVE = 4 << 30
FETCH_S = 3_600.0
"""For all of an archive, however steadily it comes."""


class Away:
    """The place of a job whose steps run in a pod."""

    def __init__(self, spec: JobSpec, agent: AgentSpec) -> None:
        self._folder, self._agent, self._most = os.path.dirname(spec["cwd"]), agent, spec["output_bytes"]
        self._listener = wire.listening(self._folder)
        self._children = set[int]()
        self._steps = 0

    def start(self, command: list[str], env: dict[str, str], handles: tuple[int, int, int], cwd: str) -> int:
        self._steps += 1
        child = os.fork()
        if not child:
            self._become(command, handles)
        self._children.add(child)
        return child

    def _become(self, command: list[str], handles: tuple[int, int, int]) -> NoReturn:
        code = LOST
        try:
            os.setsid()
            for number, handle in enumerate(handles):
                os.dup2(handle, number)
            own = self._listener.fileno()
            os.closerange(3, own)  # this is no new program: the ends of its pipes are its parent's
            os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
            code = Step(self, self._steps, command).run()
        except BaseException as broken:
            os.write(2, f"sluiceway: the pod is lost: {broken}\n".encode("utf-8", "replace"))
            self.blame("infrastructure")
        finally:
            os._exit(code)

    @property
    def folder(self) -> str:
        """The job's, on this machine."""
        return self._folder

    @property
    def agent(self) -> AgentSpec:
        """What is known of the agent."""
        return self._agent

    @property
    def most(self) -> int:
        """Bytes that the steps may write."""
        return self._most

    def connected(self) -> Line:
        """The next connection of the agent. Raises AwayError when there will be none."""
        return wire.connected(self._listener, self.runs)

    def runs(self) -> bool:
        """Whether the pod does, as its cluster knows; a cluster that does not answer says nothing."""
        look = self._agent["look"]
        if not look:
            return True
        child = os.posix_spawn(look[0], look, {"PATH": os.environ.get("PATH", os.defpath)})
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 1

    def blame(self, cause: str) -> None:
        """Why a step failed that was not at fault."""
        with open(f"{self._folder}/cause", "w", encoding="utf-8") as file:
            file.write(cause)

    def network(self) -> int:
        return -1

    def members(self) -> list[int]:
        return [pid for pid in self._children if tree.start_time(pid)]

    def terminate(self) -> None:
        for pid in self.members():
            tree.send(pid, quick.SIGTERM)

    def kill(self, grace_s: float = 0.3) -> None:
        for pid in self.members():
            tree.send(pid, quick.SIGKILL)

    def resident_bytes(self) -> int:
        return 0  # the pod has the limit

    def is_out_of_memory(self) -> bool:
        return False  # the agent says it

    def close(self) -> None:
        """Brings the files home, unless the job was cancelled; what cannot be had is told by the file `lost`."""
        try:
            if not os.path.exists(f"{self._folder}/cancel") and not os.path.exists(f"{self._folder}/cause"):
                self._fetch()
        except OSError as broken:
            with open(f"{self._folder}/lost", "w", encoding="utf-8") as file:
                file.write(str(broken))
        self._listener.close()

    def _fetch(self) -> None:
        """The archive of what the steps have made: `fetched.tar`. Begun again where the connection ends."""
        deadline = time.monotonic() + wire.ABSENT_S
        while True:
            line = self.connected()
            try:
                _received(line, f"{self._folder}/fetched.tar")
                return
            except (WireError, ConnectionError, TimeoutError) as broken:
                if time.monotonic() > deadline:
                    raise AwayError(f"the results of the steps could not be copied back: {broken}") from broken
            finally:
                line.close()


def _received(line: Line, path: str) -> None:
    line.write(wire.GIVE)
    found, total, until = hashlib.sha256(), 0, time.monotonic() + FETCH_S
    with open(path, "wb") as file:
        kind, body = line.read(SILENT_S)
        while kind == wire.BLOB and body:
            total += len(body)
            if total > MAX_ARCHIVE or time.monotonic() > until:
                most = f"{MAX_ARCHIVE >> 30} GiB, or take more than {FETCH_S:.0f} s"
                raise AwayError(f"the results of the steps are more than {most}")
            found.update(body)
            file.write(body)
            kind, body = line.read(SILENT_S)
    end = line.told(*(line.read(SILENT_S) if kind == wire.BLOB else (kind, body)))
    if end.get("code") != 0:
        raise AwayError(f"the results of the steps could not be copied back: {str(end.get('why'))[:300]}")
    if end.get("digest") != found.hexdigest():
        raise WireError("the archive is not what the agent has read")


class Step:
    """One step, in a child of the supervisor."""

    def __init__(self, place: Away, index: int, command: list[str]) -> None:
        self._place, self._index, self._command = place, index, command
        self._from, self._asked = [0, 0], False
        self._line: Line | None = None

    def run(self) -> int:
        """The step's exit code, once all that it wrote is written here."""
        quick.on_signal(quick.SIGTERM, self._ask)
        request = self._request()
        while True:
            line = self._place.connected()
            try:
                if self._index == 1:
                    _give_files(line, self._place.folder, self._place.agent["files"])
                line.say(wire.BEGIN, {**request, "from": list(self._from)})
                self._line = line
                if self._asked:
                    line.write(wire.FINISH)
                return self._followed(line)
            except (WireError, ConnectionError, TimeoutError, BrokenPipeError):
                continue  # it dials again
            finally:
                self._line = None
                line.close()

    def _ask(self, number: int, frame: object) -> None:
        self._asked = True
        if self._line is not None:
            self._line.write(wire.FINISH)

    def _request(self) -> Manifest:
        given = b"".join(iter(lambda: os.read(0, 65_536), b""))
        env = quick.loads(given.decode())
        script, text = self._command[-1], ""
        if self._command[:-1] in shells.FILE_SHELLS.values():
            with open(f"{self._place.folder}/tmp/{os.path.basename(script)}", encoding="utf-8", newline="") as file:
                text = file.read()
        else:
            script = ""
        return {
            "step": self._index,
            "command": self._command,
            "env": env,
            "cwd": env["SLUICEWAY_WORKSPACE"],
            "script": script,
            "text": text,
            "most": self._place.most,
        }

    def _followed(self, line: Line) -> int:
        while True:
            kind, body = line.read()
            if kind == wire.OUTPUT:
                self._write(body)
                continue
            end = line.told(kind, body)
            sizes = end.get("sizes")
            if end.get("step") != self._index or sizes != self._from:
                raise WireError("the agent ends another step, or one that wrote more")
            code = wire.number(end.get("code"), 255)
            if end.get("memory") is True:
                self._place.blame("memory")
            elif code == KILLED and not self._place.runs():
                self._place.blame("infrastructure")
            return code

    def _write(self, body: bytes) -> None:
        """A piece of the step's output, but for what is here already."""
        if len(body) < 9 or body[0] not in (1, 2):
            raise WireError("a piece of no output")
        stream, offset = body[0], int.from_bytes(body[1:9], "big")
        known = self._from[stream - 1]
        if not known - len(body) <= offset <= known or offset > MAX_OFFSET:
            raise WireError("a piece of output that does not follow the last one")
        data = body[9 + known - offset :]
        self._from[stream - 1] += len(data)
        while data:
            data = data[os.write(stream, data) :]


def _give_files(line: Line, folder: str, digest: str) -> None:
    """What the job begins with, if the agent wants it."""
    line.say(wire.TAKE, {"digest": digest})
    kind, body = line.read(SILENT_S)
    if kind == wire.GIVE:
        with open(f"{folder}/files.tar", "rb") as file:
            for piece in iter(lambda: file.read(wire.PIECE), b""):
                line.write(wire.BLOB, piece)
        line.write(wire.BLOB)
        kind, body = line.read(SILENT_S)
    end = line.told(kind, body)
    if end.get("code") != 0:
        raise AwayError(f"the job's files could not be copied to its pod: {str(end.get('why'))[:300]}")
