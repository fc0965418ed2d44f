"""Sockets that a network namespace keeps apart, and no others: those of a virtual machine (vsock(7)) reach its host,
and other programs of this machine, from every network. As containers have it; io_uring(7), which makes sockets past a
filter, is off.

A filter of seccomp(2). Numbers: include/uapi/linux/filter.h, seccomp.h, audit.h.
"""

from __future__ import annotations

import ctypes
import os
import struct

from activities.supervisor import kernel

UNIX, INET, INET6, NETLINK = 1, 2, 10, 16
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST = 0, 4, 16
"""Where a filter finds the call, the kind of machine, and the first argument."""
_ALLOW, _FAIL = 0x7FFF_0000, 0x0005_0000
_NO_CALL, _NO_FAMILY = 38, 97
_IO_URING, _X32 = 425, 0x4000_0000
_SOCKETCALL = 102
_KINDS = {
    "x86_64": ((0xC000_003E, 41), (0x4000_0003, 359)),
    "aarch64": ((0xC000_00B7, 198), (0x4000_0028, 281)),
}
"""Machine to its own kind and that of its programs of 32 bits: how they are named, and the number of socket(2)."""
Line = tuple[int, int, str, str]
"""Operation, operand, and where it goes on if true and if not; empty: the next line."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def only_usual() -> None:
    """For this process and all that it starts, for good. It has no new privileges already.

    Raises:
        OSError: the kernel does not do it.
    """
    lines = _assembled(_lines(os.uname().machine))
    program = _Program(len(lines) // 8, lines)
    kernel.checked(kernel.libc.prctl(22, 2, ctypes.byref(program), 0, 0), "seccomp")


def _lines(machine: str) -> list[tuple[str, Line]]:
    """Each with its name; most have none."""
    if machine not in _KINDS:
        raise OSError(f"sockets of other families cannot be kept away on {machine}")
    (own, socket), (small, small_socket) = _KINDS[machine]
    family = [("", (_EQUAL, one, "allow", "")) for one in (UNIX, INET, INET6, NETLINK)]
    return [
        ("", (_LOAD, _MACHINE, "", "")),
        ("", (_EQUAL, own, "", "small")),
        ("", (_LOAD, _NUMBER, "", "")),
        ("", (_AT_LEAST, _X32, "no call", "")),
        ("", (_EQUAL, _IO_URING, "no call", "")),
        ("", (_EQUAL, socket, "family", "allow")),
        ("small", (_EQUAL, small, "", "no call")),
        ("", (_LOAD, _NUMBER, "", "")),
        ("", (_EQUAL, _SOCKETCALL, "no call", "")),
        ("", (_EQUAL, _IO_URING, "no call", "")),
        ("", (_EQUAL, small_socket, "family", "allow")),
        ("family", (_LOAD, _FIRST, "", "")),
        *family,
        ("", (_RETURN, _FAIL | _NO_FAMILY, "", "")),
        ("no call", (_RETURN, _FAIL | _NO_CALL, "", "")),
        ("allow", (_RETURN, _ALLOW, "", "")),
    ]


def _assembled(lines: list[tuple[str, Line]]) -> bytes:
    at = {name: index for index, (name, _) in enumerate(lines) if name}
    made = b""
    for index, (_, (operation, operand, yes, no)) in enumerate(lines):
        ways = [at[name] - index - 1 if name else 0 for name in (yes, no)]
        made += struct.pack("=HBBI", operation, *ways, operand)
    return made
