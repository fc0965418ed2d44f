"""Snapshots a folder with its uncommitted changes as a commit in a mirror. Reproducible for the same content."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

from activities.core.files import write_atomically
from activities.source.git import NO_LFS, git, git_folder, read
from activities.source.views import located
from domain.core.errors import SluicewayError

_IDENTITY = {
    "GIT_AUTHOR_NAME": "working tree",
    "GIT_AUTHOR_EMAIL": "working-tree@localhost",
    "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "working tree",
    "GIT_COMMITTER_EMAIL": "working-tree@localhost",
    "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z",
}


def take(mirror: Path, folder: Path) -> str:
    """The commit. Ignored files are left out, unless they are tracked; without git `.gitignore` hides nothing.

    An unchanged folder costs one git call.
    """
    memory = mirror / "snapshot.json"
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch, "index")
        env = {**_IDENTITY, "GIT_INDEX_FILE": str(index)}
        at = ("--git-dir", str(mirror), "--work-tree", str(folder))
        whole = () if in_repository(folder) else ("-f",)
        # in a git directory of ours: no setting of it counts
        git(*NO_LFS, *at, "add", "-A", *whole, "--", ".", env=env, cwd=folder)
        state = _state(index, folder)
        if known := _known(memory, state):
            return known
        if hidden := _tracked_and_ignored(folder):  # tracked files count even when .gitignore matches them
            listed = Path(scratch, "hidden")
            listed.write_bytes(hidden)
            git(*NO_LFS, *at, "add", "-f", f"--pathspec-from-file={listed}", "--pathspec-file-nul", env=env, cwd=folder)
        tree = git(*at, "write-tree", env=env, cwd=mirror).decode().strip()
        commit = git(*at, "commit-tree", tree, "-m", f"working tree of {folder}", env=env, cwd=mirror).decode().strip()
    git("--git-dir", str(mirror), "update-ref", f"refs/heads/snapshot-{commit[:12]}", commit, cwd=mirror)
    if not hidden:  # their content is in no index that this reads
        write_atomically(memory, json.dumps({"state": state, "commit": commit}))
    return commit


def in_repository(folder: Path) -> bool:
    """Whether it lies in a work tree of git.

    Raises:
        SluicewayError: SLW070, what it names as its repository does not name it.
    """
    try:
        return located(folder.resolve()).top is not None
    except SluicewayError as none:
        if none.code != "SLW813":
            raise
        return False


def ignored(mirror: Path, folder: Path, commit: str) -> int:
    """How many files of the folder a snapshot has left out because `.gitignore` names them."""
    with tempfile.TemporaryDirectory() as scratch:
        env = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        at = ("--git-dir", str(mirror), "--work-tree", str(folder))
        git(*at, "read-tree", commit, env=env, cwd=mirror)
        listed = git(*at, "ls-files", "-z", "-o", "-i", "--exclude-standard", env=env, cwd=folder)
    return listed.count(b"\0")


def _state(index: Path, folder: Path) -> str:
    """What a snapshot depends on: names, contents and times of files, and the tracked ones."""
    digest = hashlib.sha256(index.read_bytes() if index.exists() else b"")
    with contextlib.suppress(OSError, SluicewayError):
        tracked = os.stat(git_folder(folder) / "index")
        digest.update(f"{tracked.st_mtime_ns} {tracked.st_size} {tracked.st_ino}".encode())
    return digest.hexdigest()


def _known(memory: Path, state: str) -> str:
    """The last snapshot's commit, if nothing has changed; otherwise empty."""
    try:
        last = json.loads(memory.read_text())
        commit = str(last["commit"]) if last["state"] == state else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return commit


def _tracked_and_ignored(folder: Path) -> bytes:
    """Existing tracked files that are ignored, each terminated by a zero byte; empty outside a repository."""
    try:
        listed = ("ls-files", "-z", "--cached", "--ignored", "--exclude-standard", "--", ".")
        names = read(*listed, repo=folder, work_tree=True)
    except SluicewayError:
        return b""
    there = [name for name in names.split(b"\0") if name and os.path.lexists(os.path.join(os.fsencode(folder), name))]
    return b"".join(name + b"\0" for name in there)
