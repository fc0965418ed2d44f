"""Objects in an S3-compatible bucket, `PREFIX/ab/cdef…`, with a local folder as cache.

Big objects are uploaded in parts, and downloaded in ranges that resume after a lost connection. The server verifies
uploads by checksum; downloads are verified by digest before use.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import ObjectStore

from activities.storage.port import AWAY, CORRUPT, DENIED, FULL, MISSING, Stored
from activities.storage.stores.folder import FolderStore
from domain.core.errors import SluicewayError, StoreUnavailableError

PART_BYTES = 8 << 20
ATTEMPTS = 4
"""Tries of a download; progress resets the count."""
FRESH_S = 12 * 3600
"""An older object is stored again rather than reused: the collector must not take it now."""
_FULL = ("507 Insufficient", "InsufficientStorage", "QuotaExceeded", "StorageFull", "no free volumes", "No space left")


class S3Store:
    """The cache folder answers without a request where it can."""

    def __init__(self, bucket: ObjectStore, cache: FolderStore, scratch: Path) -> None:
        """The folder caches reads and writes; the scratch folder holds running downloads."""
        self._bucket, self._cache, self._scratch = bucket, cache, scratch

    def has(self, digest: str) -> bool:
        """Asks the bucket only for objects that are not cached."""
        return self._cache.has(digest) or self._head(digest) is not None

    def put(self, data: bytes) -> str:
        """A full local disk does not matter: the bucket has it."""
        digest = hashlib.sha256(data).hexdigest()
        self._upload(digest, data, len(data))
        with suppress(SluicewayError):  # a full local disk does not matter: the bucket has it
            self._cache.put(data)
        return digest

    def put_file(self, source: Path) -> str:
        """Big files are uploaded in parts."""
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._upload(digest, source, source.stat().st_size)
        with suppress(SluicewayError):
            self._cache.put_file(source)
        return digest

    def _upload(self, digest: str, data: bytes | Path, size: int) -> None:
        known = self._head(digest)
        if known is not None and known["size"] == size and time.time() - known["last_modified"].timestamp() < FRESH_S:
            return
        try:
            obstore.put(self._bucket, _key(digest), data, use_multipart=size > PART_BYTES, chunk_size=PART_BYTES)
        except (BaseError, OSError) as broken:
            raise _refused(broken, "written") from broken
        known = self._head(digest)
        if known is None or known["size"] != size:
            self.delete(digest, time.time() + 1)
            there = known["size"] if known else 0
            raise StoreUnavailableError(AWAY, f"the store has {there:,} of the {size:,} bytes of object {digest[:12]}")

    def _head(self, digest: str) -> obstore.ObjectMeta | None:
        try:
            return obstore.head(self._bucket, _key(digest))
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as broken:
            raise _refused(broken, "asked") from broken

    def get(self, digest: str) -> bytes:
        """Through the cache."""
        return self.local(digest).read_bytes()

    def local(self, digest: str) -> Path:
        """Jobs and workers that need the same object share one download."""
        try:
            return self._cache.local(digest)
        except SluicewayError:  # missing or corrupt in the cache
            self._cache.delete(digest, time.time() + 1)
        self._scratch.mkdir(parents=True, exist_ok=True)
        with (self._scratch / f"{digest[:2]}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two jobs, or two workers, that need the same object share one download
            return self._cache.path(digest) if self._cache.has(digest) else self._fetched(digest)

    def _fetched(self, digest: str) -> Path:
        partial = self._scratch / digest
        self._download(digest, partial)
        with partial.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != digest:
            partial.unlink()
            raise SluicewayError(CORRUPT, f"object {digest[:12]} is not what was stored", fix="restore it from a copy")
        self._cache.put_file(partial)
        partial.unlink()
        return self._cache.path(digest)

    def _download(self, digest: str, partial: Path) -> None:
        """Resumes an earlier try."""
        known = self._head(digest)
        if known is None:
            raise SluicewayError(MISSING, f"object {digest[:12]} is not in the store")
        for attempt in range(ATTEMPTS):
            have = partial.stat().st_size if partial.exists() else 0
            try:
                self._ranges(digest, partial, have, known["size"])
                return
            except (BaseError, OSError) as broken:
                stuck = not partial.exists() or partial.stat().st_size == have
                if attempt == ATTEMPTS - 1 or stuck:
                    raise _refused(broken, "read") from broken

    def _ranges(self, digest: str, partial: Path, have: int, size: int) -> None:
        with partial.open("r+b" if have and have <= size else "wb") as out:
            have = out.seek(0, 2)
            while have < size:
                end = min(have + PART_BYTES, size)
                part = obstore.get_range(self._bucket, _key(digest), start=have, end=end)
                have += out.write(part)
                out.flush()

    def delete(self, digest: str, older_than: float) -> bool:
        """In the cache and in the bucket; the bucket's modification time decides."""
        self._cache.delete(digest, older_than)
        known = self._head(digest)
        if known is None:
            return True
        if known["last_modified"].timestamp() >= older_than:
            return False
        try:
            obstore.delete(self._bucket, _key(digest))
        except FileNotFoundError:
            return True
        except (BaseError, OSError) as broken:
            raise _refused(broken, "changed") from broken
        return True

    def objects(self) -> Iterator[Stored]:
        """The bucket's objects."""
        try:
            for page in obstore.list(self._bucket):
                for one in page:
                    digest = one["path"].replace("/", "")[-64:]
                    yield Stored(digest, one["size"], one["last_modified"].timestamp())
        except (BaseError, OSError) as broken:
            raise _refused(broken, "listed") from broken


def _key(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:]}"


def _refused(broken: Exception, done: str) -> SluicewayError:
    why = str(broken).splitlines()[0][:300]
    if isinstance(broken, PermissionDeniedError | UnauthenticatedError):
        return SluicewayError(DENIED, "the store denies access", why=why, fix="check the credentials of the worker")
    if any(word in str(broken) for word in _FULL):
        return StoreUnavailableError(
            FULL, "the store is full", why=why, fix="free space in the bucket, or raise its quota"
        )
    return StoreUnavailableError(
        AWAY, f"the store cannot be {done}", why=why, fix="check the object storage and the network"
    )
