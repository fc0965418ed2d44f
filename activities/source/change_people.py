"""The addresses of everybody who made the commits of a change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.source.git import git, has
from domain.core.errors import RefusedError

MAX_COMMITS = 2_000
MAX_PEOPLE = 300
LIMIT_S = 60.0
NOBODY = "(no address)"
_CO_AUTHOR = re.compile(r"^\s*co-authored-by\s*:(.*)$", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"<([^<>]*)>")
_FORMAT = "--format=%ae%x00%ce%x00%B"


@dataclass(frozen=True)
class CommitPeople:
    """Addresses in lower case, each once."""

    authors: tuple[str, ...] = ()
    """Co-authors included."""
    committers: tuple[str, ...] = ()


def read(mirror: Path, head: str, after: Sequence[str], reviewed: Sequence[str] = ()) -> CommitPeople:
    """Of the commits that `head` has and one of `after` has not, and of `head` itself; without `after`: of all.

    `reviewed`: commits whose history is left out; those that the repository does not have are passed over.

    Raises:
        RefusedError: SLW065, there are too many commits or people, or the history was cut.
    """
    if (mirror / "shallow").exists():
        raise RefusedError("SLW065", "the history was cut (a shallow clone)", fix="git fetch --unshallow")
    left_out = [f"^{commit}" for commit in reviewed if has(mirror, commit)]
    authors: dict[str, None] = {}
    committers: dict[str, None] = {}
    for known in after or ("",):
        wanted = [head, *left_out, *([f"^{known}"] if known else [])]
        count = int(git("rev-list", "--count", *wanted, "--", cwd=mirror, timeout_s=LIMIT_S))
        if count > MAX_COMMITS:
            raise RefusedError("SLW065", f"the change has {count:,} commits, and at most {MAX_COMMITS:,} are looked at")
        for one in (wanted, ["--no-walk", head]):
            for author, committer, message in _commits(mirror, one):
                authors.update(dict.fromkeys((author, *_co_authors(message))))
                committers[committer] = None
    if len(authors) + len(committers) > MAX_PEOPLE:
        count = len(authors) + len(committers)
        raise RefusedError("SLW065", f"the change has {count:,} people, and at most {MAX_PEOPLE:,} are looked at")
    return CommitPeople(tuple(authors), tuple(committers))


def tree_of(mirror: Path, commit: str) -> str:
    """The id of a commit's files."""
    return git("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}", cwd=mirror).decode().strip()


def _commits(mirror: Path, wanted: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    env = {"GIT_NO_REPLACE_OBJECTS": "1"}
    command = ("log", "-z", "--no-show-signature", "--no-mailmap", "--no-notes", _FORMAT, *wanted, "--")
    fields = git(*command, cwd=mirror, env=env, timeout_s=LIMIT_S).decode("utf-8", "replace").split("\0")
    for index in range(0, len(fields) - 2, 3):
        author, committer, message = fields[index : index + 3]
        yield _normal(author), _normal(committer), message


def _co_authors(message: str) -> Iterator[str]:
    """Wherever the line stands: people are named by it, whatever git takes for the last paragraph."""
    for line in _CO_AUTHOR.findall(message):
        found = _ADDRESS.findall(line)
        yield from map(_normal, found or [line])


def _normal(address: str) -> str:
    return address.strip().casefold()[:320] or NOBODY
