"""A control group per job: the kernel bounds its memory and its processes. Version 2, or version 1 as it was here.

Below the supervisor's own group where that may be divided, so that nothing escapes a limit from above; in version 2,
where a group with processes cannot be divided, beside it. Sources: cgroups(7), and the kernel's admin-guide on both.
"""

from __future__ import annotations

import os
import time
from zlib import crc32

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from activities.supervisor.spec import JobSpec

ROOT = "/sys/fs/cgroup"


class Group:
    """Folders of one job: one in version 2, one per controller in version 1."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    @classmethod
    def made(cls, name: str, memory: int, pids: int, root: str = ROOT, own: str = "/proc/self/cgroup") -> Group | None:
        """None: this supervisor may not make one. `memory` in bytes, 0: no limit."""
        try:
            group = cls(_folders(name, root, own))
            for folder in set(group._folders.values()):
                os.makedirs(folder, exist_ok=True)
            if memory:
                group._limit("memory", ("memory.max", "memory.limit_in_bytes"), memory)
            group._limit("pids", ("pids.max",), pids)
            return group
        except OSError:
            return None

    def _limit(self, controller: str, names: tuple[str, ...], value: int) -> None:
        folder = self._folders[controller]
        for name in names:
            if os.path.exists(f"{folder}/{name}") or name == names[-1]:
                _write(f"{folder}/{name}", str(value))
                return

    @classmethod
    def left(cls, name: str, root: str = ROOT, own: str = "/proc/self/cgroup") -> Group | None:
        """The group of a job whose supervisor is gone."""
        try:
            folders = _folders(name, root, own)
        except OSError:
            return None
        return cls(folders) if any(map(os.path.isdir, folders.values())) else None

    def join(self) -> None:
        """This process, and all that it starts."""
        for folder in set(self._folders.values()):
            _write(f"{folder}/cgroup.procs", "0")

    def out_of_memory(self) -> bool:
        """Whether the kernel has ended a process for its memory."""
        folder = self._folders["memory"]
        for name in ("memory.events", "memory.oom_control"):
            try:
                with open(f"{folder}/{name}") as file:
                    return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in file)
            except OSError:
                continue
        return False

    def members(self) -> list[int]:
        try:
            with open(f"{self._folders['pids']}/cgroup.procs") as file:
                return [int(line) for line in file]
        except OSError:
            return []

    def kill(self) -> None:
        """All at once, where the kernel can (version 2 from Linux 5.14)."""
        try:
            _write(f"{self._folders['pids']}/cgroup.kill", "1")
        except OSError:
            pass

    def clear(self) -> None:
        """Ends what a lost supervisor left in it."""
        while left := self.members():
            self.kill()
            for pid in left:
                os.kill(pid, 9)
            time.sleep(0.005)
        self.remove()

    def remove(self) -> None:
        """Once it is empty; the kernel takes a moment after the last process."""
        for folder in set(self._folders.values()):
            for _ in range(20):
                try:
                    os.rmdir(folder)
                    break
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.005)


def expect(own: str = "/proc/self/cgroup", root: str = ROOT) -> None:
    """The next process that joins a group need not wait for the kernel, for some milliseconds.

    The first one after a pause waits for a grace period of all processors. Here a process "joins" its own group.
    """
    try:
        with open(own) as file:
            rows = [line.strip().split(":", 2) for line in file]
        for _, names, path in rows:
            if "memory" in names.split(",") or not names:
                _write(f"{root}/{names}{path}/cgroup.procs".replace("//", "/"), "0")
                return
    except OSError:
        pass  # it waits


def name_of(spec: JobSpec) -> str:
    """The group of one job of one home: engines of several homes number their runs alike."""
    return f"{spec['key']}-{crc32(spec['cwd'].encode()):08x}"


def _folders(name: str, root: str, own: str) -> dict[str, str]:
    """Raises OSError where neither version has what is needed."""
    with open(own) as file:
        rows = [line.strip().split(":", 2) for line in file]
    paths = {one: path for _, controllers, path in rows for one in controllers.split(",")}
    if "memory" in paths and "pids" in paths:
        return {one: f"{root}/{one}{paths[one].rstrip('/')}/sluiceway-job-{name}" for one in ("memory", "pids")}
    mine = f"{root}{paths.get('', '/').rstrip('/')}"
    for above in (mine, os.path.dirname(mine)):
        try:
            with open(f"{above}/cgroup.subtree_control") as file:
                ready = set(file.read().split())
            if not {"memory", "pids"} <= ready:
                _write(f"{above}/cgroup.subtree_control", "+memory +pids")
            return dict.fromkeys(("memory", "pids"), f"{above}/sluiceway-job-{name}")
        except OSError:
            continue
    raise FileNotFoundError("no control group can be divided")


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)
