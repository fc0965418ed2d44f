"""git as a subprocess: a local mirror per repository, clean checkouts of exact commits, files of a commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from domain.core.errors import DefinitionError, SluicewayError

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_REMOTE = re.compile(r"(https?|ssh|git)://|[\w.-]+@[\w.-]+:")
_ZERO = re.compile(r"0+\Z")
PROTOCOLS = "file:git:http:https:ssh"
"""Not ext, which runs a command from the address."""
NO_LFS = (
    *("-c", "filter.lfs.process=", "-c", "filter.lfs.smudge=", "-c", "filter.lfs.clean="),
    *("-c", "filter.lfs.required=false"),
)
"""Options: files as they are, whatever this machine's own settings of git-lfs."""
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

_OWNED = re.compile(r"detected dubious ownership in repository at '([^']+)'")
REFRESH_S = 20.0
"""Limit for updating a known repository; on timeout, the known state is used."""
_CHANGED = re.compile(rb"^(?!0\t0\t)\d+\t\d+\t", re.M)
"""A --numstat line of a text file; binary files have dashes."""


@dataclass(frozen=True)
class Commit:
    """Author and message of a commit."""

    sha: str
    author: str
    """`Name <address>`"""
    committer: str
    message: str


def git(
    *arguments: str,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    timeout_s: float = 300,
    umask: int = -1,
) -> bytes:
    """The output of a git command, without prompts, our hooks, or user configuration.

    `umask`: of the files that it writes; -1: this process's own.

    Raises:
        SluicewayError: git failed; its message is kept.
    """
    command = ["git", "-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", *arguments]
    environment = {**_clean_env(), **(env or {})}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, timeout=timeout_s, check=False, umask=umask
        )
    except (FileNotFoundError, NotADirectoryError):
        if cwd is not None and not cwd.is_dir():
            raise SluicewayError("SLW813", "the folder does not exist", where=str(cwd)) from None
        raise SluicewayError("SLW811", "git is not installed", fix="install git") from None
    except subprocess.TimeoutExpired:
        what = f"git {arguments[0]} took longer than {timeout_s:.0f} s"
        raise SluicewayError("SLW812", what, transient=True) from None
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip()
        if owned := _OWNED.search(words):
            raise _foreign(owned.group(1), words)
        what = f"git {' '.join(arguments[:2])} failed"
        raise SluicewayError("SLW813", what, why=words or "git printed nothing", transient=True)
    return done.stdout


def _foreign(folder: str, words: str) -> SluicewayError:
    """`safe.directory=*` reaches our own commands, and not those that git starts in the other repository."""
    fix = f"as the user of the engine: git config --global --add safe.directory {folder}; or give them the folder"
    return SluicewayError("SLW817", "the repository's folder belongs to another user", where=folder, why=words, fix=fix)


def _clean_env() -> dict[str, str]:
    """Hooks set GIT_DIR and more, which would redirect our commands."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": PROTOCOLS, "LC_ALL": "C.UTF-8"}


def is_remote(repo: str) -> bool:
    """Whether an address is remote, ssh's `HOST:PATH` included."""
    return bool(_REMOTE.match(repo))


def resolve(repo: Path, revision: str) -> str:
    """The full id of a commit.

    Raises:
        SluicewayError: the commit does not exist.
    """
    return git("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}", cwd=repo).decode().strip()


def has(repo: Path, commit: str) -> bool:
    """Whether the repository has the commit.

    Raises:
        SluicewayError: SLW814, the text is not a commit id.
    """
    try:
        git("cat-file", "-e", f"{_checked(commit)}^{{commit}}", cwd=repo)
    except SluicewayError as missing:
        if missing.code in ("SLW814", "SLW817"):
            raise
        return False
    return True


