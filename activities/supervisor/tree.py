"""All processes of one job, found by the marker in their environment; a process group would miss those that call
setsid.
"""

from __future__ import annotations

import os
import time
from zlib import crc32

from activities.supervisor import fast_json as quick

TYPE_CHECKING = False
if TYPE_CHECKING:  # a supervisor starts once per job: import as little as possible
    from collections.abc import Iterator

    from activities.supervisor.spec import JobSpec, ServiceSpec

MARKER = "SLUICEWAY_PROCESS_KEY"


def mark(key: str, folder: str) -> str:
    """For the processes of a job that lies in a folder: engines of several homes number their runs alike."""
    return f"{key}.{crc32(folder.encode()):08x}"


def mark_of(spec: JobSpec | ServiceSpec) -> str:
    """What the processes of a supervisor are marked with. Those of a job that an earlier version began have its key."""
    return spec.get("mark") or spec["key"]


def members(key: str) -> list[int]:
    """Live processes with this marker, except this one. Zombies have an empty environment and do not count."""
    wanted = f"{MARKER}={key}".encode()
    return [pid for pid, environment in _environments() if wanted in environment]


def family(prefix: str) -> list[int]:
    """Live processes whose marker has this prefix, except this one."""
    wanted = f"{MARKER}={prefix}".encode()
    return [pid for pid, environment in _environments() if any(one.startswith(wanted) for one in environment)]


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(f"/proc/{name}/environ", "rb") as file:
                    yield int(name), file.read().split(b"\0")
            except OSError:
                continue  # gone, or not readable


def terminate(key: str) -> list[int]:
    """SIGTERM to all members, once; returns them."""
    found = members(key)
    for pid in found:
        send(pid, quick.SIGTERM)
    return found


def kill(key: str, grace_s: float = 0.3) -> None:
    """SIGTERM, a moment, then SIGKILL until none is left; processes forked meanwhile are found in the next round."""
    if not terminate(key):
        return
    deadline = time.monotonic() + grace_s
    while members(key) and time.monotonic() < deadline:
        time.sleep(0.02)
    for _ in range(200):
        left = members(key)
        if not left:
            return
        for pid in left:
            send(pid, quick.SIGKILL)
        time.sleep(0.005)


def send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def resident_bytes(key: str) -> int:
    """Resident memory of all members."""
    return resident_of(members(key))


def resident_of(pids: list[int]) -> int:
    """Resident memory of processes; shared pages count once per process."""
    page = os.sysconf("SC_PAGE_SIZE")
    return page * sum(_pages(f"/proc/{pid}") or max(map(_pages, _tasks(pid)), default=0) for pid in pids)


def _pages(folder: str) -> int:
    """0 for a process whose first thread has ended: the others tell."""
    try:
        with open(f"{folder}/statm") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError):
        return 0


def _tasks(pid: int) -> list[str]:
    try:
        return [f"/proc/{pid}/task/{name}" for name in os.listdir(f"/proc/{pid}/task")]
    except OSError:
        return []


def children(pid: int) -> list[int]:
    """Processes that a process has started or adopted, ended ones that nobody waited for too."""
    found: list[int] = []
    for task in _tasks(pid):
        try:
            with open(f"{task}/children") as file:
                found += map(int, file.read().split())
        except OSError:
            continue  # gone
    return found


def descendants(pid: int) -> list[int]:
    """Live processes below a process. One whose parent ends meanwhile may be missing: ask again."""
    found, look = [], children(pid)
    while look:
        next_ = look.pop()
        if start_time(next_) or len(_tasks(next_)) > 1:  # a process lives on without its first thread
            found.append(next_)
            look += children(next_)
    return found


def start_time(pid: int) -> str:
    """The kernel's start time of a process: with the pid, it identifies a process uniquely. Empty when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
            return "" if fields[0] == "Z" else fields[19]
    except (OSError, IndexError):
        return ""
