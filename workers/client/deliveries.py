"""Turns events into deliveries, before anything is sent to the engine."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path

import yaml

from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import DefinitionError, SluicewayError
from domain.runs.record import RunRecord
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef

SafeLoader: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEFAULT_PATHS = (".sluiceway/",)
ROOT_FILES = ("sluiceway.yaml", "sluiceway.yml")


def me() -> str:
    """The login name, for the person who started something; `unknown` if the system has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def definition_paths(repo: Path, commit: str) -> list[str]:
    """Definitions in a commit: sluiceway.yaml at its root, and the files of .sluiceway/."""
    files = git.list_files(repo, commit, *ROOT_FILES, *DEFAULT_PATHS)
    return [name for name in files if name.endswith((".yaml", ".yml"))]


def pipeline_name(data: bytes, path: str, repo: Path) -> str | None:
    """The name in a definition, read leniently since other parts may be invalid.

    None: the document is not a pipeline.
    """
    fallback = f"{repo.name.removesuffix('.git')}-{Path(path).stem}".lower().replace("_", "-").replace(".", "-")
    try:
        document = yaml.load(data, Loader=SafeLoader)  # noqa: S506  (it is a safe one)
    except (yaml.YAMLError, ValueError, RecursionError):
        return fallback
    if not isinstance(document, dict):
        return fallback
    if document.get("kind") in ("Component", "Environment", "PipelineTest"):
        return None
    name = document.get("name")
    return name if isinstance(name, str) and 0 < len(name) <= 63 and "/" not in name else fallback


def push(repo: Path, old: str, new: str, ref: str, actor: str, address: str = "") -> list[Delivery]:
    """One delivery per definition in the pushed commit. The id depends only on the push: idempotent.

    `address` is the repository of the run when `repo` is only a mirror of it.
    """
    address = address or str(repo)
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""
    tag = ref.removeprefix("refs/tags/") if ref.startswith("refs/tags/") else ""
    if not (branch or tag) or not new.strip("0"):
        return []
    commit = git.resolve(repo, new)
    known = git.describe(repo, commit)
    base = old if old.strip("0") and git.has(repo, old) else ""  # after a forced push the old commit may be gone
    event = Event(
        EventKind.PUSH,
        address,
        commit,
        base=base,
        branch=branch,
        tag=tag,
        author=known.author,
        committer=known.committer,
        actor=actor or known.committer,
        message=known.message,
        changed_files=git.changed_files(repo, base, commit),
    )
    return _deliveries(repo, address, commit, event, f"push:{ref}:{old[:12]}:{commit}")


def pull_request(repo: Path, base: str, head: str, actor: str) -> list[Delivery]:
    """The deliveries of a pull request of head into base."""
    commit = git.resolve(repo, head)
    ancestor = git.merge_base(repo, base, commit)
    known = git.describe(repo, commit)
    event = Event(
        EventKind.PULL_REQUEST,
        str(repo),
        commit,
        base=ancestor,
        branch=base,
        tag="",
        author=known.author,
        committer=known.committer,
        actor=actor,
        message=known.message,
        changed_files=git.changed_files(repo, ancestor, commit),
    )
    return _deliveries(repo, str(repo), commit, event, f"pull-request:{base}:{ancestor[:12]}:{commit}")


def _deliveries(repo: Path, address: str, commit: str, event: Event, id_: str) -> list[Delivery]:
    made = []
    for path in definition_paths(repo, commit):
        data = git.read_file(repo, commit, path) or b""
        name = pipeline_name(data, path, Path(address))
        if name is not None:
            made.append(Delivery(f"{id_}:{path}", event, path, SourceRef(address, commit), name))
    return made


def by_hand(file: Path, mirrors: Mirrors, params: dict[str, str | int | float | bool], id_: str) -> Delivery:
    """A run of a file with its uncommitted changes: its repository, or its folder, is snapshotted first."""
    file = file.resolve()
    if not file.is_file():
        raise DefinitionError("SLW601", "the file cannot be read", where=str(file))
    root = root_of(file)
    repo, commit = mirrors.snapshot(root)
    known = git.head(root)
    event = Event(EventKind.MANUAL, str(root), commit, params=params, actor=me(), author=me(), committer=me())
    if known is not None:
        commit_, branch = known
        event = replace(
            event, author=commit_.author, committer=commit_.committer, message=commit_.message, branch=branch
        )
    path = file.relative_to(root).as_posix()
    name = pipeline_name(file.read_bytes(), path, root) or file.stem
    return Delivery(id_, event, path, SourceRef(repo, commit), name, reject_invalid=True)


def definition_now(run: RunRecord, mirrors: Path) -> Delivery:
    """The current definition of a recorded run: from the working copy, or the head of the run's branch."""
    from activities.core import serialization as serial

    event, source = serial.load(Event, run["event"]), serial.load(SourceRef, run["source"])
    if not run["path"]:
        raise SluicewayError("SLW926", f"{run['id']} was recorded by an older version, without its definition's path")
    if source.repo.startswith("snapshot:"):
        source = SourceRef(*Mirrors(mirrors).snapshot(Path(source.repo.removeprefix("snapshot:"))))
    else:
        ref = f"refs/tags/{event.tag}" if event.tag else f"refs/heads/{event.branch}"
        head = git.remote_refs(source.repo).get(ref)
        if head is None:
            raise SluicewayError("SLW927", f"{source.repo} has no {ref} any more", fix="rerun without the change")
        source = SourceRef(source.repo, head)
    return Delivery("definition", event, run["path"], source, run["pipeline"])


def root_of(file: Path) -> Path:
    """The root of the repository that a file is in; its folder outside a repository."""
    return git.top_of(file) or file.parent
