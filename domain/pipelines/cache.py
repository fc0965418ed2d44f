"""Caches: which entries a job may read, where it may write, and which entries are evicted.

An entry belongs to a scope and is immutable. A pull request reads entries of the default branch and writes none there:
jobs of the default branch must not consume what an untrusted change has stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.triggers.events import EventKind

MANUAL = "manual/"


@dataclass(frozen=True)
class CacheSpec:
    """A cache that a job restores before its steps and saves after them."""

    key: str
    paths: tuple[str, ...]
    """Patterns in the workspace, or in the job's home when they begin with `~/`."""
    files: tuple[str, ...] = ()
    """Patterns in the workspace; a hash of the matching files' names and bytes is appended to the key."""
    fallbacks: tuple[str, ...] = ()
    """Key prefixes, tried in order; the newest matching entry counts."""


@dataclass(frozen=True)
class Scopes:
    """The scopes whose entries a run may read, and the one it saves to."""

    read: tuple[str, ...]
    """Looked up in this order."""
    write: str = ""
    """Empty: nothing is saved, for the reason given."""
    reason: str = ""


@dataclass(frozen=True)
class Entry:
    """One saved cache, as listed in the records."""

    scope: str
    key: str
    digest: str
    size_bytes: int
    made_at: float
    used_at: float
    """Both in seconds since the epoch."""


@dataclass(frozen=True)
class Lookup:
    """The entry for a key, and why; `exact` is false for a fallback match or a miss."""

    entry: Entry | None
    exact: bool
    reason: str


def scopes(kind: EventKind, branch: str, tag: str, default: str) -> Scopes:
    """The cache scopes of a run. `default`: the repository's default branch; empty: unknown."""
    trusted = f"branch/{default}" if default else ""
    if kind is EventKind.PULL_REQUEST:
        return Scopes(_without_empty(trusted), "", "pull requests do not write caches")
    if tag:
        return Scopes(_without_empty(f"tag/{tag}", trusted), f"tag/{tag}")
    own = f"branch/{branch}" if branch else ""
    if kind is EventKind.MANUAL:  # uncommitted changes may be in it
        return Scopes(_without_empty(MANUAL + branch, own, trusted), MANUAL + branch)
    if not own:
        return Scopes(_without_empty(trusted), "", "it belongs to no branch")
    return Scopes(_without_empty(own, trusted), own)


def _without_empty(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def lookup(entries: Iterable[Entry], read: Sequence[str], key: str, fallbacks: Sequence[str]) -> Lookup:
    """The exact key in any readable scope, else the newest entry of the first fallback that matches."""
    by_scope: dict[str, list[Entry]] = {scope: [] for scope in read}
    for entry in entries:
        if entry.scope in by_scope:
            by_scope[entry.scope].append(entry)
    for scope in read:
        for entry in by_scope[scope]:
            if entry.key == key:
                return Lookup(entry, True, f"hit: {key} of {scope}")
    for beginning in fallbacks:
        for scope in read:
            found = [entry for entry in by_scope[scope] if entry.key.startswith(beginning)]
            if found:
                newest = max(found, key=lambda entry: (entry.made_at, entry.key))
                return Lookup(newest, False, f"partial hit: {newest.key} of {scope}, because {key} does not exist")
    where = ", ".join(read) or "no scope"
    tried = f", and no key starts with {' or '.join(fallbacks)}" if fallbacks else ""
    return Lookup(None, False, f"miss: {key} is not in {where}{tried}")


def evict(entries: Iterable[Entry], limit_bytes: int) -> list[Entry]:
    """The entries to evict so that the rest fits, least recently used first."""
    by_use = sorted(entries, key=lambda entry: (entry.used_at, entry.made_at, entry.key))
    total, gone = sum(entry.size_bytes for entry in by_use), []
    for entry in by_use:
        if total <= limit_bytes:
            break
        gone.append(entry)
        total -= entry.size_bytes
    return gone
