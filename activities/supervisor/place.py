"""Where the steps of a job run, and all processes that they start: how these are started, counted and ended."""

from __future__ import annotations

import os
import time

from activities.supervisor import fast_json as quick
from activities.supervisor import tree

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from typing import NoReturn, Protocol

    from activities.supervisor.cgroup import Group
    from activities.supervisor.spec import JobSpec
    from domain.jobs.isolation import JailSpec

    class Place(Protocol):
        """The processes of one job."""

        def start(self, command: list[str], env: dict[str, str], handles: tuple[int, int, int], cwd: str) -> int:
            """A child in its own session, with these for its input and outputs.

            Raises:
                OSError: it cannot be started.
            """
            ...

        def network(self) -> int:
            """A handle of the job's own network, for setns(2); -1: it has none."""
            ...

        def members(self) -> list[int]:
            """All that live."""
            ...

        def terminate(self) -> None: ...

        def kill(self, grace_s: float = 0.3) -> None:
            """SIGTERM, a moment, then SIGKILL until none is left."""
            ...

        def resident_bytes(self) -> int:
            """Shared pages count once per process."""
            ...

        def is_out_of_memory(self) -> bool:
            """Whether the kernel has ended a process for that."""
            ...

        def close(self) -> None:
            """After the last process."""
            ...


SIGPIPE = 13  # Python ignores it, and a child would inherit that
STEP_UMASK = 0o022
"""Of what steps make: images and archives of it are read by other users. The supervisor's own files are private."""


def opened(spec: JobSpec) -> Place:
    """Raises OSError where the machine does not allow what the job's isolation demands."""
    jail, agent = spec.get("jail"), spec.get("agent")
    if agent:
        from activities.supervisor.away import Away

        return Away(spec, agent)
    if not jail:
        return Marked(tree.mark_of(spec))
    from activities.supervisor import kernel

    kernel.adopt_orphans()
    from activities.supervisor.cgroup import Group, name_of

    group = Group.made(name_of(spec), spec["memory_bytes"], jail["processes"])
    if jail["level"] != "sandbox":
        return Family(jail, group)
    kernel.be_seen()  # a fork server's child is not, and then its own /proc belongs to root
    return Sandbox(jail, group)


class Marked:
    """Programs of the engine, found by a marker in their environment: steps in containers and pods."""

    def __init__(self, key: str) -> None:
        self._key = key

    def start(self, command: list[str], env: dict[str, str], handles: tuple[int, int, int], cwd: str) -> int:
        os.environ["PATH"] = env.get("PATH", os.defpath)  # found through PATH
        actions = [(os.POSIX_SPAWN_DUP2, handle, number) for number, handle in enumerate(handles)]
        private = os.umask(STEP_UMASK)
        try:
            return os.posix_spawnp(command[0], command, env, file_actions=actions, setsid=True, setsigdef=[SIGPIPE])
        finally:
            os.umask(private)

    def network(self) -> int:
        return -1

    def members(self) -> list[int]:
        return tree.members(self._key)

    def terminate(self) -> None:
        tree.terminate(self._key)

    def kill(self, grace_s: float = 0.3) -> None:
        tree.kill(self._key, grace_s)

    def resident_bytes(self) -> int:
        return tree.resident_of(self.members())

    def is_out_of_memory(self) -> bool:
        return False

    def close(self) -> None: ...


