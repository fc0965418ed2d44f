"""What git says of repositories: a local mirror per repository, clean checkouts of exact commits, files of a commit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from activities.source import views
from activities.source.running import NO_LFS as NO_LFS
from activities.source.running import git as git
from activities.source.running import read as read
from domain.core.errors import DefinitionError, SluicewayError

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_REMOTE = re.compile(r"(https?|ssh|git)://|[\w.-]+@[\w.-]+:")
_HELPER = re.compile(r"[\w.+-]+::")
"""Begins an address for a program of git: `ext::sh -c true`."""
_ZERO = re.compile(r"0+\Z")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

REFRESH_S = 20.0
"""Limit for updating a known repository; on timeout, the known state is used."""
_CHANGED = re.compile(rb"^(?!0\t0\t)\d+\t\d+\t", re.M)
"""A --numstat line of a text file; binary files have dashes."""


MAX_MESSAGE, MAX_PERSON = 4_000, 1_000
"""Characters of a commit's message and of a person that an event keeps. A person who is cut off owns no address."""


@dataclass(frozen=True)
class Commit:
    """Author and message of a commit."""

    sha: str
    author: str
    """`Name <address>`"""
    committer: str
    message: str


def is_remote(repo: str) -> bool:
    """Whether an address is remote, ssh's `HOST:PATH` included."""
    return bool(_REMOTE.match(repo))


def resolve(repo: Path, revision: str) -> str:
    """The full id of a commit.

    Raises:
        SluicewayError: the commit does not exist.
    """
    return read("rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}", repo=repo).decode().strip()


def has(repo: Path, commit: str) -> bool:
    """Whether the repository has the commit.

    Raises:
        SluicewayError: SLW814, the text is not a commit id.
    """
    try:
        read("cat-file", "-e", f"{_checked(commit)}^{{commit}}", repo=repo)
    except SluicewayError as missing:
        if missing.code in ("SLW814", "SLW070"):
            raise
        return False
    return True


def remote_refs(address: str) -> dict[str, str]:
    """Branches and tags of a local or remote repository, to their object ids.

    Raises:
        SluicewayError: SLW816 or SLW813, it cannot be reached.
    """
    try:
        out = ask("--heads", "--tags", "--refs", "--end-of-options", address=address, timeout_s=60)
    except SluicewayError as failed:
        if failed.code in ("SLW817", "SLW070"):
            raise
        code = "SLW816" if failed.code == "SLW813" else failed.code
        raise SluicewayError(code, f"{address} cannot be read", why=failed.why, transient=True) from failed
    return {ref: sha for sha, _, ref in (line.partition("\t") for line in out.splitlines())}


def ask(*options: str, address: str, pattern: str = "", timeout_s: float) -> str:
    """What `git ls-remote` says of an address; a folder of this machine is read without its settings."""
    patterns = [pattern] if pattern else []
    if folder := local(address):
        with views.opened(folder, address=True) as (view, _):
            return git("ls-remote", *options, str(view), *patterns, cwd=view, timeout_s=timeout_s).decode()
    with views.nowhere() as view:
        at = ("--git-dir", str(view))
        return git(*at, "ls-remote", *options, address, *patterns, cwd=view, timeout_s=timeout_s, remote=True).decode()


def local(address: str) -> Path | None:
    """The folder of this machine that an address is; None: it is elsewhere."""
    if address.startswith("file://"):
        return Path(unquote(urlsplit(address).path))
    return None if is_remote(address) or _HELPER.match(address) else Path(address)


def origin(folder: Path) -> str:
    """Where the repository that a folder is in was cloned from, by its own settings without what they include.

    Raises:
        SluicewayError: SLW813, it does not say.
    """
    settings = views.located(folder).common / "config"
    with views.nowhere() as view:
        at = (
            "--git-dir",
            str(view),
            "config",
            "--file",
            str(settings.absolute()),
            "--no-includes",
            "remote.origin.url",
        )
        return git(*at, cwd=view).decode().strip()


def describe(repo: Path, commit: str) -> Commit:
    """Author, committer and message; the message without surrounding space."""
    fields = read("show", "-s", "--format=%an <%ae>%x00%cn <%ce>%x00%B", _checked(commit), "--", repo=repo)
    author, committer, message = fields.decode("utf-8", "replace").split("\0", 2)
    return _commit(commit, author, committer, message)


def _commit(sha: str, author: str, committer: str, message: str) -> Commit:
    """Git bounds none of these, and each of them travels in messages, which are bounded."""
    return Commit(sha, _cut(author, MAX_PERSON), _cut(committer, MAX_PERSON), _cut(message.strip(), MAX_MESSAGE))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"


def committed_at(repo: Path, commit: str) -> int:
    """When a commit was made; seconds since the epoch."""
    return int(read("show", "-s", "--no-show-signature", "--format=%ct", _checked(commit), "--", repo=repo))


def git_folder(root: Path) -> Path:
    """The git directory of a repository; that of a worktree is elsewhere."""
    return views.located(root).git_dir


def top(folder: Path) -> Path:
    """The root of the work tree that a folder is in.

    Raises:
        SluicewayError: SLW813, it is in none.
    """
    found = views.located(folder.resolve()).top
    if found is None:
        raise SluicewayError("SLW813", "the repository has no work tree", where=str(folder))
    return found


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
        fields = read(
            "log", "-1", "--no-show-signature", "--format=%H%x00%an <%ae>%x00%cn <%ce>%x00%B", "HEAD", repo=root
        )
    except SluicewayError:
        return None
    sha, author, committer, message = fields.decode("utf-8", "replace").split("\0", 3)
    return _commit(sha, author, committer, message), branch(root)


