"""Processor seconds of programs: unlike seconds by the clock, a busy machine changes them little."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path


def spent_s(marks: Sequence[str]) -> float:
    """So far: of this process, and of all whose command has one of the marks. Who has ended, and whose parent did not
    wait, counts no more: of jobs, whose supervisors are such, the figure is none.
    """
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    ours = [pid for pid in pids if pid == os.getpid() or any(one in _command(pid) for one in marks)]
    return sum(map(seconds_of, ours))


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def seconds_of(pid: int) -> float:
    """In user and in kernel mode, with children that have ended and were waited for (proc_pid_stat(5))."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, said[11:15])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident memory of a process and of its children: now, and at its most."""
    said = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    each = [memory_mb(one) for one in children(pid)]
    own = (int(said.get(name, "0").split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # who has ended has none
    now, most = map(sum, zip(own, *each, strict=True))
    return now, most


def children(pid: int) -> list[int]:
    """Those that live."""
    found = (path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(one) for part in found for one in part]
