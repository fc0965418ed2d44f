"""Reads tar archives into folders. Nothing is written through a link, and nothing outside."""

from __future__ import annotations

import os
import posixpath
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from activities.core.files import remove_tree
from activities.storage.links import leads_out
from activities.storage.packing import FILE_MODE, FOLDER_MODE, shown

PRIVATE = 0o700
_FURTHEST_NS = 1 << 62
"""Times beyond the year 2116 fit no file system that we know."""


class UnsafeArchiveError(ValueError):
    """Why an archive, or one of its entries, is not unpacked."""


@dataclass
class Extracted:
    """What an archive has put into a folder."""

    folders: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Name to mode and time in ns, which `settle` sets last: a folder may be read-only."""
    links: list[str] = field(default_factory=list)
    kinds: dict[str, bytes] = field(default_factory=dict)
    """Name to type, of every entry and of the folders above it."""


def extract(archive: tarfile.TarFile, into: Path, skip: Callable[[str], None] | None = None) -> Extracted:
    """Unpacks into a new folder; `settle` completes it. `skip` hears of entries that are left out; without it:

    Raises:
        UnsafeArchiveError: an entry leads out, is neither file, folder nor link, or comes twice.
        OSError: it cannot be written, or the archive is incomplete.
    """
    into.mkdir(mode=PRIVATE)
    done = Extracted()
    for member in archive:
        try:
            _extract(archive, member, into, done)
        except UnsafeArchiveError as unsafe:
            if skip is None:
                raise
            skip(str(unsafe))
    return done


def _extract(archive: tarfile.TarFile, member: tarfile.TarInfo, into: Path, done: Extracted) -> None:
    name = _name(member)
    if not name:
        return
    for above in _above(name):
        _above_it(into, above, name, done)
    if done.kinds.get(name, tarfile.DIRTYPE) != tarfile.DIRTYPE or name in done.folders:
        raise UnsafeArchiveError(f"{shown(name)} comes twice")
    path, time_ns = into / name, _time_ns(member)
    if member.isdir():
        if name not in done.kinds:
            path.mkdir(mode=PRIVATE)
        done.folders[name] = (member.mode & FOLDER_MODE, time_ns)
    elif name in done.kinds:
        raise UnsafeArchiveError(f"{shown(name)} is a folder, and something else")
    elif member.issym():
        path.symlink_to(member.linkname)
        os.utime(path, ns=(time_ns, time_ns), follow_symlinks=False)
        done.links.append(name)
    elif member.islnk():
        _link(member, path, into, done)
    elif member.type in (tarfile.REGTYPE, tarfile.AREGTYPE):
        _file(archive, member, path, time_ns)
    else:
        raise UnsafeArchiveError(f"{shown(name)} is neither a file, a folder nor a link")
    done.kinds[name] = member.type


def _above_it(into: Path, above: str, name: str, done: Extracted) -> None:
    kind = done.kinds.get(above)
    if kind is None:
        (into / above).mkdir(mode=0o755)
        done.kinds[above] = tarfile.DIRTYPE
    elif kind != tarfile.DIRTYPE:
        raise UnsafeArchiveError(f"{shown(name)} lies below {shown(above)}, which is no folder")


def _name(member: tarfile.TarInfo) -> str:
    """Relative to the folder; empty for the folder itself."""
    if member.size < 0:  # tarfile would read it again and again
        raise UnsafeArchiveError(f"{shown(member.name)} has a negative size")
    if "\0" in member.name + member.linkname:
        raise UnsafeArchiveError(f"{shown(member.name)} has a NUL in its name")
    if member.name.startswith("/"):
        raise UnsafeArchiveError(f"{shown(member.name)} is absolute")
    if ".." in member.name.split("/"):
        raise UnsafeArchiveError(f"{shown(member.name)} leads out")
    return "" if member.name in ("", ".") else posixpath.normpath(member.name)


def _above(name: str) -> Iterator[str]:
    at = name.find("/")
    while at > 0:
        yield name[:at]
        at = name.find("/", at + 1)


def _time_ns(member: tarfile.TarInfo) -> int:
    try:
        time_ns = int(Decimal(member.pax_headers.get("mtime", str(member.mtime))).scaleb(9))
    except (InvalidOperation, ValueError, OverflowError):
        time_ns = _FURTHEST_NS
    if abs(time_ns) >= _FURTHEST_NS:
        raise UnsafeArchiveError(f"{shown(member.name)} has no usable time")
    return time_ns


def _link(member: tarfile.TarInfo, path: Path, into: Path, done: Extracted) -> None:
    first = posixpath.normpath(member.linkname)
    if done.kinds.get(first) not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.LNKTYPE):
        raise UnsafeArchiveError(f"{shown(member.name)} is a hard link to no file of the archive")
    os.link(into / first, path, follow_symlinks=False)


def _file(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, time_ns: int) -> None:
    content = archive.extractfile(member)
    assert content is not None
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        if file.tell() != member.size:
            raise OSError(f"the archive ends within {shown(member.name)}")
        os.fchmod(file.fileno(), member.mode & FILE_MODE)
        os.utime(file.fileno(), ns=(time_ns, time_ns))


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