class Family:
    """All descendants of the supervisor, which adopts those whose parent ends: none can leave it."""

    def __init__(self, jail: JailSpec, group: Group | None = None) -> None:
        self._jail, self._group = jail, group
        self._steps: set[int] = set()
        """Its own children, which the supervisor waits for itself."""

    def start(self, command: list[str], env: dict[str, str], handles: tuple[int, int, int], cwd: str) -> int:
        failed, tell = os.pipe()
        child = os.fork()
        if not child:
            self._become(command, env, handles, cwd, tell)
        os.close(tell)
        said = os.read(failed, 4_096)
        os.close(failed)
        if said:
            os.waitpid(child, 0)
            number, _, words = said.decode("utf-8", "replace").partition(" ")
            raise OSError(int(number), words)
        self._steps.add(child)
        return child

    def _become(
        self, command: list[str], env: dict[str, str], handles: tuple[int, int, int], cwd: str, tell: int
    ) -> NoReturn:
        try:
            os.setsid()
            for number, handle in enumerate(handles):
                os.dup2(handle, number)
            quick.on_signal(SIGPIPE, quick.DEFAULT)
            quick.on_signal(quick.SIGTERM, quick.DEFAULT)
            if self._group:
                self._group.join()
            self._bound()
            self._enter()
            os.chdir(cwd)
            os.umask(STEP_UMASK)
            os.execvpe(command[0], command, env)
        except OSError as broken:
            os.write(tell, f"{broken.errno} {broken.strerror}".encode())
        finally:
            os._exit(127)

    def _bound(self) -> None:
        """What the kernel enforces of each process."""
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for limit, most in ((resource.RLIMIT_FSIZE, self._jail["disk_bytes"]), (resource.RLIMIT_NPROC, self._most())):
            _, hard = resource.getrlimit(limit)
            if most and (hard == resource.RLIM_INFINITY or most < hard):
                resource.setrlimit(limit, (most, most))

    def _most(self) -> int:
        """Processes of a user that has no others; 0: it has."""
        return 0

    def _enter(self) -> None:
        """What a child does before it starts a step's program."""
        from activities.supervisor import kernel

        kernel.no_more_privileges()
        if self._jail["level"] == "landlock":
            from activities.supervisor import landlock

            jail = self._jail
            write = [source for source, _ in jail["writable"]]
            landlock.only_files(jail["visible"], write, [*landlock.DEVICES], jail["landlock"])
        kernel.give_up_privileges()

    def network(self) -> int:
        return -1

    def members(self) -> list[int]:
        living = tree.descendants(os.getpid())
        self._reap(living)
        return living

    def _reap(self, living: list[int]) -> None:
        """The adopted ones that have ended; steps are waited for by who started them."""
        for pid in tree.children(os.getpid()):
            if pid not in self._steps and pid not in living:
                os.waitpid(pid, os.WNOHANG)

    def terminate(self) -> None:
        for pid in self.members():
            tree.send(pid, quick.SIGTERM)

    def kill(self, grace_s: float = 0.3) -> None:
        if not self.members():
            return
        self.terminate()
        deadline = time.monotonic() + grace_s
        while self.members() and time.monotonic() < deadline:
            time.sleep(0.02)
        while left := self.members():
            self._end(left)
            time.sleep(0.002)

    def _end(self, left: list[int]) -> None:
        if self._group:
            self._group.kill()
        for number in (quick.SIGSTOP, quick.SIGKILL):  # first none can start another
            for pid in left:
                tree.send(pid, number)

    def resident_bytes(self) -> int:
        return tree.resident_of(self.members())

    def is_out_of_memory(self) -> bool:
        return bool(self._group and self._group.out_of_memory())

    def close(self) -> None:
        if self._group:
            self._group.remove()


class Sandbox(Family):
    """A process namespace of its own: with its first process all end, wherever they are."""

    def __init__(self, jail: JailSpec, group: Group | None = None) -> None:
        super().__init__(jail, group)
        from activities.supervisor import sandbox

        self._first, self._handle = sandbox.make(jail, self._connect)

    def _connect(self, first: int) -> None:
        if self._jail["network"] == "nat":
            from activities.supervisor import cable

            cable.laid(first)

    def _enter(self) -> None:
        from activities.supervisor import kernel, sandbox

        sandbox.enter(self._handle, self._jail)
        kernel.give_up_privileges()

    def network(self) -> int:
        return self._handle

    def members(self) -> list[int]:
        return [pid for pid in tree.descendants(os.getpid()) if pid != self._first]

    def kill(self, grace_s: float = 0.3) -> None:
        if grace_s and self.members():
            self.terminate()
            deadline = time.monotonic() + grace_s
            while self.members() and time.monotonic() < deadline:
                time.sleep(0.02)
        self._end([])
        while self.members():
            time.sleep(0.002)

    def _end(self, left: list[int]) -> None:
        tree.send(self._first, quick.SIGKILL)

    def _most(self) -> int:
        return self._jail["processes"] if self._jail["uid"] or os.getuid() else 0

    def close(self) -> None:
        tree.send(self._first, quick.SIGKILL)
        os.waitpid(self._first, 0)
        super().close()
