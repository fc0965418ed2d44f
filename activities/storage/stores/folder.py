"""Objects in a folder, `ROOT/ab/cdef…`: written to a temporary file and renamed. Nothing is changed in place."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import IO

from activities.storage.port import AWAY, CORRUPT, FULL, MISSING, Stored
from domain.core.errors import SluicewayError, StoreUnavailableError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_HEX = re.compile(r"[0-9a-f]{64}\Z")
TRASH = "trash"


class FolderStore:
    """Safe for several processes: each writes its own temporary file and renames it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, digest: str) -> Path:
        """The path of an object, whether or not it exists."""
        return self._root / digest[:2] / digest[2:]

    def has(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def put(self, data: bytes) -> str:
        """An existing object of the full size only gets a new time."""
        digest = hashlib.sha256(data).hexdigest()
        if not self._touched(digest, len(data)):
            with self._new(digest) as out:
                out.write(data)
        return digest

    def put_file(self, source: Path) -> str:
        """Reads a new file twice: for the digest, then to copy."""
        with source.open("rb") as file:
            digest, size = hashlib.file_digest(file, "sha256").hexdigest(), file.tell()
            if not self._touched(digest, size):
                file.seek(0)
                with self._new(digest) as out:
                    shutil.copyfileobj(file, out, 1 << 20)
        return digest

    def _touched(self, digest: str, size: int) -> bool:
        """Whether the object exists in full size; renews its time, so that it is not collected now."""
        path = self.path(digest)
        try:
            os.utime(path)
            return path.stat().st_size == size
        except OSError:
            return False

    @contextmanager
    def _new(self, digest: str) -> Iterator[IO[bytes]]:
        path, name = self.path(digest), ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as out:
                yield out
            Path(name).replace(path)
        except OSError as broken:
            with suppress(OSError):
                os.unlink(name)
            raise self._refused(broken) from broken

    def _refused(self, broken: OSError) -> SluicewayError:
        where = str(self._root)
        if broken.errno in _NO_ROOM:
            return StoreUnavailableError(FULL, "the store is full", where=where, why=str(broken), fix="sluiceway gc")
        return StoreUnavailableError(
            AWAY, "the store cannot be used", where=where, why=str(broken), fix="check the disk"
        )

    def get(self, digest: str) -> bytes:
        """Verifies the digest (SLW802)."""
        with self._open(digest) as file:
            data = file.read()
        if hashlib.sha256(data).hexdigest() != digest:
            raise _changed(digest)
        return data

    def local(self, digest: str) -> Path:
        """The object itself, not a copy: do not write to it."""
        with self._open(digest) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise _changed(digest)
        return self.path(digest)

    @contextmanager
    def _open(self, digest: str) -> Iterator[BufferedReader]:
        try:
            with self.path(digest).open("rb") as file:
                yield file
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise SluicewayError(MISSING, f"object {digest[:12] or '(none)'} is not in the store") from None
        except OSError as broken:
            raise self._refused(broken) from broken

    def delete(self, digest: str, older_than: float) -> bool:
        """Renames it first and checks again: a concurrent `put` finds it missing, or renewed."""
        aside = self._root / TRASH / digest
        try:
            aside.parent.mkdir(exist_ok=True)
            self.path(digest).replace(aside)
            if aside.stat().st_mtime >= older_than:
                aside.replace(self.path(digest))
                return False
            aside.unlink()
        except FileNotFoundError:
            return True
        except OSError as broken:
            raise self._refused(broken) from broken
        return True

    def objects(self) -> Iterator[Stored]:
        """Objects deleted during the listing are left out."""
        for path in self._root.glob("??/*"):
            digest = path.parent.name + path.name
            if _HEX.match(digest):
                with suppress(FileNotFoundError):
                    found = path.stat()
                    yield Stored(digest, found.st_size, found.st_mtime)


def _changed(digest: str) -> SluicewayError:
    return SluicewayError(CORRUPT, f"object {digest[:12]} was changed on disk", fix="restore it from a copy")
