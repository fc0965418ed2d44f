"""Caches of jobs: restored before the first step, saved after the last. Best effort: no error here fails a job."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

from activities.jobs.cache_store import CacheStore
from activities.source import git
from activities.storage import artifacts
from activities.storage.port import Store
from domain.core import globs
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
        except (SluicewayError, tarfile.TarError, OSError) as broken:
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
        names = _names(folder, paths)
        if not names:
            return f"not saved: no file matches {', '.join(paths)}"
        size = sum((folder / name).lstat().st_size for name in names)
        if size > self.limit_bytes:
            return f"not saved: {size / 1e6:.1f} MB exceed the size limit of all caches ({self.limit_bytes / 1e6:g} MB)"
        try:
            digest = artifacts.archived(self.store, folder, names)
        except (SluicewayError, OSError) as broken:
            return f"not saved: {_what(broken)}"
        entry = Entry(plan["write"], key, digest, size, time.time(), time.time())
        self.entries.save(owner.pipeline, owner.repo, entry)
        gone = cache.evict(self.entries.entries(), self.limit_bytes)
        self.entries.drop(gone)
        room = f"; {len(gone)} least recently used removed" if gone else ""
        return f"saved: {key} for {plan['write']} ({size / 1e6:.1f} MB){room}"


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
    for name in sorted(name for name in artifacts.files_in(workspace) if globs.matches(name, spec.files)):
        path = workspace / name
        if path.is_file() and not path.is_symlink():
            digest.update(f"{name}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
    return f"{spec.key}-{digest.hexdigest()[:16]}"


def _names(folder: Path, patterns: list[str]) -> list[str]:
    """Matching files, relative to the job's folder."""
    names = []
    for root, wanted in (
        (HOME, [pattern[2:] for pattern in patterns if pattern.startswith("~/")]),
        (WORKSPACE, [pattern for pattern in patterns if not pattern.startswith("~/")]),
    ):
        inside = artifacts.folders(folder / root, tuple(wanted))
        names += [f"{root}/{name}" for name in artifacts.files_in(folder / root) if globs.matches(name, inside)]
    return sorted(names)


def _unpack(archive: Path, folder: Path) -> None:
    """Unpacks to a temporary folder, then moves: an interrupted restore leaves nothing."""
    aside = folder / ".cache"
    shutil.rmtree(aside, ignore_errors=True)
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(aside, filter=_checked)  # noqa: S202  (the filter is the check)
        for root in (HOME, WORKSPACE):
            if (aside / root).is_dir():
                _place(aside / root, folder / root)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _place(source: Path, target: Path) -> None:
    """Moves files into place, never through a link of the checkout."""
    for path in source.iterdir():
        there = target / path.name
        if path.is_dir() and not path.is_symlink():
            if there.is_symlink() or there.is_file():
                there.unlink()
            there.mkdir(exist_ok=True)
            _place(path, there)
        else:
            if there.is_dir() and not there.is_symlink():
                shutil.rmtree(there)
            path.replace(there)


def _checked(member: tarfile.TarInfo, target: str) -> tarfile.TarInfo | None:
    """Like the filter `data`, but links may point anywhere, as in virtual environments; nothing is written through
    them.
    """
    if member.issym():
        return tarfile.tar_filter(member, target)
    return tarfile.data_filter(member, target)


def _what(broken: Exception) -> str:
    return broken.what if isinstance(broken, SluicewayError) else str(broken)[:200]
