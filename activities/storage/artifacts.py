"""Artifacts: files of a workspace as one reproducible tar in the store."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from activities.storage.port import Store
from domain.core import globs
from domain.core.errors import SluicewayError
from domain.releases.drift import Found

MAX_UNPACKED_BYTES = 4 << 30


def pack(store: Store, workspace: Path, patterns: tuple[str, ...]) -> tuple[str, int]:
    """The archive's digest, and its number of files.

    Raises:
        SluicewayError: no file matches.
    """
    names = sorted(name for name in files_in(workspace) if globs.matches(name, folders(workspace, patterns)))
    if not names:
        raise SluicewayError(
            "SLW821", f"no file matches {', '.join(patterns)}", fix="check the patterns, and the steps"
        )
    return archived(store, workspace, names), len(names)


def archived(store: Store, root: Path, names: list[str]) -> str:
    """Digest of an archive of files below a folder; reproducible."""
    with tempfile.NamedTemporaryFile(dir=root.parent, prefix=".archive-") as out:
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
            for name in names:
                path = root / name
                member = archive.gettarinfo(path, arcname=name)
                member.mtime, member.uid, member.gid, member.uname, member.gname = 0, 0, 0, "", ""
                if member.isreg():
                    with path.open("rb") as file:
                        archive.addfile(member, file)
                else:
                    archive.addfile(member)
        out.flush()
        return store.put_file(Path(out.name))


def folders(workspace: Path, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """A pattern that names a folder includes all its content."""
    return tuple(f"{p.rstrip('/')}/**" if (workspace / p).is_dir() else p for p in patterns)


def files_in(workspace: Path) -> Iterable[str]:
    """Files and links, relative to the workspace with `/`; unordered. Linked folders are left out."""
    for folder, _, names in os.walk(workspace):
        for name in names:
            path = Path(folder) / name
            if path.is_symlink() or path.is_file():
                yield path.relative_to(workspace).as_posix()


def fingerprints(root: Path) -> dict[str, Found]:
    """Path to type and digest of each file below a folder, without interpreter caches."""
    made = {}
    for name in files_in(root):
        path = root / name
        if "__pycache__" in path.parts:
            continue
        if path.is_symlink():
            made[name] = Found(str(path.readlink()))
            continue
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        made[name] = Found(digest, bool(path.stat().st_mode & 0o111))
    return made


def unpack(store: Store, digest: str, target: Path) -> None:
    """Extracts an artifact into a folder. Paths outside the folder are refused."""
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(store.local(digest)) as archive:
        if sum(member.size for member in archive) > MAX_UNPACKED_BYTES:
            raise SluicewayError(
                "SLW822",
                f"artifact {digest[:12]} unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB",
                fix="make it smaller, or split it",
            )
        try:
            archive.extractall(target, filter="data")
        except tarfile.FilterError as unsafe:
            raise SluicewayError("SLW823", f"artifact {digest[:12]} is unsafe to unpack: {unsafe}") from unsafe
