"""The namespaces of one job: its own processes, files, IPC, host name, and by policy its own network.

The supervisor stays outside; its children from `make` on are inside the job's process namespace, and each step enters
the others. The first process in it only waits: with it or with the supervisor everything inside ends. Files of the
machine are read-only, hidden folders are empty, and only the job's own folders can be written.
"""

from __future__ import annotations

import os
import time

from activities.supervisor import fast_json as quick
from activities.supervisor import kernel

TYPE_CHECKING = False  # as in typing, without importing it: a supervisor starts once per job
if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.jobs.isolation import JailSpec

DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
MEMORY_FILES_BYTES = 1_000_000_000
"""Of /dev/shm; memory limits count it."""
PROC_OF_ROOT = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus")
"""Writable for the user root even without privileges."""
STANDS, OK, SIGCHLD = b"\0", b"ok", 17
JOB_USER = 61_100
"""User and group of the steps where the worker is root: below what systemd gives out, above what people have."""
KEPT: dict[int, int] = {}
"""User namespaces by user, for mounts: those that a fork server has made for all its jobs. Nobody enters them."""


def make(spec: JailSpec, meanwhile: Callable[[int], None]) -> tuple[int, int]:
    """The first process of the job's namespaces, and a pidfd of it.

    `meanwhile` gets the first process when its namespaces stand, while it makes their files.

    Raises:
        OSError: the machine does not allow it.
    """
    if os.getuid():
        _own_users(os.getuid(), os.getgid())
    uid = spec["uid"]
    users = KEPT.get(uid) or _mapped(uid) if uid else -1
    kernel.unshare(kernel.NEWPID)
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        _first(spec, users, write)
    os.close(write)
    said = os.read(read, len(STANDS))
    if said == STANDS:
        meanwhile(pid)
        said = b""
    said += b"".join(iter(lambda: os.read(read, 4_096), b""))
    os.close(read)
    if users >= 0 and uid not in KEPT:
        os.close(users)
    if said != OK:
        os.waitpid(pid, 0)
        raise OSError(said.decode("utf-8", "replace") or "the first process of the sandbox died")
    return pid, os.pidfd_open(pid)


def enter(first: int, spec: JailSpec) -> None:
    """A child of the supervisor, before it starts a step's program."""
    network = kernel.NEWNET if spec["network"] != "open" else 0
    if network:
        from activities.supervisor import families  # first: it may be hidden afterwards
    kernel.join(first, kernel.NEWNS | kernel.NEWIPC | kernel.NEWUTS | network)
    kernel.no_more_privileges()
    if network:
        families.only_usual()
    if spec["uid"]:
        os.setgroups([])
        os.setresgid(spec["uid"], spec["uid"], spec["uid"])
        os.setresuid(spec["uid"], spec["uid"], spec["uid"])


def keep_users(handle: int) -> None:
    """Makes the user namespace of the jobs' mounts once, under this number; later where root may not."""
    try:
        made = _mapped(JOB_USER)
        if made != handle:
            os.dup2(made, handle, inheritable=False)
            os.close(made)
        KEPT[JOB_USER] = handle
    except OSError:
        pass


