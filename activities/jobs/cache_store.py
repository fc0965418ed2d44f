"""The table of cache entries. Their contents are objects of the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import BigInteger, Column, Double, Table, Text, bindparam, delete, select, update

from activities.storage.database import METADATA, Database
from domain.pipelines.cache import Entry

CACHES = Table(
    "caches",
    METADATA,
    Column("pipeline", Text, primary_key=True),
    Column("repo", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("made_at", Double, nullable=False),
    Column("used_at", Double, nullable=False),
)
_ENTRIES = select(*(CACHES.c[name] for name in ("scope", "key", "digest", "size_bytes", "made_at", "used_at")))
_OF_OWNER = _ENTRIES.where(CACHES.c.pipeline == bindparam("pipeline"), CACHES.c.repo == bindparam("repo"))
_USED = (
    update(CACHES)
    .where(*(CACHES.c[name] == bindparam(f"its_{name}") for name in ("pipeline", "repo", "scope", "key")))
    .values(used_at=bindparam("at"))
)
_DROP = delete(CACHES).where(*(CACHES.c[name] == bindparam(name) for name in ("scope", "key", "digest", "used_at")))


class CacheStore:
    """Entries by pipeline, repository, scope and key."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._save = database.insert(CACHES).on_conflict_do_nothing()

    def entries(self, pipeline: str = "", repo: str = "") -> list[Entry]:
        """Entries of one pipeline in one repository, or all."""
        if pipeline:
            rows = self._database.select(_OF_OWNER, pipeline=pipeline, repo=repo)
        else:
            rows = self._database.select(_ENTRIES)
        return [Entry(**row) for row in rows]

    def save(self, pipeline: str, repo: str, entry: Entry) -> None:
        """An existing entry is kept."""
        self._database.execute(self._save, {"pipeline": pipeline, "repo": repo, **asdict(entry)})

    def used(self, pipeline: str, repo: str, entry: Entry, at: float) -> None:
        """Records the time of a restore, in seconds since the epoch: least recently used entries are evicted first."""
        its = {"its_pipeline": pipeline, "its_repo": repo, "its_scope": entry.scope, "its_key": entry.key}
        self._database.execute(_USED, {**its, "at": at})

    def drop(self, entries: Sequence[Entry]) -> None:
        """Deletes entries, except those that were used meanwhile."""
        if entries:
            self._database.execute(_DROP, [asdict(entry) for entry in entries])
