"""What scanners have said of the files of a tree, kept from one scan to the next, and the tree of what has changed.

A state is of one scanner with its rules and databases, and of one scope: of a folder, or of a repository's branch. It
is sealed with the installation's key, so that only the engine's own scans are believed.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from activities.core import serialization as serial
from activities.core.files import read_bounded, write_atomically
from activities.scans.running.sandbox import files
from domain.scans.units import Known, UnitScopes

MAX_STATES = 300
MAX_BYTES = 100_000_000
"""Limit of a state's file, and of what it unpacks to."""
VERSION = "1"
"""Version of what is kept, part of its name."""


class UnitCache:
    """A file per scanner and scope. What cannot be read, or was not written here, is as if it were not there."""

    def __init__(self, root: Path, key: bytes, stored: Callable[[str], bool] = lambda digest: True) -> None:
        """`stored`: whether the store still has a document that a state names."""
        self._root, self._key, self._stored = root, key, stored

    def get(self, scanner: str, scopes: UnitScopes) -> Known | None:
        """The state of the first readable scope that has one."""
        for data in self._states(scanner, scopes):
            try:
                known = serial.load(Known, data)
            except ValueError:
                continue
            if all(map(self._stored, known.documents.values())):
                return known
        return None

    def get_own(self, scanner: str, scopes: UnitScopes) -> bytes:
        """As `get`, for a scanner that keeps a state of its own; empty: there is none."""
        return next(self._states(scanner, scopes), b"")

    def put(self, scanner: str, scopes: UnitScopes, known: Known) -> None:
        """Replaces the state; evicts those used least recently beyond MAX_STATES."""
        self.put_own(scanner, scopes, serial.dump(known))

    def put_own(self, scanner: str, scopes: UnitScopes, state: bytes) -> None:
        """As `put`, for a scanner that keeps a state of its own."""
        if not scopes.write:
            return
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = self._name(scanner, scopes.write)
        data = zlib.compress(state, 1)
        write_atomically(self._root / name, self._seal(name, data) + data)
        every = sorted(self._root.glob("*.units"), key=lambda path: path.stat().st_mtime)
        for path in every[: max(len(every) - MAX_STATES, 0)]:
            path.unlink(missing_ok=True)

    def _states(self, scanner: str, scopes: UnitScopes) -> Iterator[bytes]:
        for scope in scopes.read:
            found = self._read(self._name(scanner, scope))
            if found is not None:
                yield found

    def _read(self, name: str) -> bytes | None:
        path = self._root / name
        try:
            whole = read_bounded(path, MAX_BYTES)
            seal, data = whole[:_SEAL_BYTES], whole[_SEAL_BYTES:]
            if not hmac.compare_digest(seal, self._seal(name, data)):
                return None
            opened = zlib.decompressobj()
            state = opened.decompress(data, MAX_BYTES)
            os.utime(path)
        except (OSError, ValueError, zlib.error):
            return None
        return state

    @staticmethod
    def _name(scanner: str, scope: str) -> str:
        return (
            hashlib.sha256(f"{VERSION}\0{scanner}\0{scope}".encode("utf-8", "surrogateescape")).hexdigest() + ".units"
        )

    def _seal(self, name: str, data: bytes) -> bytes:
        return hmac.digest(self._key, b"sluiceway scan units\0" + name.encode() + b"\0" + data, "sha256")


_SEAL_BYTES = 32


def contents(root: Path) -> dict[str, str] | None:
    """Path to the digest of each file that scanners look at; None where a name is not UTF-8, which no state holds."""
    found: dict[str, str] = {}
    for path in files(root):
        name = path.relative_to(root).as_posix()
        try:
            name.encode()
        except UnicodeEncodeError:
            return None
        found[name] = _digest(path)
    return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()


def narrowed(root: Path, names: frozenset[str], made: Path) -> Path:
    """A tree of these files only."""
    made.mkdir(parents=True)
    for name in sorted(names):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(root / name, made / name, follow_symlinks=False)
        except OSError:  # another file system, or links of others' files are not allowed
            shutil.copyfile(root / name, made / name, follow_symlinks=False)
    return made.resolve()
