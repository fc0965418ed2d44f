"""Files of a branch are replaced by a commit of ours, in a repository of ours that has nothing else of the branch.

Nothing of it is checked out, so its attributes, hooks and links do nothing. Whoever pushes in between is kept: the
commit is made again on top of theirs.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from activities.source import git as repositories
from activities.source import views
from activities.source.running import git
from domain.core.errors import SluicewayError
from domain.releases.outcome import MOST_BYTES, GitOutcome, Released, message

TRIES = 5
"""Pushes by others in between."""
FETCH_S, PUSH_S = 25.0, 20.0
_RACED = re.compile(r"\((fetch first|non-fast-forward|stale info)\)|cannot lock ref|reference already exists")
_REFUSED = re.compile(r"\[remote rejected\]|protected branch|denied|not allowed|pre-receive hook declined", re.I)
WHO = "Sluiceway <sluiceway@localhost>"


class RefusedPushError(Exception):
    """The repository does not take it; another try would change nothing."""


@dataclass(frozen=True)
class Pushed:
    """What the branch has of it now."""

    commit: str = ""
    """Empty: nothing of it."""
    left: tuple[str, ...] = ()
    """Paths of the files that a later release has."""


def push(where: GitOutcome, files: Mapping[str, Released], release: str, newest: Callable[[Released], bool]) -> Pushed:
    """One commit for all files, of now or of an earlier try. `files`: path to what it says.

    `newest` is asked after each fetch: a later release that writes from then on makes the push too late.

    Raises:
        RefusedPushError: a protected branch, a hook, or a file that is none. Nothing is written then.
        SluicewayError: the repository cannot be reached.
    """
    if folder := repositories.local(where.repository):
        views.check_owner(views.located(folder, within=False))
    with tempfile.TemporaryDirectory(prefix="sluiceway-outcome-") as made:
        repo = Path(made) / "repo"
        git("init", "-q", "--bare", str(repo), cwd=Path(made))
        for _ in range(TRIES):
            parent = _fetched(repo, where)
            new = {path: one for path, one in files.items() if _file(repo, parent, path) != one.document()}
            left = tuple(path for path, one in new.items() if not newest(one))
            due = {path: one for path, one in new.items() if path not in left}
            if not due:
                return Pushed(parent if len(left) < len(files) else "", left)
            commit = _commit(repo, parent, due, release)
            if _pushed(repo, where, commit):
                return Pushed(commit, left)
    raise SluicewayError("SLW813", f"{where.branch} moves too fast", where=where.repository, transient=True)


def _fetched(repo: Path, where: GitOutcome) -> str:
    ref = f"refs/heads/{where.branch}"
    asked = ("fetch", "-q", "--no-tags", "--depth=1", "--end-of-options", where.repository, f"+{ref}:{ref}")
    try:
        git(*asked, cwd=repo, timeout_s=FETCH_S, remote=True)
    except SluicewayError as failed:
        if "couldn't find remote ref" in failed.why:
            raise RefusedPushError(f"there is no branch {where.branch}") from failed
        raise
    return git("rev-parse", "--verify", ref, cwd=repo).decode().strip()


def _file(repo: Path, commit: str, path: str) -> bytes:
    """Its content; empty: there is none.

    Raises:
        RefusedPushError: something else stands there.
    """
    said = git("ls-tree", "-l", "-z", commit, "--", f":(literal){path}", cwd=repo).decode("utf-8", "replace")
    if not said:
        return b""
    mode, kind, blob, size = said.split("\t")[0].split()
    if kind != "blob" or mode not in ("100644", "100755") or int(size) > MOST_BYTES:
        raise RefusedPushError("what stands there is no such file")
    return git("cat-file", "blob", blob, cwd=repo)


def _commit(repo: Path, parent: str, files: Mapping[str, Released], release: str) -> str:
    text, one = repo / "message", next(iter(files.values()))
    text.write_text(message(list(files.values()), release), encoding="utf-8")
    name, _, address = WHO.partition(" <")
    about = {"NAME": name, "EMAIL": address.rstrip(">"), "DATE": f"{int(one.at)} +0000"}
    env = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in about.items()}
    env["GIT_INDEX_FILE"] = str(repo / "index.outcome")
    git("read-tree", parent, cwd=repo, env=env)
    for path, released in files.items():
        _add(repo, path, released.document(), env)
    tree = git("write-tree", cwd=repo, env=env).decode().strip()
    return git("commit-tree", tree, "-p", parent, "-F", str(text), cwd=repo, env=env).decode().strip()


def _add(repo: Path, path: str, document: bytes, env: dict[str, str]) -> None:
    content = repo / "content"
    content.write_bytes(document)
    blob = git("hash-object", "-w", "--no-filters", str(content), cwd=repo).decode().strip()
    try:
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", cwd=repo, env=env)
    except SluicewayError as failed:  # a folder of its path is a file or a link
        raise RefusedPushError("a folder of its path is none") from failed


def _pushed(repo: Path, where: GitOutcome, commit: str) -> bool:
    """False: somebody has pushed in between."""
    to = f"{commit}:refs/heads/{where.branch}"
    try:
        git(
            "push",
            "-q",
            "--no-verify",
            "--end-of-options",
            where.repository,
            to,
            cwd=repo,
            timeout_s=PUSH_S,
            remote=True,
        )
    except SluicewayError as failed:
        if _RACED.search(failed.why):
            return False
        if _REFUSED.search(failed.why):
            raise RefusedPushError(" ".join(failed.why.split())[:300]) from failed
        raise
    return True
