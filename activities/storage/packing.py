"""Writes trees of files as tar archives: files, links and folders, with their modes and times."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO

from activities.storage.links import leads_out
from domain.core import globs, workspace_patterns

NS = 1_000_000_000
FILE_MODE, FOLDER_MODE = 0o777, 0o1777
"""What is kept of modes: never that a program runs as its owner."""
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device"}


def selected(root: Path, patterns: Iterable[str]) -> list[str]:
    """Files, links and empty folders that match, and the folders above them; sorted. Links are never followed.

    Raises:
        OSError: a folder cannot be read.
        PatternError: see `globs.matches`.
    """
    wanted = workspace_patterns.with_content(patterns)
    found = {
        name
        for name, leaf in _entries(root)
        if globs.matches(name, wanted) and (leaf or not any((root / name).iterdir()))
    }
    return sorted(found | {above for name in found for above in _above(name)})


def _entries(root: Path) -> Iterator[tuple[str, bool]]:
    """Names below a folder, and whether each is something else than a folder."""
    for folder, folders, names in os.walk(root, onerror=_raised):
        here = os.path.relpath(folder, root)
        for name in (*folders, *names):
            path = name if here == "." else f"{here}/{name}"
            yield path, not stat.S_ISDIR(os.lstat(root / path).st_mode)


def _raised(broken: OSError) -> None:
    raise broken


def _above(name: str) -> Iterator[str]:
    while "/" in name:
        name = name.rpartition("/")[0]
        yield name


def unfit(root: Path, name: str, *, anywhere: bool = False) -> str:
    """Why an entry cannot be packed; empty: it can. `anywhere`: links may lead out of the folder."""
    mode = os.lstat(root / name).st_mode
    if stat.S_ISLNK(mode):
        return (
            ""
            if anywhere or not leads_out(root, name)
            else f"a link that leads out, to {shown(os.readlink(root / name))}"
        )
    return _KINDS.get(stat.S_IFMT(mode), "")


def write(out: IO[bytes], root: Path, names: Iterable[str], *, latest: int | None = None) -> None:
    """Writes an archive of entries below a folder, in their order.

    The same content with the same times gives the same bytes: owners are left out. Of a file with several names, the
    later ones are hard links. `latest`: seconds since the epoch; what is newer gets this time.

    Raises:
        OSError: an entry cannot be read.
    """
    known: dict[tuple[int, int], str] = {}
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, encoding="utf-8") as archive:
        for name in names:
            found = os.lstat(root / name)
            member = _member(root, name, found, known)
            _dated(member, found.st_mtime_ns if latest is None else min(found.st_mtime_ns, latest * NS))
            if member.type != tarfile.REGTYPE:
                archive.addfile(member)
                continue
            with open(os.open(root / name, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                archive.addfile(member, file)


def _member(root: Path, name: str, found: os.stat_result, known: dict[tuple[int, int], str]) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    if stat.S_ISLNK(found.st_mode):
        member.type, member.linkname, member.mode = tarfile.SYMTYPE, os.readlink(root / name), 0o777
    elif stat.S_ISDIR(found.st_mode):
        member.type, member.mode = tarfile.DIRTYPE, found.st_mode & FOLDER_MODE
    elif (first := known.setdefault((found.st_dev, found.st_ino), name)) != name and found.st_nlink > 1:
        member.type, member.linkname, member.mode = tarfile.LNKTYPE, first, found.st_mode & FILE_MODE
    else:
        member.size, member.mode = found.st_size, found.st_mode & FILE_MODE
    return member


def _dated(member: tarfile.TarInfo, time_ns: int) -> None:
    """Whole seconds in the header, and fractions exactly in an extended one."""
    member.mtime = time_ns // NS
    if time_ns % NS:
        member.pax_headers = {"mtime": format(Decimal(time_ns).scaleb(-9), "f")}


def shown(name: str) -> str:
    """A file's name for people: valid text, also where the name is not."""
    return name.encode("utf-8", "backslashreplace").decode()[:300]