def branch(root: Path) -> str:
    """The checked-out branch of a folder; empty when there is none."""
    try:
        ref = views.read_small(git_folder(root) / "HEAD", views.MAX_HEAD).decode("utf-8", "replace").strip()
        if ref == "ref: refs/heads/.invalid":  # another ref format: only git can read it
            ref = f"ref: {read('symbolic-ref', '-q', 'HEAD', repo=root).decode().strip()}"
    except (OSError, SluicewayError):
        return ""
    return ref.removeprefix("ref: refs/heads/") if ref.startswith("ref: refs/heads/") else ""


def kind(repo: Path, id_: str) -> str:
    """`commit`, `tree` or `blob`: what an object is, or what its tag names; empty: there is no such object."""
    try:
        return read("cat-file", "-t", f"{_checked(id_)}^{{}}", repo=repo).decode().strip()
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
        data = read("cat-file", "blob", f"{_checked(commit)}:{path}", repo=repo)
    except SluicewayError:
        return None
    if b"\n" not in data and any(entry.odd for entry in entries(repo, commit, f":(top,literal){path}")):
        fix = "replace the link by the file, or name the file that it leads to"
        raise DefinitionError("SLW601", f"{path} is a symbolic link, not a file", fix=fix)
    return data


def commits_with_text(repo: Path) -> int:
    """Number of ancestors of HEAD that changed text, without merges and pure deletions; `repo`: see `history`."""
    options = ("--no-merges", "--diff-filter=d", "--numstat", "--format=%x00")
    told = git("--git-dir", str(repo), "log", *options, "HEAD", cwd=repo, timeout_s=3_600).split(b"\0")
    return sum(_CHANGED.search(commit) is not None for commit in told)


def history(repo: Path, commit: str, folder: Path) -> Path:
    """A repository with the history of a commit, borrowing objects from another one, without its settings.

    Overrides the repository's attributes: `*.py -diff` would hide changes.
    """
    common = views.located(repo).common
    git("init", "-q", "--bare", str(folder), cwd=folder.parent)
    views.borrow(folder, common)
    (folder / "info").mkdir(exist_ok=True)
    (folder / "info" / "attributes").write_text("* !diff !binary !text !filter !working-tree-encoding\n")
    git("update-ref", "refs/heads/scanned", _checked(commit), cwd=folder)
    git("symbolic-ref", "HEAD", "refs/heads/scanned", cwd=folder)
    return folder


def list_files(repo: Path, commit: str, *patterns: str) -> list[str]:
    """Names in a commit, optionally those that match pathspecs; relative to the repository's root."""
    out = read("ls-tree", "-r", "-z", "--name-only", _checked(commit), "--", *patterns, repo=repo)
    return [name for name in out.decode("utf-8", "surrogateescape").split("\0") if name]


def is_empty(repo: Path, commit: str) -> bool:
    """Whether a commit has no files."""
    tree = read("rev-parse", "--verify", "--end-of-options", f"{_checked(commit)}^{{tree}}", repo=repo)
    return tree.decode().strip() == EMPTY_TREE


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
    out = read("ls-tree", "-r", "-z", "--full-tree", _checked(commit), "--", *patterns, repo=repo)
    fields = (line.partition(b"\t") for line in out.split(b"\0") if line)
    return [Entry(name, about.split()[0].decode()) for about, _, name in fields]


def differing(folder: Path, revision: str) -> list[str]:
    """Paths below a folder that differ from a commit, including uncommitted and new files.

    Raises:
        SluicewayError: unknown commit, or the folder is not in a repository.
    """
    commit = resolve(folder, revision)
    plain = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")  # else git runs in each submodule
    changed = read("diff", "--name-only", "-z", "--relative", *plain, commit, "--", ".", repo=folder, work_tree=True)
    others = ("ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    added = read(*others, repo=folder, work_tree=True)
    return sorted({name for name in (changed + added).decode("utf-8", "surrogateescape").split("\0") if name})


def changed_files(repo: Path, base: str, head: str) -> tuple[str, ...]:
    """Paths that differ between two commits; without a base, all paths."""
    if not base or _ZERO.match(base):
        base = EMPTY_TREE
    out = read("diff", "--name-only", "--no-renames", "-z", _checked(base), _checked(head), "--", repo=repo)
    return tuple(name for name in out.decode("utf-8", "replace").split("\0") if name)


def merge_base(repo: Path, base: str, head: str) -> str:
    """The full id of the best common ancestor of two revisions."""
    return read("merge-base", resolve(repo, base), resolve(repo, head), repo=repo).decode().strip()


def is_ancestor(repo: Path, commit: str, ref: str) -> bool:
    """Whether `ref`, a commit or a name below `refs/`, is a commit or comes after it; False for what is not there."""
    tip = ref if ref.startswith("refs/") else _checked(ref)
    try:
        read("merge-base", "--is-ancestor", _checked(commit), tip, repo=repo)
    except SluicewayError:
        return False
    return True


def default_branch(repo: str) -> str:
    """The branch of a repository's HEAD; empty when there is none.

    Raises:
        SluicewayError: the repository cannot be read.
    """
    if is_remote(repo):
        first = ask("--symref", "--", address=repo, pattern="HEAD", timeout_s=30).partition("\t")[0]
        ref = first.removeprefix("ref: ")
    else:
        ref = read("symbolic-ref", "-q", "HEAD", repo=Path(repo)).decode().strip()
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""


def _checked(commit: str) -> str:
    """Validates a commit id from outside; anything else could be an option or a moving ref."""
    if not _COMMIT.match(commit):
        raise SluicewayError(
            "SLW814", f"'{commit[:60]}' is not a full commit id", fix="write all 40 hexadecimal digits"
        )
    return commit
