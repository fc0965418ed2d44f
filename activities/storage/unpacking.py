"""Reads tar archives into folders. Nothing is written through a link, and nothing outside."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from activities.core.files import remove_tree
from activities.core.tar_reader import BLOCK, Kind, Member, Source, TarError, members
from activities.storage.links import leads_out
from activities.storage.packing import FILE_MODE, FOLDER_MODE, shown

PRIVATE = 0o700
MAX_BYTES = 1 << 40
"""What an archive may unpack to, where nobody says less."""
MAX_DEPTH = 256
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FURTHEST_NS = 1 << 62
"""Times beyond the year 2116 fit no file system that we know."""


class UnsafeArchiveError(TarError):
    """Why an archive, or one of its entries, is not unpacked."""


@dataclass
class Extracted:
    """What an archive has put into a folder."""

    folders: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Name to mode and time in ns, which `settle` sets last: a folder may be read-only."""
    links: list[str] = field(default_factory=list)
    kinds: dict[str, Kind] = field(default_factory=dict)
    """Name to kind, of every entry and of the folders above it."""


def extract(
    archive: Source, into: Path, skip: Callable[[str], None] | None = None, max_bytes: int = MAX_BYTES
) -> Extracted:
    """Unpacks into a new folder; `settle` completes it. `skip` hears of entries that are left out; without it:

    Links are made last, hard ones only to files of this archive. Each file is made in a folder that is opened name by
    name, never through a link.

    Raises:
        UnsafeArchiveError: an entry leads out, is neither file, folder nor link, or comes twice.
        TarError: it is damaged, or beyond a limit.
        OSError: it cannot be written, or the archive is incomplete.
    """
    into.mkdir(mode=PRIVATE)
    done = Extracted()
    later: list[tuple[str, Member, int]] = []
    with _Places(into) as places:
        for member in members(archive):
            max_bytes -= member.size + BLOCK
            if max_bytes < 0:
                raise TarError("it unpacks to more bytes than are allowed")
            with _left_out(skip):
                _extract(member, places, done, later)
        for name, member, time_ns in sorted(later, key=lambda one: one[1].kind is Kind.SYMLINK):
            with _left_out(skip):
                _link(name, member, time_ns, places, done)
    return done


@contextmanager
def _left_out(skip: Callable[[str], None] | None) -> Iterator[None]:
    try:
        yield
    except UnsafeArchiveError as unsafe:
        if skip is None:
            raise
        skip(str(unsafe))


def _extract(member: Member, places: _Places, done: Extracted, later: list[tuple[str, Member, int]]) -> None:
    name = _name(member)
    if not name:
        return
    for above in _above(name):
        _above_it(places, above, name, done)
    if done.kinds.get(name, Kind.FOLDER) is not Kind.FOLDER or name in done.folders:
        raise UnsafeArchiveError(f"{shown(name)} comes twice")
    time_ns = _time_ns(member)
    if member.kind is Kind.FOLDER:
        if name not in done.kinds:
            places.make(name, PRIVATE)
        done.folders[name] = (member.mode & FOLDER_MODE, time_ns)
    elif name in done.kinds:
        raise UnsafeArchiveError(f"{shown(name)} is a folder, and something else")
    elif member.kind in (Kind.SYMLINK, Kind.HARD_LINK):
        later.append((name, member, time_ns))
    elif member.kind is Kind.FILE:
        _file(member, name, places, time_ns)
    else:
        raise UnsafeArchiveError(f"{shown(name)} is neither a file, a folder nor a link")
    done.kinds[name] = member.kind


def _above_it(places: _Places, above: str, name: str, done: Extracted) -> None:
    kind = done.kinds.get(above)
    if kind is None:
        places.make(above, 0o755)
        done.kinds[above] = Kind.FOLDER
    elif kind is not Kind.FOLDER:
        raise UnsafeArchiveError(f"{shown(name)} lies below {shown(above)}, which is no folder")


def _name(member: Member) -> str:
    """Relative to the folder; empty for the folder itself."""
    if "\0" in member.name + member.link:
        raise UnsafeArchiveError(f"{shown(member.name)} has a NUL in its name")
    if member.name.startswith("/"):
        raise UnsafeArchiveError(f"{shown(member.name)} is absolute")
    if ".." in member.name.split("/"):
        raise UnsafeArchiveError(f"{shown(member.name)} leads out")
    if member.name.count("/") > MAX_DEPTH:
        raise UnsafeArchiveError(f"{shown(member.name)} lies more than {MAX_DEPTH} folders deep")
    return "" if member.name in ("", ".") else posixpath.normpath(member.name)


