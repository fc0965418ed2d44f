"""Follows the processes of one step to their end: reads what they write, enforces limits, stops what exceeds one.

SIGTERM goes to all of them; what they write then is read, for as long as their grace lasts, and SIGKILL follows.
"""

from __future__ import annotations

import os
import select
import time

from activities.supervisor.disk import Disk

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from activities.supervisor.log import Log, Stream
    from activities.supervisor.place import Place
    from activities.supervisor.spec import JobSpec

POLL_S = 0.05
SHORT_S = 0.3
"""The grace where the machine depends on a limit, and of a job that is to end at once."""
MAX_READS = 32
"""Of 64 KiB each: what a pipe may hold after its writers were killed (fs.pipe-max-size is 1 MiB)."""


class Processes:
    """The processes of one job, a step at a time."""

    def __init__(
        self, folder: str, spec: JobSpec, log: Log, place: Place, said: Callable[[], list[str]] | None = None
    ) -> None:
        """`said`: lines for the log since the last call."""
        self._folder, self._spec, self._log, self._place, self._said_aside = folder, spec, log, place, said
        jail = spec.get("jail")
        folders = [f"{folder}/{name}" for name in ("workspace", "home", "tmp")]
        self._disk = Disk(folders, jail["disk_bytes"] if jail else 0)
        self.stopped = False
        """Whether the supervisor itself was asked to end."""
        self._index, self._deadline = 0, 0.0
        self._cause, self._kill_at, self._killed = "", 0.0, False

    def follow(self, index: int, child: int, streams: Mapping[int, Stream], deadline: float) -> tuple[str, int]:
        """The cause for which the step was stopped (empty: it ended itself), and its exit code.

        Args:
            index: number of the step, from 1.
            child: its first process.
            streams: by the handle of the pipe.
            deadline: by the monotonic clock.
        """
        self._index, self._deadline, self._cause, self._kill_at = index, deadline, "", 0.0
        self._killed = False
        ended = os.pidfd_open(child)
        still_open = self._copy(ended, streams)
        code = self._code(child, ended)
        if self._cause:
            self._place.kill(0)
            self._drain(still_open, streams)
        for handle in (ended, *streams):
            os.close(handle)
        for stream in streams.values():
            stream.close()
        if not self._cause and self._place.is_out_of_memory():
            self._cause = "memory"
            self._tell_cause()
        if self._log.full and not self._cause:  # it ended before the next check of the limits
            self._cause = "output"
            self._tell_cause()
        return self._cause or self._said(code), 128 - code if code < 0 else code

    def _copy(self, ended: int, streams: Mapping[int, Stream]) -> set[int]:
        """Reads until the step's own output is complete; returns the pipes that are still open."""
        poll = select.poll()
        for handle in (ended, *streams):
            poll.register(handle, select.POLLIN)
        still_open, checked = set(streams), time.monotonic()
        while still_open:
            ready = [handle for handle, _ in poll.poll(POLL_S * 1000)]
            for handle in ready:
                if handle != ended and not _read(handle, streams[handle]):
                    poll.unregister(handle)
                    still_open.discard(handle)
            if ready == [ended]:
                if not self._cause:
                    break  # a daemon may keep the pipes open; the step's own output has been read
                time.sleep(POLL_S)  # the others may still have something to say
            if time.monotonic() - checked >= POLL_S:
                checked = time.monotonic()
                if self._time_is_over():
                    break
        return still_open

    def _code(self, child: int, ended: int) -> int:
        """Waits for the end: a step may close its output and continue."""
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        while not poll.poll(POLL_S * 1000) or (self._cause and not self._time_is_over()):
            if self._time_is_over():
                self._place.kill(0)
                break
            if self._cause:
                time.sleep(POLL_S)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _time_is_over(self) -> bool:
        """Looks at the limits, and asks all processes to end where one is exceeded.

        True: they had their time for that, or none is left.
        """
        for words in self._said_aside() if self._said_aside else ():
            self._log.line(self._index, "engine", self._log.masked(words))
        if self._cause:
            if not self._place.members():
                return True
            late = time.monotonic() >= self._kill_at or self.stopped or os.path.exists(f"{self._folder}/cancel-now")
            if late and not self._killed:
                self._killed = True
                self._log.line(self._index, "engine", "some did not end in time, and are killed")
            return late
        self._cause = self._limit()
        if self._cause:
            patient = self._cause in ("cancelled", "timeout") and not self.stopped
            grace = self._spec.get("grace_s", SHORT_S) if patient else SHORT_S
            self._tell_cause()
            self._place.terminate()
            self._kill_at = time.monotonic() + grace
        return False

    def _tell_cause(self) -> None:
        more = f" ({self.why()})" if self.why() else ""
        self._log.line(self._index, "engine", _CAUSES[self._cause].format(more))

    def why(self) -> str:
        """The numbers of the limit that was exceeded."""
        told = {"output": self._log.exceeded, "disk": self._disk.told}.get(self._cause)
        return told() if told else ""

    def _limit(self) -> str:
        if self.stopped or os.path.exists(f"{self._folder}/cancel"):
            return "cancelled"
        if time.monotonic() > self._deadline:
            return "timeout"
        if self._log.full:
            return "output"
        limit = self._spec["memory_bytes"]
        if self._place.is_out_of_memory() or (limit and self._place.resident_bytes() > limit):
            return "memory"
        jail = self._spec.get("jail")
        if not jail:
            return ""
        members = self._place.members()
        if len(members) > jail["processes"]:
            return "processes"
        return "disk" if self._disk.is_full(members) else ""

    def _drain(self, still_open: Iterable[int], streams: Mapping[int, Stream]) -> None:
        """What the processes wrote before they were killed is in the pipes."""
        for handle in still_open:
            os.set_blocking(handle, False)
            try:
                for _ in range(MAX_READS):
                    if not _read(handle, streams[handle]):
                        break
            except BlockingIOError:
                pass

    def _said(self, code: int) -> str:
        """The cause of a failed step, when its executor knows more than the exit code. No step can write it there."""
        if self._spec.get("jail"):
            return ""
        try:
            with open(f"{self._folder}/cause") as file:
                return file.read(40) if code else ""
        except OSError:
            return ""


def _read(handle: int, stream: Stream) -> bool:
    """Whether there may be more."""
    data = os.read(handle, 65_536)
    if data:
        stream.feed(data)
    return bool(data)


_CAUSES = {
    "cancelled": "cancelled; all processes of the job are stopped",
    "timeout": "time limit exceeded; all processes of the job are stopped",
    "output": "output limit exceeded{}, the rest is lost; all processes of the job are stopped",
    "disk": "disk limit exceeded{}; all processes of the job are stopped",
    "processes": "too many processes; all processes of the job are stopped",
    "memory": "memory limit exceeded; all processes of the job are stopped",
}
