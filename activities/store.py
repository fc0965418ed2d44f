"""The content-addressed store: logs, reports, artifacts and plans by the SHA-256 of their bytes."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from domain.errors import SluicewayError


class FolderStore:
    """Objects under `ROOT/ab/cdef…`. Writing the same bytes twice is one object; nothing is ever changed in place."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def path(self, digest: str) -> Path:
        return self._root / digest[:2] / digest[2:]

    def has(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(path)
        return digest

    def put_file(self, source: Path) -> str:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        path = self.path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent)
            with os.fdopen(handle, "wb") as out, source.open("rb") as file:
                while chunk := file.read(1 << 20):
                    out.write(chunk)
            Path(name).replace(path)
        return digest

    def get(self, digest: str) -> bytes:
        """The object's bytes, checked against their digest.

        Raises:
            SluicewayError: it is missing, or is not what was stored.
        """
        try:
            data = self.path(digest).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise SluicewayError("SLW801", f"object {digest[:12] or '(none)'} is not in the store") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise SluicewayError("SLW802", f"object {digest[:12]} was changed on disk", fix="restore it from a copy")
        return data