def remote_refs(address: str) -> dict[str, str]:
    """Branches and tags of a local or remote repository, to their object ids.

    Raises:
        SluicewayError: SLW816 or SLW813, it cannot be reached.
    """
    try:
        out = git("ls-remote", "--heads", "--tags", "--refs", "--end-of-options", address, timeout_s=60).decode()
    except SluicewayError as failed:
        if failed.code == "SLW817":
            raise
        code = "SLW816" if failed.code == "SLW813" else failed.code
        raise SluicewayError(code, f"{address} cannot be read", why=failed.why, transient=True) from failed
    return {ref: sha for sha, _, ref in (line.partition("\t") for line in out.splitlines())}


def describe(repo: Path, commit: str) -> Commit:
    """Author, committer and message; the message without surrounding space."""
    fields = git("show", "-s", "--format=%an <%ae>%x00%cn <%ce>%x00%B", _checked(commit), "--", cwd=repo)
    author, committer, message = fields.decode("utf-8", "replace").split("\0", 2)
    return Commit(commit, author, committer, message.strip())


def committed_at(repo: Path, commit: str) -> int:
    """When a commit was made; seconds since the epoch."""
    return int(git("show", "-s", "--no-show-signature", "--format=%ct", _checked(commit), "--", cwd=repo))


def git_folder(root: Path) -> Path:
    """The git directory of a repository; that of a worktree is elsewhere."""
    entry = root / ".git"
    if entry.is_file():
        return root / entry.read_text().removeprefix("gitdir:").strip()
    return entry


def top_of(file: Path) -> Path | None:
    """The root of the repository that contains a file, found without git; None: not in a repository."""
    for folder in file.parents:
        entry = folder / ".git"
        if entry.is_file() or (entry / "HEAD").is_file():
            return folder
    return None


def head(root: Path) -> tuple[Commit, str] | None:
    """The checked-out commit and branch of a folder; None without a commit."""
    try:
        fields = git(
            "log", "-1", "--no-show-signature", "--format=%H%x00%an <%ae>%x00%cn <%ce>%x00%B", "HEAD", cwd=root
        )
    except SluicewayError:
        return None
    sha, author, committer, message = fields.decode("utf-8", "replace").split("\0", 3)
    return Commit(sha, author, committer, message.strip()), branch(root)


def branch(root: Path) -> str:
    """The checked-out branch of a folder; empty when there is none."""
    try:
        ref = (git_folder(root) / "HEAD").read_text().strip()
        if ref == "ref: refs/heads/.invalid":  # another ref format: only git can read it
            ref = f"ref: {git('symbolic-ref', '-q', 'HEAD', cwd=root).decode().strip()}"
    except (OSError, SluicewayError):
        return ""
    return ref.removeprefix("ref: refs/heads/") if ref.startswith("ref: refs/heads/") else ""


def kind(repo: Path, id_: str) -> str:
    """`commit`, `tree` or `blob`: what an object is, or what its tag names; empty: there is no such object."""
    try:
        return git("cat-file", "-t", f"{_checked(id_)}^{{}}", cwd=repo).decode().strip()
    except SluicewayError as missing:
        if missing.code != "SLW813":
            raise
        return ""


def read_file(repo: Path, commit: str, path: str) -> bytes | None:
    """A file at a commit; None when it does not exist.

    Raises:
        DefinitionError: SLW601, it is a symbolic link, whose content would be read as the file's.
    """
    try:
        data = git("cat-file", "blob", f"{_checked(commit)}:{path}", cwd=repo)
    except SluicewayError:
        return None
    if b"\n" not in data and any(entry.odd for entry in entries(repo, commit, f":(top,literal){path}")):
        fix = "replace the link by the file, or name the file that it leads to"
        raise DefinitionError("SLW601", f"{path} is a symbolic link, not a file", fix=fix)
    return data


def commits_with_text(repo: Path) -> int:
    """Number of ancestors of HEAD that changed text, without merges and pure deletions."""
    options = ("--no-merges", "--diff-filter=d", "--numstat", "--format=%x00")
    told = git("log", *options, "HEAD", cwd=repo, timeout_s=3_600).split(b"\0")
    return sum(_CHANGED.search(commit) is not None for commit in told)


