"""Landlock: what a process and all that it starts may still reach, without privileges and for good.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import os
import struct

from activities.supervisor import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_PATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
_ALL_OF_FIRST = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2
LOOK = EXECUTE | READ_FILE | READ_DIR
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | _TRUNCATE | _IOCTL
DEVICES = tuple(f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty", "pts", "ptmx"))
PORTS_FROM, SCOPES_FROM = 4, 6
"""The versions whose rules have room for ports of TCP, and that know signals and abstract sockets."""


def version() -> int:
    """Of its interface; 0: the kernel has none."""
    found: int = kernel.call(_CREATE, None, 0, 1)
    return max(found, 0)


def _all_of(version_: int) -> int:
    more = ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL))
    return _ALL_OF_FIRST | sum(bit for since, bit in more if version_ >= since)


def only_files(look: list[str], write: list[str], devices: list[str], of: int) -> None:
    """This process reads below `look`, writes below `write` and to `devices`, and reaches no other file."""
    everything = _all_of(of)
    scopes = _ABSTRACT_SOCKETS | _SIGNALS if of >= SCOPES_FROM else 0
    rules = _rules(everything, scopes, of)
    for path in look:
        _allow(rules, path, LOOK)
    for path in write:
        _allow(rules, path, everything)
    for path in devices:
        _allow(rules, path, (READ_FILE | WRITE_FILE | _IOCTL) & everything)
    _restrict(rules)


def only_own_processes(of: int) -> None:
    """Signals and abstract sockets of others are out of reach."""
    if of >= SCOPES_FROM:
        _restrict(_rules(0, _ABSTRACT_SOCKETS | _SIGNALS, of))


def _rules(files: int, scopes: int, of: int) -> int:
    known = struct.pack("=QQQ", files, 0, scopes)[: 24 if of >= SCOPES_FROM else 16 if of >= PORTS_FROM else 8]
    return kernel.checked(kernel.call(_CREATE, known, len(known), 0), "landlock")


def _allow(rules: int, path: str, access: int) -> None:
    try:
        handle = kernel.path_handle(path)
    except OSError:
        return  # gone meanwhile, or out of reach already
    try:
        if not os.path.isdir(path):
            access &= OF_FILES
        kernel.checked(kernel.call(_ADD, rules, _PATH, struct.pack("=Qi", access, handle), 0), f"landlock {path}")
    finally:
        os.close(handle)


def _restrict(rules: int) -> None:
    kernel.checked(kernel.libc.prctl(38, 1, 0, 0, 0), "no_new_privs")
    kernel.checked(kernel.call(_RESTRICT, rules, 0), "landlock")
    os.close(rules)
