"""Who is at the other end of a loopback connection: the kernel knows, whatever the peer says."""

from __future__ import annotations

import os
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

_NAMESPACES = ("user", "pid")
"""Not `mnt`: a git server that systemd starts may have a /tmp of its own."""


@dataclass(frozen=True)
class Peer:
    """The owner of a socket, as the kernel lists it."""

    uid: int
    inode: int


def peer_of(connection: socket.socket) -> Peer | None:
    """The owner of the other end of an accepted IPv4 connection; None: it has gone, or cannot be found."""
    theirs, ours = connection.getpeername(), connection.getsockname()
    wanted = [(_v4(theirs), _v4(ours)), (_v6(theirs), _v6(ours))]
    for table, pair in zip(("/proc/net/tcp", "/proc/net/tcp6"), wanted, strict=True):
        for fields in _rows(table):
            if (fields[1], fields[2]) == pair:
                return Peer(int(fields[7]), int(fields[9]))
    return None


def may_enter(peer: Peer | None) -> bool:
    """This engine's own user, outside of any job's sandbox, and root."""
    if peer is None:
        return False
    if peer.uid == 0 != os.geteuid():
        return True
    owner = _holder(peer.inode) if peer.uid == os.geteuid() else None
    return owner is not None and _at_home(owner)


def _rows(table: str) -> Iterator[list[str]]:
    try:
        with open(table) as file:
            next(file)
            for line in file:
                yield line.split()
    except OSError:
        return


def _v4(address: tuple[str, int]) -> str:
    return f"{struct.unpack('=I', socket.inet_aton(address[0]))[0]:08X}:{address[1]:04X}"


def _v6(address: tuple[str, int]) -> str:
    return f"0000000000000000{0xFFFF0000 if sys.byteorder == 'little' else 0xFFFF:08X}{_v4(address)}"


def _holder(inode: int) -> int | None:
    """A process that holds the socket, youngest first; None: nobody who can be looked into has it."""
    wanted = f"socket:[{inode}]"
    for pid in sorted((int(name) for name in os.listdir("/proc") if name.isdigit()), reverse=True):
        try:
            with os.scandir(f"/proc/{pid}/fd") as handles:
                if any(_target(handle.path) == wanted for handle in handles):
                    return pid
        except OSError:
            continue
    return None


def _target(handle: str) -> str:
    """Empty: it was closed meanwhile, which says nothing about the other handles of its process."""
    try:
        return os.readlink(handle)
    except OSError:
        return ""


def _at_home(pid: int) -> bool:
    """Whether a process lives where the engine does: jobs in a sandbox share its user, and may share its network."""
    try:
        return all(os.readlink(f"/proc/{pid}/ns/{one}") == os.readlink(f"/proc/self/ns/{one}") for one in _NAMESPACES)
    except OSError:
        return False