def _above(name: str) -> Iterator[str]:
    at = name.find("/")
    while at > 0:
        yield name[:at]
        at = name.find("/", at + 1)


def _time_ns(member: Member) -> int:
    try:
        time_ns = int(Decimal(member.mtime[:40]).scaleb(9))
    except (InvalidOperation, ValueError, OverflowError):
        time_ns = _FURTHEST_NS
    if abs(time_ns) >= _FURTHEST_NS:
        raise UnsafeArchiveError(f"{shown(member.name)} has no usable time")
    return time_ns


def _link(name: str, member: Member, time_ns: int, places: _Places, done: Extracted) -> None:
    folder, last = places.folder_of(name)
    if member.kind is Kind.SYMLINK:
        os.symlink(member.link, last, dir_fd=folder)
        os.utime(last, ns=(time_ns, time_ns), dir_fd=folder, follow_symlinks=False)
        done.links.append(name)
        return
    first = posixpath.normpath(member.link)
    if done.kinds.get(first) not in (Kind.FILE, Kind.HARD_LINK):
        raise UnsafeArchiveError(f"{shown(member.name)} is a hard link to no file of the archive")
    source, whole = places.open_folder_of(first)
    try:
        os.link(whole, last, src_dir_fd=source, dst_dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        raise UnsafeArchiveError(f"{shown(member.name)} is a hard link to what comes later") from None
    finally:
        os.close(source)


def _file(member: Member, name: str, places: _Places, time_ns: int) -> None:
    folder, last = places.folder_of(name)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(last, flags, 0o600, dir_fd=folder), "wb") as file:
        for chunk in member.chunks():
            file.write(chunk)
        file.flush()
        os.fchmod(file.fileno(), member.mode & FILE_MODE)
        os.utime(file.fileno(), ns=(time_ns, time_ns))


class _Places:
    """Folders below a root, opened name by name: none of them is reached through a link."""

    def __init__(self, root: Path) -> None:
        self._root = os.open(root, _FOLDER)
        self._name, self._last = "", os.dup(self._root)

    def __enter__(self) -> _Places:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._last)
        os.close(self._root)

    def make(self, name: str, mode: int) -> None:
        """A new folder."""
        folder, last = self.folder_of(name)
        os.mkdir(last, mode, dir_fd=folder)

    def folder_of(self, name: str) -> tuple[int, str]:
        """A descriptor of the folder that an entry lies in, good until the next call, and the entry's last name."""
        above, _, last = name.rpartition("/")
        if above != self._name:
            opened, last = self.open_folder_of(name)
            os.close(self._last)
            self._name, self._last = above, opened
        return self._last, last

    def open_folder_of(self, name: str) -> tuple[int, str]:
        """As `folder_of`; the caller closes the descriptor."""
        *above, last = name.split("/")
        at = os.dup(self._root)
        for part in above:
            try:
                below = os.open(part, _FOLDER, dir_fd=at)
            finally:
                os.close(at)
            at = below
        return at, last


def leading_out(folder: Path, links: Iterable[str]) -> list[str]:
    """Removes the links that lead out of a folder, and says which they were."""
    said = []
    for name in links:
        if leads_out(folder, name):
            said.append(f"{shown(name)} is a link that leads out, to {shown(os.readlink(folder / name))}")
            (folder / name).unlink()
    return said


def place(source: Path, target: Path) -> None:
    """Moves what is in a folder into another one, and replaces what is there; never through a link."""
    for path in source.iterdir():
        there = target / path.name
        folder = path.is_dir() and not path.is_symlink()
        if there.is_dir() and not there.is_symlink():
            if folder:
                there.chmod(there.stat().st_mode | PRIVATE)
                place(path, there)
                continue
            remove_tree(there)
        elif folder and os.path.lexists(there):
            there.unlink()
        path.replace(there)


def settle(target: Path, folders: dict[str, tuple[int, int]]) -> None:
    """Sets modes and times of folders: what is below them comes first."""
    for name in sorted(folders, reverse=True):
        mode, time_ns = folders[name]
        (target / name).chmod(mode)
        os.utime(target / name, ns=(time_ns, time_ns))
