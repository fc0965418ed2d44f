"""System calls that Python 3.11 does not have: namespaces, mounts, privileges.

Sources: unshare(2), setns(2), open_tree(2), move_mount(2), mount_setattr(2), capabilities(7), prctl(2), and the numbers
of asm-generic/unistd.h and include/uapi/linux/mount.h.
"""

from __future__ import annotations

import ctypes
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
call = libc.syscall

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = (
    *(0x0002_0000, 0x0400_0000, 0x0800_0000),
    *(0x1000_0000, 0x2000_0000, 0x4000_0000),
)
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_SLAVE = 2, 4, 8, 4096, 16384, 1 << 19
_AT_FDCWD, _EMPTY_PATH, _AT_RECURSIVE = -100, 0x1000, 0x8000
_CLONE_TREE, _CLOEXEC, _MOVE_FROM_EMPTY = 1, 0o2000000, 4
RDONLY, NOSUID, NODEV, _IDMAP = 1, 2, 4, 0x0010_0000
_SETNS, _OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR, _CAPSET = 308, 428, 429, 442, 126
_KEYCTL = 250
if os.uname().machine == "aarch64":
    _SETNS, _CAPSET, _KEYCTL = 268, 91, 219
_PDEATHSIG, _DUMPABLE, _CAPBSET_DROP, _SUBREAPER, _NO_NEW_PRIVS, _AMBIENT = 1, 4, 24, 36, 38, 47


def checked(result: int, what: str) -> int:
    """Raises OSError with what was tried."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    checked(libc.unshare(flags), "unshare")


def join(handle: int, flags: int) -> None:
    """Enters namespaces of the process of a pidfd."""
    checked(call(_SETNS, handle, flags), "setns")


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    words = [text.encode() or None for text in (source, target, kind, data)]
    checked(libc.mount(words[0], words[1], words[2], ctypes.c_ulong(flags), words[3]), f"mount {kind} on {target}")


def cloned(path: str) -> int:
    """A detached copy of the mount at a path, to be attached elsewhere."""
    flags = _CLONE_TREE | _CLOEXEC
    return checked(call(_OPEN_TREE, _AT_FDCWD, path.encode(), flags), f"open_tree {path}")


def attach(tree: int, path: str) -> None:
    moved = call(_MOVE_MOUNT, tree, b"", _AT_FDCWD, path.encode(), _MOVE_FROM_EMPTY)
    checked(moved, f"move_mount to {path}")
    os.close(tree)


def restrict(path: str | int, flags: int, recursive: bool = False, users: int = -1) -> None:
    """Sets attributes of a mount, or of a detached one. `users`: a user namespace that maps its owners."""
    if users >= 0:
        flags |= _IDMAP
    attributes = struct.pack("=QQQQ", flags, 0, 0, max(users, 0))
    where, name, how = (path, b"", _EMPTY_PATH) if isinstance(path, int) else (_AT_FDCWD, path.encode(), 0)
    how |= _AT_RECURSIVE if recursive else 0
    checked(call(_MOUNT_SETATTR, where, name, how, attributes, len(attributes)), f"mount_setattr {path}")


def dies_with_parent() -> None:
    _prctl(_PDEATHSIG, 9)


def keep_private() -> None:
    """Nobody of this user may trace this process or read its memory; until it starts a program."""
    _prctl(_DUMPABLE, 0)


def be_seen() -> None:
    """Undoes `keep_private`: its own files in /proc belong to its user again."""
    _prctl(_DUMPABLE, 1)


def adopt_orphans() -> None:
    _prctl(_SUBREAPER, 1)


def no_more_privileges() -> None:
    """No program gives any to this process, and it has no keys of whoever started it."""
    _prctl(_NO_NEW_PRIVS, 1)
    call(_KEYCTL, 1, None)  # a session keyring of its own
    for number in range(64):
        if libc.prctl(_CAPBSET_DROP, number, 0, 0, 0) < 0:
            break
    libc.prctl(_AMBIENT, 4, 0, 0, 0)


def give_up_privileges() -> None:
    """The capabilities that are left."""
    checked(call(_CAPSET, struct.pack("=II", 0x2008_0522, 0), bytes(24)), "capset")


def _prctl(option: int, value: int) -> None:
    checked(libc.prctl(option, value, 0, 0, 0), f"prctl {option}")


def path_handle(path: str) -> int:
    return os.open(path, os.O_PATH | os.O_CLOEXEC)