def _own_users(uid: int, gid: int) -> None:
    """A user namespace with this user alone: the way to the others without root."""
    kernel.unshare(kernel.NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        _write(f"/proc/self/{name}", text)


def _mapped(uid: int) -> int:
    """A user namespace in which root's files are those of a user: for mounts."""
    read, write = os.pipe()
    waits, goes = os.pipe()
    child = os.fork()
    if not child:
        try:
            kernel.unshare(kernel.NEWUSER)
            os.write(write, b"1")
            os.close(goes)
            os.read(waits, 1)
        finally:
            os._exit(0)
    os.close(write)
    os.close(waits)
    os.read(read, 1)
    try:
        for name in ("uid_map", "gid_map"):
            _write(f"/proc/{child}/{name}", f"0 {uid} 1")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(read)
        os.close(goes)
        os.waitpid(child, 0)


def _first(spec: JailSpec, users: int, tell: int) -> None:
    """The life of the first process: makes the place, says so, and waits to be killed."""
    try:
        kernel.dies_with_parent()
        os.umask(0o022)  # the steps' user must get through what is made here
        said = OK
        try:
            network = kernel.NEWNET if spec["network"] != "open" else 0
            kernel.unshare(kernel.NEWNS | kernel.NEWIPC | kernel.NEWUTS | network)
            if network:
                _loopback()  # first: what it imports may be hidden afterwards
            os.write(tell, STANDS)
            _files(spec, users)
        except BaseException as broken:  # whatever it is, the supervisor must hear of it
            said = str(broken).encode() or b"unknown"
        os.setsid()
        os.write(tell, said)
        os.closerange(0, 65_536)
        if said is OK:
            quick.on_signal(SIGCHLD, quick.IGNORE)  # the kernel reaps its orphans
            while True:
                time.sleep(1e6)
    finally:
        os._exit(1)


def _files(spec: JailSpec, users: int) -> None:
    kernel.mount("", "/", "", kernel.MS_REC | kernel.MS_SLAVE)
    hidden = _outermost([path for path in spec["hidden"] if os.path.isdir(path)])
    _room_for_mounts(spec)
    trees = [(path, _tree(path, -1, write=False)) for path in spec["visible"] if os.path.exists(path)]
    trees += [(target, _tree(source, users, write=False)) for source, target in spec["replaced"]]
    trees += [(target, _tree(source, users, write=True)) for source, target in spec["writable"]]
    devices = [(f"/dev/{name}", kernel.cloned(f"/dev/{name}")) for name in DEVICES]
    kernel.restrict("/", kernel.RDONLY, recursive=True)
    for path in hidden:
        kernel.mount("tmpfs", path, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    kernel.mount("proc", "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    if not os.getuid():
        for path in filter(os.path.exists, PROC_OF_ROOT):
            covered = kernel.cloned(path)
            kernel.restrict(covered, kernel.RDONLY)
            kernel.attach(covered, path)
    _devices(devices)
    for path, tree in sorted(trees):
        _place(path, os.path.isdir(f"/proc/self/fd/{tree}"))
        kernel.attach(tree, path)
    for path in hidden:
        if not any(target == path for _, target in spec["writable"]):
            kernel.restrict(path, kernel.RDONLY)


def _room_for_mounts(spec: JailSpec) -> None:
    """In a writable folder that others are mounted below: made before its owner changes, and before any step ran."""
    targets = [(path, path) for path in spec["visible"]] + [*spec["replaced"], *spec["writable"]]
    for source, target in spec["writable"]:
        for other, path in targets:
            if path.startswith(f"{target}/") and os.path.exists(other):
                _place(source + path.removeprefix(target), os.path.isdir(other))


def _tree(path: str, users: int, *, write: bool) -> int:
    tree = kernel.cloned(path)
    kernel.restrict(tree, kernel.NOSUID | kernel.NODEV | (0 if write else kernel.RDONLY), users=users)
    return tree


def _outermost(paths: list[str]) -> list[str]:
    found: list[str] = []
    for path in sorted(paths):
        if not any(path == outer or path.startswith(f"{outer}/") for outer in found):
            found.append(path)
    return found


def _devices(trees: list[tuple[str, int]]) -> None:
    flags = kernel.MS_NOSUID | kernel.MS_NOEXEC
    kernel.mount("tmpfs", "/dev", "tmpfs", flags, "mode=755,size=1m")
    for path, tree in trees:
        _place(path, False)
        kernel.attach(tree, path)
    for name in ("pts", "shm"):
        os.mkdir(f"/dev/{name}")
    for name, target in (("fd", "self/fd"), ("stdin", "self/fd/0"), ("stdout", "self/fd/1"), ("stderr", "self/fd/2")):
        os.symlink(f"/proc/{target}", f"/dev/{name}")
    try:
        kernel.mount("devpts", "/dev/pts", "devpts", flags, "newinstance,ptmxmode=0666,mode=620")
        os.symlink("pts/ptmx", "/dev/ptmx")
    except OSError:
        pass  # no terminals in it
    kernel.mount("tmpfs", "/dev/shm", "tmpfs", flags | kernel.MS_NODEV, f"mode=1777,size={MEMORY_FILES_BYTES}")
    kernel.restrict("/dev", kernel.RDONLY)


def _place(path: str, is_folder: bool) -> None:
    """Something to attach a mount to; it exists unless a hidden folder hides it."""
    if os.path.exists(path):
        return
    os.makedirs(path if is_folder else os.path.dirname(path), 0o755, exist_ok=True)
    if not is_folder:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _loopback() -> None:
    """Up, so that a job can talk to itself: SIOCSIFFLAGS of netdevice(7)."""
    import fcntl
    import socket
    import struct

    with socket.socket() as any_:
        fcntl.ioctl(any_, 0x8914, struct.pack("16sH14x", b"lo", 0x1 | 0x40))


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
