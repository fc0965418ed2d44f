"""The files of a folder that is scanned: what each of them is. Links are not followed, and nothing is left out."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from activities.scans.running.sandbox import REPOSITORY
from domain.scans.files.classes import class_of
from domain.scans.files.kinds import TAIL_BYTES, kind_of
from domain.scans.files.model import Entry, FileKind

WHOLE_BYTES = 2 * TAIL_BYTES
"""Of bigger files only the first and the last bytes are read to see what they are."""
MAX_COPIED = 1_000_000_000
"""Bytes of a file that is copied from a folder without git."""


@dataclass(frozen=True)
class Found:
    """A file and its bytes; those of big files only in part."""

    entry: Entry
    data: bytes = b""

    @property
    def whole(self) -> bool:
        """Whether `data` is all of it."""
        return len(self.data) == self.entry.size


def walk(root: Path, absent: Iterable[Entry] = ()) -> Iterator[Found]:
    """Every file below a folder, but not those of the repository that the folder itself is; or the one file."""
    if not root.is_dir():
        yield _found(root.parent, root.name)
        return
    yield from (Found(one) for one in absent)
    for folder, folders, names in os.walk(root, onerror=None):
        here = os.path.relpath(folder, root)
        inside = "" if here == "." else f"{here}/"
        if not inside:
            folders[:] = [name for name in folders if name != REPOSITORY]
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        closed = [
            name
            for name in folders
            if name not in links and not os.access(os.path.join(folder, name), os.R_OK | os.X_OK)
        ]
        folders[:] = sorted(set(folders) - set(links) - set(closed))
        yield from (Found(Entry(inside + name, FileKind.LINK)) for name in sorted(links))
        yield from (Found(Entry(f"{inside}{name}/", FileKind.UNREADABLE)) for name in sorted(closed))
        yield from (_found(root, inside + name) for name in sorted(names))


def _found(root: Path, name: str) -> Found:
    path = os.path.join(root, name)
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return Found(Entry(name, FileKind.LINK))
        if not stat.S_ISREG(status.st_mode):
            return Found(Entry(name, FileKind.SPECIAL))
        head, tail, size = _read(path)
    except OSError:
        return Found(Entry(name, FileKind.UNREADABLE))
    kind, language = kind_of(name, head, tail, size)
    return Found(Entry(name, kind, language, class_of(name, head), size), head)


def _read(path: str) -> tuple[bytes, bytes, int]:
    """Head, tail and size; of a small file all. Without waiting for anything, and never through a link."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= WHOLE_BYTES:
            data = file.read(WHOLE_BYTES + 1)
            return data, data[-TAIL_BYTES:], len(data)
        head = file.read(TAIL_BYTES)
        file.seek(size - TAIL_BYTES)
        return head, file.read(TAIL_BYTES), size


def copied(root: Path, made: Path) -> tuple[str, tuple[Entry, ...]]:
    """Copies a folder as it is; returns a digest of it, and what could not be copied: special files, unreadable ones.

    Links are copied as links. The folder may change meanwhile: the digest is that of the copy.
    """
    absent: list[Entry] = []
    total = hashlib.sha256()
    made.mkdir(parents=True)
    for found in walk(root):
        name, path = found.entry.path, os.path.join(root, found.entry.path)
        target = os.path.join(made, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        total.update(os.fsencode(name) + b"\0" + found.entry.kind.encode() + b"\0")
        if found.entry.kind is FileKind.LINK:
            os.symlink(os.readlink(path), target)
            total.update(os.fsencode(os.readlink(target)))
        elif found.entry.kind in (FileKind.SPECIAL, FileKind.UNREADABLE):
            absent.append(found.entry)
        elif found.entry.size > MAX_COPIED:
            absent.append(replace(found.entry, kind=FileKind.HUGE))
        else:
            total.update(_copy(path, target))
    return total.hexdigest(), tuple(absent)


def _copy(path: str, target: str) -> bytes:
    """The digest of what was copied. Raises OSError."""
    digest = hashlib.sha256()
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as source, open(target, "xb") as copy:
        while data := source.read(1 << 20):
            digest.update(data)
            copy.write(data)
    return digest.digest()
