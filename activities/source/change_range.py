"""What changed between two commits: the commits with their authors, and the files. Bounded, with the whole counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from activities.source import git
from domain.core.errors import SluicewayError

MAX_COMMITS = 50
MAX_FILES = 100
_UNIT, _END = "\x1f", "\0"


@dataclass(frozen=True)
class RangeCommit:
    """One commit, as its author wrote it."""

    sha: str
    author: str
    """`Name <address>`"""
    subject: str


@dataclass(frozen=True)
class ChangedFile:
    """Lines added and removed; -1: it is no text."""

    path: str
    added: int
    removed: int


@dataclass(frozen=True, kw_only=True)
class ChangeRange:
    """The way from `base` to `head`."""

    base: str = ""
    """Empty: there is nothing to compare with."""
    head: str = ""
    commits: tuple[RangeCommit, ...] = ()
    """Newest first, the first of `commit_count`."""
    commit_count: int = 0
    authors: tuple[str, ...] = ()
    """Of all commits, by name."""
    files: tuple[ChangedFile, ...] = ()
    """By path, the first of `file_count`."""
    file_count: int = 0
    unknown: str = ""
    """Why the range cannot be shown."""


def between(repo: Path, base: str, head: str) -> ChangeRange:
    """The range `base..head` of a repository; of `head` alone without a base that the repository has."""
    known = bool(base) and git.has(repo, base)
    span = f"{base}..{head}" if known else head
    limit = MAX_COMMITS if known else 1
    said = git.read("log", f"--max-count={limit}", "-z", f"--format=%H{_UNIT}%an <%ae>{_UNIT}%s", span, "--", repo=repo)
    authors = git.read(
        "log", "-z", "--format=%an <%ae>", f"--max-count={10_000 if known else 1}", span, "--", repo=repo
    )
    commits = [RangeCommit(*entry.split(_UNIT, 2)) for entry in _split(said)]
    files = _files(repo, base, head) if known else []
    return ChangeRange(
        base=base if known else "",
        head=head,
        commits=tuple(commits),
        commit_count=int(git.read("rev-list", "--count", span, "--", repo=repo)) if known else len(commits),
        authors=tuple(sorted(set(_split(authors)))),
        files=tuple(files[:MAX_FILES]),
        file_count=len(files),
        unknown="" if known or not base else f"commit {base[:12]}, which is live, is not in the repository",
    )


def of_mirror(fetch: Path, base: str, head: str) -> ChangeRange:
    """As `between`; what git says against it becomes `unknown`."""
    try:
        return between(fetch, base, head)
    except (SluicewayError, ValueError) as broken:
        return ChangeRange(base=base, head=head, unknown=str(broken)[:300])


def _files(repo: Path, base: str, head: str) -> list[ChangedFile]:
    said = git.read("diff", "--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", base, head, repo=repo)
    return [_file(*entry.split("\t", 2)) for entry in _split(said)]


def _file(added: str, removed: str, path: str) -> ChangedFile:
    return ChangedFile(path, -1 if added == "-" else int(added), -1 if removed == "-" else int(removed))


def _split(said: bytes) -> list[str]:
    return [entry for entry in said.decode("utf-8", "replace").split(_END) if entry]
