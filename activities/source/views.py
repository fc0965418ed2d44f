"""A repository of somebody else without its settings: git runs in a git directory of ours that borrows its objects.

The settings of a repository name programs: hooks, filters, a monitor of the file system, ssh, gpg, helpers for diffs
and passwords. Nothing of `config`, `hooks` and `info/attributes` is in a view; `refs` and objects are, when they lie
where they seem to lie. The work tree's `.gitattributes` may name filters: no settings define any.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from domain.core.errors import SluicewayError

MAX_POINTER = 4_096
MAX_HEAD = 4_096
MAX_SHALLOW = 64_000_000
MAX_CONFIG = 4_000_000
MAX_INDEX = 2_000_000_000
_SHARED_INDEX = re.compile(r"sharedindex\.[0-9a-f]{40,64}\Z")
_SECTION = re.compile(r"\s*\[\s*([^\]\s\"]*)")
_SETTING = re.compile(r"\s*(?:\[[^\]]*\])?\s*([A-Za-z][\w-]*)\s*=\s*(.*?)\s*$")
_FORMATS = ("extensions.objectformat", "extensions.refstorage")
_PLAIN_CONFIG = "[core]\n\trepositoryformatversion = {version}\n\tbare = true\n\tlogallrefupdates = false\n{extensions}"


@dataclass(frozen=True)
class Located:
    """Where a repository's parts lie; found without git."""

    git_dir: Path
    """HEAD and the index; that of a worktree is within the repository that has it."""
    common: Path
    """Objects and branches."""
    top: Path | None
    """The work tree; None: a bare repository."""


def located(folder: Path, *, within: bool = True) -> Located:
    """The repository that a folder is in, or, not `within`, that it is.

    Raises:
        SluicewayError: SLW813, it is in none; SLW070, what it names as its repository does not name it.
    """
    for above in (folder, *(folder.absolute().parents if within else ())):
        entry = above / ".git"
        if entry.is_symlink() and not entry.resolve().is_relative_to(above.resolve()):
            raise _elsewhere(entry, "it is a link to a folder elsewhere")
        if entry.is_dir() and (entry / "HEAD").exists():
            return _with_common(entry, above)
        if entry.is_file():
            return _with_common(_pointed_at(entry), above)
        if all((above / name).exists() for name in ("HEAD", "objects", "refs")):
            return _with_common(above, None)
    if not folder.is_dir():
        raise SluicewayError("SLW813", "the folder does not exist", where=str(folder))
    raise SluicewayError("SLW813", "not a git repository", where=str(folder))


def _pointed_at(entry: Path) -> Path:
    """What a `.git` file names, when that knows of it: the worktree of another repository, or a submodule."""
    text = read_small(entry, MAX_POINTER).decode("utf-8", "surrogateescape")
    if not text.startswith("gitdir:"):
        raise SluicewayError("SLW813", "not a git repository", where=str(entry))
    target = (entry.parent / text.removeprefix("gitdir:").strip()).resolve()
    back = target / "gitdir"
    if back.is_file() and Path(read_small(back, MAX_POINTER).decode("utf-8", "surrogateescape").strip()) == entry:
        return target
    work_tree = read_settings(target / "config").get("core.worktree", "")
    if work_tree and (target / work_tree).resolve() == entry.parent.resolve():
        return target
    if target.is_relative_to(entry.parent.resolve()):
        return target
    raise _elsewhere(entry, f"it names {target}, which names no such work tree")


def _with_common(git_dir: Path, top: Path | None) -> Located:
    common = git_dir
    if (git_dir / "commondir").is_file():
        text = read_small(git_dir / "commondir", MAX_POINTER).decode("utf-8", "surrogateescape").strip()
        common = (git_dir / text).resolve()
        if not git_dir.resolve().is_relative_to(common / "worktrees"):
            raise _elsewhere(git_dir / "commondir", f"it names {common}, which has no such worktree")
    return Located(git_dir, common, top)


def _elsewhere(path: Path, why: str, fix: str = "") -> SluicewayError:
    return SluicewayError("SLW070", "the repository's parts lie elsewhere", where=str(path), why=why, fix=fix)


@contextmanager
def opened(folder: Path, *, index: bool = False, address: bool = False) -> Iterator[tuple[Path, Located]]:
    """A git directory of ours with the commits and branches of a folder's repository, and where that is.

    `index`: with a copy of its index. `address`: the folder itself, and only of this process's user, as git has it.

    Raises:
        SluicewayError: SLW813, there is no repository; SLW070, parts of it lie elsewhere; SLW817, somebody else's.
    """
    found = located(folder, within=not address)
    if address:
        check_owner(found)
    with tempfile.TemporaryDirectory(prefix="sluiceway-git-") as made:
        view = Path(made)
        _fill(view, found)
        if index:
            _copy_index(found.git_dir, view)
        yield view, found


@contextmanager
def nowhere() -> Iterator[Path]:
    """An empty git directory, for commands that need none: git would use the settings of where it was started."""
    with tempfile.TemporaryDirectory(prefix="sluiceway-git-") as made:
        view = Path(made)
        for name in ("objects", "refs"):
            (view / name).mkdir()
        (view / "HEAD").write_text("ref: refs/heads/none\n")
        (view / "config").write_text(_PLAIN_CONFIG.format(version=0, extensions=""))
        yield view


