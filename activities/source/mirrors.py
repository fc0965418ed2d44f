"""Bare copies of repositories, in the home: fetched when a commit is not there yet."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from pathlib import Path

from activities.source.git import REFRESH_S, git, has, is_remote, read_file
from domain.core.errors import SluicewayError
from domain.pipelines.reference import GitReference


class Mirrors:
    """Bare copies of repositories, so that a run never depends on a working copy or a remote again."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._have: set[tuple[str, str]] = set()

    def path(self, repo: str) -> Path:
        """Where the mirror of a repository is, or would be: named by a hash of its address."""
        return self._root / (hashlib.sha256(repo.encode()).hexdigest()[:24] + ".git")

    def fetch(self, repo: str, commit: str) -> Path:
        """The mirror, with the commit in it.

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
            raise SluicewayError("SLW815", f"commit {commit[:12]} is not in {repo}", fix="push it, then start again")
        self._have.add((repo, commit))
        return mirror

    def refresh(self, repo: str) -> None:
        """Branches as they are now; as they were, when the repository cannot be asked."""
        mirror = self.path(repo)
        if (mirror / "HEAD").exists():
            with contextlib.suppress(SluicewayError):
                self._update(mirror, repo, REFRESH_S)

    def read(self, reference: GitReference) -> bytes | None:
        """A file of another repository; None when its commit has no such file.

        Raises:
            SluicewayError: SLW815 when no branch or tag of the repository leads to the commit.
        """
        return read_file(self.fetch(reference.url, reference.commit), reference.commit, reference.path)

    @staticmethod
    def _update(mirror: Path, repo: str, timeout_s: float = 300) -> None:
        """Branches and tags only: a commit that some fork of the repository brought in is not among them."""
        specs = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
        try:
            git("fetch", "-q", "--no-write-fetch-head", repo, *specs, cwd=mirror, timeout_s=timeout_s)
        except SluicewayError as failed:
            if failed.code != "SLW813":
                raise
            if is_remote(repo):
                raise SluicewayError("SLW816", f"{repo} cannot be fetched", why=failed.why, transient=True) from failed
            # a folder of this machine does not come back in a moment
            raise SluicewayError("SLW813", failed.what, where=repo, why=failed.why) from failed

    @staticmethod
    def _create(mirror: Path) -> None:
        """Made beside and renamed, so that two jobs that start at once do not meet in a half-made mirror."""
        mirror.parent.mkdir(parents=True, exist_ok=True)
        new = Path(tempfile.mkdtemp(dir=mirror.parent))
        git("init", "-q", "--bare", str(new))
        try:
            new.rename(mirror)
        except OSError:
            shutil.rmtree(new)

    def checkout(self, repo: str, commit: str, target: Path) -> None:
        """The commit's files, and nothing else: no .git folder, no leftovers."""
        mirror = self.fetch(repo, commit)
        target.mkdir(parents=True, exist_ok=True)
        index = target.parent / f".index-{target.name}"
        env = {"GIT_INDEX_FILE": str(index)}
        git("--git-dir", str(mirror), "--work-tree", str(target), "checkout", "-q", "-f", commit, "--", ".", env=env)
        index.unlink(missing_ok=True)

    def snapshot(self, folder: Path) -> tuple[str, str]:
        """A folder as it is now, uncommitted changes included, as (repository, commit) that runs can check out.

        Files that .gitignore names are left out. The same content gives the same commit.
        """
        from activities.source.snapshot import take

        repo = f"snapshot:{folder}"
        mirror = self.path(repo)
        if not (mirror / "HEAD").exists():
            self._create(mirror)
        commit = take(mirror, folder)
        self._have.add((repo, commit))
        return repo, commit
