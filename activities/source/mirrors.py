"""Bare mirrors of repositories in the home; fetched when a commit is missing."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from activities.source import views
from activities.source.git import REFRESH_S, git, has, is_remote, kind, local, read_file
from domain.core.errors import SluicewayError
from domain.pipelines.reference import GitReference

SNAPSHOT = "snapshot:"
"""Begins the address of a folder whose files, with uncommitted changes, only the mirrors of one home have."""
CHECKOUT_UMASK = 0o022
"""Whatever the worker's: a checkout ends up in images and archives that other users read."""


@dataclass(frozen=True)
class Contents:
    """What of a commit is not there when its files are."""

    links: tuple[tuple[str, str], ...]
    """Path and commit of each submodule."""
    pointers: tuple[str, ...]
    """Files whose content is in LFS, and here only its address."""


class Mirrors:
    """Bare mirrors, so that a run does not depend on a working copy or a remote."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.contents: dict[tuple[str, str], Contents] = {}
        """Repository and commit to what it has besides files: each job of a commit would look again."""
        self._have: set[tuple[str, str]] = set()

    def path(self, repo: str) -> Path:
        """The path of a repository's mirror, named by a hash of its address."""
        return self._root / (hashlib.sha256(repo.encode()).hexdigest()[:24] + ".git")

    def fetch(self, repo: str, commit: str) -> Path:
        """The mirror, after fetching if the commit is missing.

        Raises:
            SluicewayError: the repository does not have the commit.
        """
        mirror = self.path(repo)
        if (repo, commit) in self._have:
            return mirror
        if not (mirror / "HEAD").exists():
            self._create(mirror)
        if not has(mirror, commit):
            self._update(mirror, repo)
        if not has(mirror, commit):
            if what := kind(mirror, commit):
                raise SluicewayError("SLW818", f"{commit[:12]} is a {what}, not a commit", where=repo)
            raise SluicewayError("SLW815", f"commit {commit[:12]} is not in {repo}", fix="push it, then start again")
        self._have.add((repo, commit))
        return mirror

    def refresh(self, repo: str) -> None:
        """Updates the branches; keeps the old state when the repository is unreachable."""
        mirror = self.path(repo)
        if (mirror / "HEAD").exists():
            with contextlib.suppress(SluicewayError):
                self._update(mirror, repo, REFRESH_S)

    def fetch_head(self, folder: str) -> None:
        """What is checked out in a folder of this machine, whether or not a branch has it."""
        mirror = self.path(folder)
        if not (mirror / "HEAD").exists():
            self._create(mirror)
        _fetch(mirror, folder, "+HEAD:refs/sluiceway/head")

    def read(self, reference: GitReference) -> bytes | None:
        """A file of another repository; None when its commit has no such file.

        Raises:
            SluicewayError: SLW815 when no branch or tag of the repository contains the commit.
        """
        return read_file(self.fetch(reference.url, reference.commit), reference.commit, reference.path)

    @staticmethod
    def _update(mirror: Path, repo: str, timeout_s: float = 300) -> None:
        """Fetches branches and tags only: commits that exist only in forks are not included."""
        if repo.startswith(SNAPSHOT):  # to git it would be the path of an ssh host
            folder = repo.removeprefix(SNAPSHOT)
            raise SluicewayError("SLW819", f"the snapshot of {folder} is not in this home", where=str(mirror.parent))
        specs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        try:
            _fetch(mirror, repo, *specs, timeout_s=timeout_s)
        except SluicewayError as failed:
            if failed.code != "SLW813":
                raise
            if is_remote(repo):
                raise SluicewayError("SLW816", f"{repo} cannot be fetched", why=failed.why, transient=True) from failed
            # retrying a local folder is pointless
            raise SluicewayError("SLW813", failed.what, where=repo, why=failed.why) from failed

    @staticmethod
    def _create(mirror: Path) -> None:
        """Created in a temporary folder and renamed, so that parallel jobs never see an incomplete mirror."""
        mirror.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=mirror.parent))
        git("init", "-q", "--bare", str(new), cwd=new)
        try:
            new.rename(mirror)
        except OSError:
            shutil.rmtree(new)

    def checkout(self, repo: str, commit: str, target: Path) -> None:
        """The commit's files only, readable by all: no .git folder, no leftovers, no submodules, and LFS files as
        pointers. `activities.source.checkouts` has the rest.
        """
        from activities.source.checkouts import check_out

        check_out(self, repo, commit, target)

    def snapshot(self, folder: Path) -> tuple[str, str]:
        """A folder with its uncommitted changes, as (repository, commit) that runs can check out.

        Ignored files are left out. The same content gives the same commit.
        """
        from activities.source.snapshot import take

        repo = f"{SNAPSHOT}{folder}"
        mirror = self.path(repo)
        if not (mirror / "HEAD").exists():
            self._create(mirror)
        commit = take(mirror, folder)
        self._have.add((repo, commit))
        return repo, commit


def _fetch(mirror: Path, address: str, *specs: str, timeout_s: float = 300) -> None:
    """A folder of this machine is fetched from without its settings, which would run in git's other half."""
    command = ("--git-dir", str(mirror), "fetch", "-q", "--no-write-fetch-head", "--no-recurse-submodules")
    if folder := local(address):
        with views.opened(folder, address=True) as (view, _):
            git(*command, str(view), *specs, cwd=mirror, timeout_s=timeout_s)
    else:
        git(*command, "--", address, *specs, cwd=mirror, timeout_s=timeout_s, remote=True)
