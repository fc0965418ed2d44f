"""What a repository's default branch is, and what stands on it: only its scans say what is old."""

from __future__ import annotations

import time
from dataclasses import dataclass

from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError

_REMOTE_S, _LOCAL_S = 10.0, 1.0
"""How long an answer is believed: a scan asks several times, which takes a connection or a process each."""
_asked: dict[str, tuple[float, str]] = {}
"""Address to when it was asked, and its answer."""


def default_branch(repo: str) -> str:
    """Empty when the repository has none, or cannot be read."""
    if not repo:
        return ""
    now = time.monotonic()
    at, known = _asked.get(repo, (0.0, ""))
    if known and now - at < (_REMOTE_S if git.is_remote(repo) else _LOCAL_S):
        return known
    try:
        found = git.default_branch(repo)
    except SluicewayError:
        return ""
    _asked[repo] = now, found
    return found


@dataclass(frozen=True)
class Branches:
    """Asks the mirrors. What cannot be found out is no."""

    mirrors: Mirrors

    def has(self, repo: str, branch: str, commit: str) -> bool:
        """Whether a branch contains a commit: a run may claim any branch for what it was started with."""
        try:
            mirror = self.mirrors.fetch(repo, commit)
        except SluicewayError:
            return False
        if git.is_ancestor(mirror, commit, f"refs/heads/{branch}"):
            return True
        self.mirrors.refresh(repo)  # the commit was known before the branch had it
        return git.is_ancestor(mirror, commit, f"refs/heads/{branch}")

    def is_older(self, repo: str, branch: str, commit: str, than: str) -> bool:
        """Whether a commit stands before another one on a branch: a run of it again says nothing about today."""
        if commit == than:
            return False
        return git.is_ancestor(self.mirrors.path(repo), commit, than) and self.has(repo, branch, than)
