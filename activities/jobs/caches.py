"""Caches of jobs: restored before the first step, saved after the last. Best effort: no error here fails a job."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from activities.core.files import remove_tree
from activities.core.tar_reader import members
from activities.jobs.cache_store import CacheStore
from activities.source import git
from activities.storage import artifacts, packing, unpacking
from activities.storage.port import Store
from domain.core import globs, workspace_patterns
from domain.core.errors import SluicewayError
from domain.pipelines import cache
from domain.pipelines.cache import CacheSpec, Entry, Lookup, Scopes
from domain.triggers.events import EventRef

DEFAULT_LIMIT_MB = 10_000
HOME, WORKSPACE, RESTORED = "home", "workspace", "caches.json"


@dataclass(frozen=True)
class Owner:
    """The owner of caches: pipelines and repositories share nothing."""

    pipeline: str
    repo: str
    event: EventRef


@dataclass
class Caches:
    """`limit_bytes`: total size of all caches of all owners."""

    store: Store
    entries: CacheStore
    limit_bytes: int = DEFAULT_LIMIT_MB * 1_000_000

    def restore(self, specs: tuple[CacheSpec, ...], owner: Owner, folder: Path) -> list[str]:
        """Fills a job's folder; returns log lines. What to save later is noted in the folder."""
        notes, saved = [], []
        scopes = _scopes(owner)
        for spec in specs:
            key = _key(spec, folder / WORKSPACE)
            found = self._restored(spec, key, scopes, owner, folder)
            notes.append(f"cache {found.reason}")
            saved.append([key, list(spec.paths), found.exact])
        (folder / RESTORED).write_text(json.dumps({"write": scopes.write, "why": scopes.reason, "caches": saved}))
        return notes

    def _restored(self, spec: CacheSpec, key: str, scopes: Scopes, owner: Owner, folder: Path) -> Lookup:
        found = cache.lookup(self._entries(owner), scopes.read, key, spec.fallbacks)
        if found.entry is None:
            return found
        try:
            _unpack(self.store.local(found.entry.digest), folder)
        except (SluicewayError, OSError, ValueError) as broken:
            which = f"{found.entry.key} of {found.entry.scope}"
            if not (isinstance(broken, SluicewayError) and broken.transient):
                self.entries.drop([found.entry])  # so the next job may save it again
            return Lookup(None, False, f"miss: {which} cannot be used: {_what(broken)}")
        self.entries.used(owner.pipeline, owner.repo, found.entry, time.time())
        return Lookup(found.entry, found.exact, f"{found.reason} ({found.entry.size_bytes / 1e6:.1f} MB)")

    def _entries(self, owner: Owner) -> list[Entry]:
        return self.entries.entries(owner.pipeline, owner.repo)

    def save(self, owner: Owner, folder: Path) -> list[str]:
        """After a passed job. Entries are immutable: a key is saved once per scope."""
        noted = folder / RESTORED
        if not noted.exists():
            return []
        plan = json.loads(noted.read_text())
        return [f"cache {self._saved(plan, key, paths, exact, owner, folder)}" for key, paths, exact in plan["caches"]]

    def _saved(self, plan: dict[str, str], key: str, paths: list[str], exact: bool, owner: Owner, folder: Path) -> str:
        if exact:
            return f"not saved: {key} already exists"
        if not plan["write"]:
            return f"not saved: {plan['why']}"
        try:
            found = _names(folder, paths)
            names = [name for name in found if not packing.unfit(folder, name, anywhere=True)]
            if not names:
                return f"not saved: no file matches {', '.join(paths)}"
            size = sum(_size(folder / name) for name in names)
            if size > self.limit_bytes:
                most = f"{self.limit_bytes / 1e6:g} MB"
                return f"not saved: {size / 1e6:.1f} MB exceed the size limit of all caches ({most})"
            digest = artifacts.archived(self.store, folder, names)
        except (SluicewayError, OSError, ValueError) as broken:
            return f"not saved: {_what(broken)}"
        entry = Entry(plan["write"], key, digest, size, time.time(), time.time())
        self.entries.save(owner.pipeline, owner.repo, entry)
        gone = cache.evict(self.entries.entries(), self.limit_bytes)
        self.entries.drop(gone)
        room = f"; {len(gone)} least recently used removed" if gone else ""
        out = f"; {len(found) - len(names)} pipes, sockets or devices left out" if len(found) > len(names) else ""
        return f"saved: {key} for {plan['write']} ({size / 1e6:.1f} MB){out}{room}"


def _size(path: Path) -> int:
    found = path.lstat()
    return 0 if stat.S_ISDIR(found.st_mode) else found.st_size


def _scopes(owner: Owner) -> Scopes:
    try:
        default = git.default_branch(owner.repo)
    except SluicewayError:
        default = ""
    return cache.scopes(owner.event.kind, owner.event.branch, owner.event.tag, default)


def _key(spec: CacheSpec, workspace: Path) -> str:
    """The key, extended by 16 hexadecimal digits of the matching files' names and contents."""
    if not spec.files:
        return spec.key
    digest = hashlib.sha256()
    wanted = tuple(map(workspace_patterns.plain, spec.files))
    for name in sorted(name for name in artifacts.files_in(workspace) if globs.matches(name, wanted)):
        path = workspace / name
        if path.is_file() and not path.is_symlink():
            digest.update(os.fsencode(f"{name}\0{path.stat().st_size}\0"))
            digest.update(path.read_bytes())
    return f"{spec.key}-{digest.hexdigest()[:16]}"


def _names(folder: Path, patterns: list[str]) -> list[str]:
    """Matching entries, relative to the job's folder."""
    names = []
    for root, wanted in (
        (HOME, [_at_home(pattern) for pattern in patterns if _is_home(pattern)]),
        (WORKSPACE, [pattern for pattern in patterns if not _is_home(pattern)]),
    ):
        if wanted:
            names += [f"{root}/{name}" for name in packing.selected(folder / root, wanted)]
    return sorted(names)


def _is_home(pattern: str) -> bool:
    return pattern.removeprefix("!") == "~" or pattern.removeprefix("!").startswith("~/")


def _at_home(pattern: str) -> str:
    """Relative to the home, still with its `!`."""
    taken = "!" if pattern.startswith("!") else ""
    return taken + (pattern.removeprefix("!").removeprefix("~").lstrip("/") or ".")


def _unpack(archive: Path, folder: Path) -> None:
    """Unpacks to a temporary folder, then moves: an interrupted restore leaves nothing.

    Links may lead anywhere, as in virtual environments; nothing is written through them.
    """
    aside = folder / ".cache"
    remove_tree(aside)
    try:
        with archive.open("rb") as packed:
            if all(member.mtime == "0" for member in members(packed)):
                raise OSError("it was saved by an older version, without times and links to folders")
            packed.seek(0)
            done = unpacking.extract(packed, aside)
        for root in (HOME, WORKSPACE):
            if (aside / root).is_dir():
                unpacking.place(aside / root, folder / root)
        inside = {name: kept for name, kept in done.folders.items() if name.startswith((f"{HOME}/", f"{WORKSPACE}/"))}
        unpacking.settle(folder, inside)
    finally:
        remove_tree(aside)


def _what(broken: Exception) -> str:
    return broken.what if isinstance(broken, SluicewayError) else packing.shown(str(broken))[:200]
