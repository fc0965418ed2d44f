"""Artifacts: files, links and folders of a workspace as one tar in the store."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from activities.core.files import remove_tree
from activities.core.tar_reader import TarError, members
from activities.storage import packing, unpacking
from activities.storage.port import Store
from domain.core import workspace_patterns
from domain.core.errors import SluicewayError
from domain.releases.drift import Found

MAX_UNPACKED_BYTES = 4 << 30
MAX_NAMED = 5
"""Entries that a message names."""


def pack(store: Store, workspace: Path, patterns: tuple[str, ...], latest: int | None = None) -> str:
    """The archive's digest.

    `latest`: what is newer gets this time (seconds since the epoch), so that equal content gives an equal digest.

    Raises:
        SluicewayError: SLW821, nothing matches; SLW824, something that matches cannot be packed.
    """
    try:
        names = packing.selected(workspace, patterns)
        wrong = [f"{packing.shown(name)} is {why}" for name in names if (why := packing.unfit(workspace, name))]
        if wrong:
            raise _unfit("; ".join(wrong[:MAX_NAMED]))
        if not names:
            raise SluicewayError(
                "SLW821",
                f"no file matches {', '.join(patterns)}",
                why="; ".join(f"{one}: {why}" for one in patterns if (why := workspace_patterns.complaint(one))),
                fix="check the patterns, and the steps",
            )
        return archived(store, workspace, names, latest)
    except OSError as broken:
        raise _unfit(packing.shown(str(broken))) from broken


def _unfit(why: str) -> SluicewayError:
    fix = "make links relative, and let them lead to something in the workspace; or leave it out with '!PATTERN'"
    return SluicewayError("SLW824", "an artifact cannot hold what matches its patterns", why=why, fix=fix)


def archived(store: Store, root: Path, names: list[str], latest: int | None = None) -> str:
    """Digest of an archive of entries below a folder; see `packing.write`."""
    with tempfile.NamedTemporaryFile(dir=root.parent, prefix=".archive-") as out:
        packing.write(out, root, names, latest=latest)
        out.flush()
        return store.put_file(Path(out.name))


def files_in(workspace: Path) -> Iterable[str]:
    """Files and links, relative to the workspace with `/`; unordered. Links are not followed."""
    for folder, folders, names in os.walk(workspace):
        for name in (*folders, *names):
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
    """Extracts an artifact into a folder, over what is there. A refused one leaves nothing behind.

    Raises:
        SluicewayError: SLW822, it is too big; SLW823, an entry leads out of the folder or is no file, folder or link.
    """
    target.mkdir(parents=True, exist_ok=True)
    aside = target.parent / f".unpacked-{target.name}"
    remove_tree(aside)
    try:
        with store.local(digest).open("rb") as archive:
            _check_size(archive, digest)
            archive.seek(0)
            done = unpacking.extract(archive, aside)
        unsafe = unpacking.leading_out(aside, done.links)
        if not unsafe:
            unpacking.place(aside, target)
            unpacking.settle(target, done.folders)
            unsafe = unpacking.leading_out(target, done.links)  # with the links that were there
    except TarError as refused:
        unsafe = [str(refused)]
    finally:
        remove_tree(aside)
    if unsafe:
        words = "; ".join(unsafe[:MAX_NAMED])
        raise SluicewayError("SLW823", f"artifact {digest[:12]} is unsafe to unpack: {words}")


def _check_size(archive: BinaryIO, digest: str) -> None:
    total = 0
    for member in members(archive):
        total += member.size
        if total > MAX_UNPACKED_BYTES:
            raise SluicewayError(
                "SLW822",
                f"artifact {digest[:12]} unpacks to more than {MAX_UNPACKED_BYTES >> 30} GiB",
                fix="make it smaller, or split it",
            )
