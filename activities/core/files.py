"""Atomic writes: a killed process leaves the old file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
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


def write_atomically(path: Path, data: bytes | str, mode: int = 0o600) -> None:
    """Text is written as UTF-8.

    Raises:
        OSError: see `replacing`.
    """
    with replacing(path, mode) as new:
        new.write_bytes(data.encode() if isinstance(data, str) else data)
