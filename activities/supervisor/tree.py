"""All processes of one job, found by the marker in their environment; a process group would miss those that call
setsid.
"""

from __future__ import annotations

import os
import time

from activities.supervisor import fast_json as quick

TYPE_CHECKING = False
if TYPE_CHECKING:  # a supervisor starts once per job: import as little as possible
    from collections.abc import Iterator

MARKER = "SLUICEWAY_PROCESS_KEY"


def members(key: str) -> list[int]:
    """Live processes with the marker, except this one. Zombies have an empty environment and do not count."""
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
        _send(pid, quick.SIGTERM)
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
            _send(pid, quick.SIGKILL)
        time.sleep(0.005)


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def resident_bytes(key: str) -> int:
    """Resident memory of all members; shared pages count once per process."""
    page = os.sysconf("SC_PAGE_SIZE")
    total = 0
    for pid in members(key):
        try:
            with open(f"/proc/{pid}/statm") as file:
                total += int(file.read().split()[1]) * page
        except (OSError, IndexError):
            continue
    return total


def start_time(pid: int) -> str:
    """The kernel's start time of a process: with the pid, it identifies a process uniquely. Empty when it is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
            return "" if fields[0] == "Z" else fields[19]
    except (OSError, IndexError):
        return ""
