"""Checkouts with submodules and LFS files; what a commit has of them and a checkout has not is told."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit, urlunsplit

from activities.source import views
from activities.source.git import NO_LFS, git, is_remote, origin
from activities.source.mirrors import CHECKOUT_UMASK, SNAPSHOT, Contents, Mirrors
from domain.core.errors import SluicewayError
from domain.core.values import number
from domain.pipelines.checkout import CheckoutSpec

MAX_SUBMODULES = 200
MAX_DEPTH = 10
UNSAID = CheckoutSpec()
_SHOWN = 5
_POINTER = b"version https://git-lfs.github.com/spec/v1"
_LFS = (
    *("-c", "filter.lfs.process=git-lfs filter-process", "-c", "filter.lfs.smudge=git-lfs smudge -- %f"),
    *("-c", "filter.lfs.required=true"),
)


def check_out(
    mirrors: Mirrors, repo: str, commit: str, target: Path, how: CheckoutSpec = UNSAID, depth: int = 0
) -> list[str]:
    """The commit's files, with what the spec asks for; returns what is left out, in words.

    Raises:
        SluicewayError: a commit is missing; SLW826, a submodule cannot be had; SLW827, an LFS file cannot.
    """
    mirror = mirrors.fetch(repo, commit)
    found = _files(mirrors, mirror, repo, commit, target, how)
    notes = []
    if how.submodules:
        if len(found.links) > MAX_SUBMODULES or depth >= MAX_DEPTH:
            what = f"more than {MAX_SUBMODULES} submodules, or nested deeper than {MAX_DEPTH}"
            raise SluicewayError("SLW826", what, where=repo)
        urls = _urls(mirror, commit) if found.links else {}
        for path, pinned in found.links:
            notes += _submodule(mirrors, repo, urls.get(path, ""), path, pinned, target, how, depth)
    elif found.links and how.submodules is None:
        wish = "recursive" if depth else "true"
        notes.append(
            f"submodules left out: {_named([path for path, _ in found.links])} (checkout: {{submodules: {wish}}})"
        )
    if found.pointers and how.lfs is None:
        notes.append(f"LFS files left as pointers: {_named(list(found.pointers))} (checkout: {{lfs: true}})")
    return notes


def _named(paths: list[str]) -> str:
    more = f" and {number(len(paths) - _SHOWN, 'other')}" if len(paths) > _SHOWN else ""
    return ", ".join(paths[:_SHOWN]) + more


def _files(mirrors: Mirrors, mirror: Path, repo: str, commit: str, target: Path, how: CheckoutSpec) -> Contents:
    target.mkdir(parents=True, exist_ok=True)
    at = ("--git-dir", str(mirror), "--work-tree", str(target))
    with tempfile.TemporaryDirectory(dir=mirror.parent) as scratch:
        env = {"GIT_INDEX_FILE": str(Path(scratch, "index"))}
        asks = how.lfs is True and is_remote(repo)  # with the passwords of this machine's user
        options: tuple[str, ...] = (*_LFS, "-c", f"remote.origin.url={_lfs_remote(repo)}") if how.lfs else NO_LFS
        options = (*options, *_no_other_filters()) if asks else options
        command = (*options, *at, "checkout", "-q", "-f", commit, "--", ".")
        try:
            git(*command, cwd=mirror, env=env, umask=CHECKOUT_UMASK, remote=asks)
        except SluicewayError as failed:
            if not how.lfs or failed.code != "SLW813":
                raise
            raise SluicewayError("SLW827", "LFS files cannot be had", where=repo, why=failed.why) from failed
        known = mirrors.contents.get((repo, commit))
        if known is None or how.lfs:  # with their content there are no pointers
            known = _contents(at, env, target)
        if not how.lfs:
            mirrors.contents[repo, commit] = known
    return known


def _no_other_filters() -> tuple[str, ...]:
    """Options without the filters in this machine's and the user's settings: a stranger's commit may name them."""
    with views.nowhere() as view:
        asked = ("--git-dir", str(view), "config", "-z", "--name-only", "--get-regexp", r"^filter\.")
        try:
            known = git(*asked, cwd=view, remote=True).decode("utf-8", "surrogateescape").split("\0")
        except SluicewayError:  # there are none
            return ()
    names = {key.removeprefix("filter.").rpartition(".")[0] for key in known if key} - {"lfs", ""}
    settings = ("clean=", "smudge=", "process=", "required=false")
    return tuple(part for name in sorted(names) for one in settings for part in ("-c", f"filter.{name}.{one}"))