def _fill(view: Path, found: Located) -> None:
    check_place(found.common)
    settings = read_settings(found.common / "config")
    formats = {key: settings[key] for key in _FORMATS if settings.get(key, "").isalnum()}
    lines = "".join(f"\t{key.partition('.')[2]} = {value}\n" for key, value in formats.items())
    extensions = f"[extensions]\n{lines}" if lines else ""
    (view / "config").write_text(_PLAIN_CONFIG.format(version=int(bool(formats)), extensions=extensions))
    (view / "HEAD").write_bytes(read_small(found.git_dir / "HEAD", MAX_HEAD))
    borrow(view, found.common)
    for name in ("refs", "packed-refs", "reftable"):
        if (found.common / name).exists():
            (view / name).symlink_to((found.common / name).absolute())
    (view / "info").mkdir(exist_ok=True)
    (view / "info" / "attributes").write_text("")
    if (found.common / "info" / "exclude").is_file():
        (view / "info" / "exclude").write_bytes(read_small(found.common / "info" / "exclude", MAX_CONFIG))


def borrow(view: Path, common: Path) -> None:
    """Lets a git directory of ours read the objects of a repository, and know where its history was cut off.

    Raises:
        SluicewayError: SLW070, they lie outside of it.
    """
    check_place(common)
    (view / "objects" / "info").mkdir(parents=True, exist_ok=True)
    path = os.fsencode((common / "objects").absolute())
    if b"\n" in path or path.startswith(b'"'):
        raise _elsewhere(common, "its path holds a line break or begins with a quote")
    (view / "objects" / "info" / "alternates").write_bytes(path + b"\n")
    if (common / "shallow").exists():
        (view / "shallow").write_bytes(read_small(common / "shallow", MAX_SHALLOW))


def check_place(common: Path) -> None:
    """That objects and refs lie in the repository: no links, no objects borrowed from another one.

    Raises:
        SluicewayError: SLW070, with what lies elsewhere.
    """
    for name in ("objects", "objects/info", "objects/pack", "refs", "packed-refs", "shallow", "HEAD", "reftable"):
        path = common / name
        if path.is_symlink() and not path.resolve().is_relative_to(common.resolve()):
            raise _elsewhere(path, "it is a link to a place elsewhere")
    listed = common / "objects" / "info" / "alternates"
    if listed.exists() and read_small(listed, MAX_CONFIG).strip():
        fix = "make it whole: git repack -a -d, then remove objects/info/alternates"
        raise _elsewhere(listed, "it borrows objects from another repository", fix)
    for folder in (common / "objects", common / "objects" / "info", common / "objects" / "pack"):
        _check_entries(folder, common)
    _check_tree(common / "refs", common)


def _check_entries(folder: Path, common: Path) -> None:
    if folder.is_dir():
        with os.scandir(folder) as entries:
            for entry in entries:
                _check_entry(entry, common)


def _check_entry(entry: os.DirEntry[str], common: Path) -> None:
    if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(common.resolve()):
        raise _elsewhere(Path(entry.path), "it is a link to a place elsewhere")
    if not entry.is_symlink() and not entry.is_file() and not entry.is_dir():
        raise _elsewhere(Path(entry.path), "it is no file and no folder")


def _check_tree(folder: Path, common: Path) -> None:
    for root, folders, _ in os.walk(folder):
        _check_entries(Path(root), common)
        folders[:] = [name for name in folders if not Path(root, name).is_symlink()]


def check_owner(found: Located) -> None:
    """That a repository belongs to this process's user, or is one that they have told git to trust.

    Raises:
        SluicewayError: SLW817.
    """
    ours = {os.geteuid()} | (
        {int(sudo)} if os.geteuid() == 0 and (sudo := os.environ.get("SUDO_UID", "")).isdigit() else set()
    )
    places = [path for path in (found.top, found.git_dir) if path is not None]
    if all(path.stat().st_uid in ours for path in places):
        return
    where = found.top or found.git_dir
    asked = ["git", "config", "--global", "--get-all", "safe.directory"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False, cwd="/").stdout.splitlines()
    if not {"*", *map(str, places)} & {line.removesuffix("/") or "/" for line in said}:
        fix = f"as the user of the engine: git config --global --add safe.directory {where}; or give them the folder"
        why = f"its owner is user {places[-1].stat().st_uid}"
        raise SluicewayError(
            "SLW817", "the repository's folder belongs to another user", where=str(where), why=why, fix=fix
        )


def read_settings(path: Path) -> dict[str, str]:
    """Settings of a file, without sub-sections and what it includes: `extensions.objectformat` to `sha256`."""
    if not path.exists():
        return {}
    found: dict[str, str] = {}
    section = ""
    for line in read_small(path, MAX_CONFIG).decode("utf-8", "surrogateescape").splitlines():
        if named := _SECTION.match(line):
            section = named[1].lower()
        if said := _SETTING.match(line):
            found[f"{section}.{said[1].lower()}"] = said[2].strip('"')
    return found


def read_small(path: Path, limit: int) -> bytes:
    """A regular file of a repository, not a link, of at most so many bytes.

    Raises:
        SluicewayError: SLW070, it is something else, or larger; SLW813, it cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as wrong:
        raise SluicewayError(
            "SLW813", "a part of the repository cannot be read", where=str(path), why=str(wrong)
        ) from wrong
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode) or found.st_size > limit:
            raise _elsewhere(path, f"it is no file of at most {limit:,} bytes")
        return file.read(limit)


def _copy_index(git_dir: Path, view: Path) -> None:
    names = ["index"] if (git_dir / "index").exists() else []
    names += [name for name in os.listdir(git_dir) if _SHARED_INDEX.match(name)]
    for name in names:
        (view / name).write_bytes(read_small(git_dir / name, MAX_INDEX))
        # by this time git knows which files may have changed in the second of the index, and reads them
        at = (git_dir / name).lstat().st_mtime_ns
        os.utime(view / name, ns=(at, at))