def history(repo: Path, commit: str, folder: Path) -> Path:
    """A repository with the history of a commit, borrowing objects from another one, without its settings.

    Overrides the repository's attributes: `*.py -diff` would hide changes.
    """
    common = Path(git("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=repo).decode().strip())
    git("init", "-q", "--bare", str(folder))
    (folder / "objects" / "info" / "alternates").write_text(f"{common / 'objects'}\n")
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / "attributes").write_text("* !diff !binary !text !filter !working-tree-encoding\n")
    if (common / "shallow").exists():
        shutil.copyfile(common / "shallow", folder / "shallow")
    git("update-ref", "refs/heads/scanned", _checked(commit), cwd=folder)
    git("symbolic-ref", "HEAD", "refs/heads/scanned", cwd=folder)
    return folder


def list_files(repo: Path, commit: str, *patterns: str) -> list[str]:
    """Names in a commit, optionally those that match pathspecs; relative to the repository's root."""
    out = git("ls-tree", "-r", "-z", "--name-only", _checked(commit), "--", *patterns, cwd=repo)
    return [name for name in out.decode("utf-8", "surrogateescape").split("\0") if name]


@dataclass(frozen=True)
class Entry:
    """A name in a commit, and what it is."""

    name: bytes
    mode: str

    @property
    def odd(self) -> str:
        """What it is, unless it is a file; empty: it is one."""
        return {"120000": "a symbolic link", "160000": "a submodule"}.get(self.mode, "")


def entries(repo: Path, commit: str, *patterns: str) -> list[Entry]:
    """Everything but folders in a commit, optionally what matches pathspecs; relative to the repository's root."""
    out = git("ls-tree", "-r", "-z", "--full-tree", _checked(commit), "--", *patterns, cwd=repo)
    fields = (line.partition(b"\t") for line in out.split(b"\0") if line)
    return [Entry(name, about.split()[0].decode()) for about, _, name in fields]


def differing(folder: Path, revision: str) -> list[str]:
    """Paths below a folder that differ from a commit, including uncommitted and new files.

    Raises:
        SluicewayError: unknown commit, or the folder is not in a repository.
    """
    commit = resolve(folder, revision)
    changed = git("diff", "--name-only", "-z", "--relative", "--no-ext-diff", commit, "--", ".", cwd=folder)
    added = git("ls-files", "-z", "--others", "--exclude-standard", "--", ".", cwd=folder)
    return sorted({name for name in (changed + added).decode("utf-8", "surrogateescape").split("\0") if name})


def changed_files(repo: Path, base: str, head: str) -> tuple[str, ...]:
    """Paths that differ between two commits; without a base, all paths."""
    if not base or _ZERO.match(base):
        base = EMPTY_TREE
    out = git("diff", "--name-only", "--no-renames", "-z", _checked(base), _checked(head), "--", cwd=repo)
    return tuple(name for name in out.decode("utf-8", "replace").split("\0") if name)


def merge_base(repo: Path, base: str, head: str) -> str:
    """The full id of the best common ancestor of two revisions."""
    return git("merge-base", resolve(repo, base), resolve(repo, head), cwd=repo).decode().strip()


def default_branch(repo: str) -> str:
    """The branch of a repository's HEAD; empty when there is none.

    Raises:
        SluicewayError: the repository cannot be read.
    """
    if is_remote(repo):
        first = git("ls-remote", "--symref", "--", repo, "HEAD", timeout_s=30).decode().partition("\t")[0]
        ref = first.removeprefix("ref: ")
    else:
        ref = git("symbolic-ref", "-q", "HEAD", cwd=Path(repo)).decode().strip()
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""


def _checked(commit: str) -> str:
    """Validates a commit id from outside; anything else could be an option or a moving ref."""
    if not _COMMIT.match(commit):
        raise SluicewayError(
            "SLW814", f"'{commit[:60]}' is not a full commit id", fix="write all 40 hexadecimal digits"
        )
    return commit