def _contents(at: tuple[str, ...], env: dict[str, str], target: Path) -> Contents:
    staged = git(*at, "ls-files", "-s", "-z", env=env, cwd=target).split(b"\0")
    links = [line.partition(b"\t") for line in staged if line.startswith(b"160000 ")]
    tracked = git(*at, "ls-files", "-z", ":(attr:filter=lfs)", env=env, cwd=target).split(b"\0")
    return Contents(
        tuple((path.decode("utf-8", "surrogateescape"), about.split()[1].decode()) for about, _, path in links),
        tuple(name for raw in tracked if raw and _is_pointer(target, name := raw.decode("utf-8", "surrogateescape"))),
    )


def _is_pointer(target: Path, name: str) -> bool:
    path = target / name
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_POINTER)) == _POINTER


def _lfs_remote(repo: str) -> str:
    folder = repo.removeprefix(SNAPSHOT)
    return repo if is_remote(repo) or repo.startswith("file://") else f"file://{folder}"


def _urls(mirror: Path, commit: str) -> dict[str, str]:
    """Path to url, by the commit's .gitmodules."""
    try:
        told = git(
            "--git-dir",
            str(mirror),
            "config",
            "-z",
            "--no-includes",
            "--blob",
            f"{commit}:.gitmodules",
            "--get-regexp",
            r"^submodule\..*\.(path|url)$",
            cwd=mirror,
        )
    except SluicewayError:
        return {}
    values: dict[str, dict[str, str]] = {"path": {}, "url": {}}
    for entry in told.decode("utf-8", "surrogateescape").split("\0"):
        key, _, value = entry.partition("\n")
        if key:
            name, _, kind = key.rpartition(".")
            values[kind][name] = value
    return {path: values["url"].get(name, "") for name, path in values["path"].items()}


def _submodule(
    mirrors: Mirrors, repo: str, url: str, path: str, pinned: str, target: Path, how: CheckoutSpec, depth: int
) -> list[str]:
    try:
        inside = _place(target, path)
        address = _address(repo, url, path)
        if repo.startswith(SNAPSHOT) and not is_remote(address):
            mirrors.fetch_head(address)  # that of a submodule is on no branch
        below = how if how.recursive else replace(how, submodules=None)
        notes = check_out(mirrors, address, pinned, inside, below, depth + 1)
    except SluicewayError as broken:
        if broken.code in ("SLW826", "SLW827"):
            raise
        what = f"the submodule {path} cannot be checked out"
        raise SluicewayError("SLW826", what, where=repo, why=str(broken), transient=broken.transient) from broken
    return [f"{path}: {note}" for note in notes]


def _place(target: Path, path: str) -> Path:
    """Never outside, and never through a link of the commit."""
    parts = PurePosixPath(path).parts
    inside = target.joinpath(*parts)
    odd = any(part in ("..", ".git") for part in parts) or path.startswith("/")
    if odd or inside.is_symlink() or not inside.parent.resolve().is_relative_to(target.resolve()):
        raise SluicewayError("SLW826", f"the submodule {path} would lie outside of the checkout")
    return inside


def _address(repo: str, url: str, path: str) -> str:
    """Where a submodule comes from. In a snapshot of a folder it is the repository that lies in the folder.

    Raises:
        SluicewayError: SLW826, it has no url, or one that a repository of another machine may not name.
    """
    if repo.startswith(SNAPSHOT):
        folder = Path(repo.removeprefix(SNAPSHOT), path)
        if (folder / ".git").exists():
            return str(folder)
    if not url:
        raise SluicewayError("SLW826", f"the submodule {path} has no url in .gitmodules")
    if url.startswith("-") or "\n" in url:
        raise SluicewayError("SLW826", f"'{url[:60]}' of the submodule {path} is no address")
    address = _joined(_origin(repo), url) if url.startswith(("./", "../")) else url
    if is_remote(repo) and not is_remote(address):
        raise SluicewayError("SLW826", f"the submodule {path} is a folder of this machine, and the repository is not")
    return address


def _origin(repo: str) -> str:
    """What relative urls begin at: of a folder, where it was cloned from."""
    if not repo.startswith(SNAPSHOT):
        return repo
    folder = repo.removeprefix(SNAPSHOT)
    try:
        return origin(Path(folder))
    except SluicewayError:
        return folder


def _joined(base: str, relative: str) -> str:
    """As git-submodule has it: `../lib` of `host:a/b` is `host:a/lib`."""
    scheme = urlsplit(base) if "://" in base else None
    host, colon, path = ("", "", base) if scheme or not is_remote(base) else base.partition(":")
    parts = (scheme.path if scheme else path).rstrip("/").split("/")
    for step in relative.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step not in ("", "."):
            parts.append(step)
    joined = "/".join(parts)
    return urlunsplit(scheme._replace(path=joined)) if scheme else f"{host}{colon}{joined}"
