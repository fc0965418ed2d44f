"""Files: atomic writes, so that a killed process leaves the old file; bounded reads of what a stranger wrote."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOR_ALL = 0o644
"""Readable by other users and containers: contains no secrets."""


@contextmanager
def replacing(path: Path, mode: int = 0o600) -> Iterator[Path]:
    """An empty temporary file; replaces `path` when the body succeeds, else it is removed.

    After a loss of power either may be missing. The folder must exist.

    Raises:
        OSError: the folder is missing, read-only or full.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    try:
        os.fchmod(handle, mode)
        os.close(handle)
        yield Path(name)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock of a file of its own, which stays: processes that change another file take turns.

    Raises:
        OSError: its folder is missing or read-only.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_atomically(path: Path, data: bytes | str, mode: int = 0o600) -> None:
    """Text is written as UTF-8.

    Raises:
        OSError: see `replacing`.
    """
    with replacing(path, mode) as new:
        new.write_bytes(data.encode() if isinstance(data, str) else data)


def made_once(path: Path, make: Callable[[], str]) -> str:
    """The text of a private file; made first if it is not there. Processes that race agree on one text.

    Raises:
        OSError: the folder cannot be written to.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
        with open(handle, "w") as new:
            new.write(make())
        with suppress(FileExistsError):
            os.link(name, path)
        os.unlink(name)
    return path.read_text()


def read_bounded(path: Path, most: int) -> bytes:
    """A regular file that a stranger may have put there: no link is followed, and nothing waits for a pipe's writer.

    Returns:
        At most `most` + 1 bytes, so that one can tell that it is larger; empty where there is no file.

    Raises:
        ValueError: it is a link, a folder, a pipe or a device.
        OSError: it cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return b""
    except OSError as broken:
        if broken.errno == errno.ELOOP:
            raise ValueError(f"{path.name} is a symbolic link, not a file") from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ValueError(f"{path.name} is not a regular file")
    with open(handle, "rb") as file:
        return file.read(most + 1)


def remove_tree(path: Path) -> None:
    """Removes a folder, also with folders inside that their owner must not write to. What cannot be removed stays."""
    shutil.rmtree(path, ignore_errors=True)
    if not path.is_dir() or path.is_symlink():
        return
    with suppress(OSError):
        path.chmod(stat.S_IRWXU)
        for folder, below, _ in os.walk(path):
            for name in below:
                if not os.path.islink(os.path.join(folder, name)):
                    os.chmod(os.path.join(folder, name), stat.S_IRWXU)
    shutil.rmtree(path, ignore_errors=True)
