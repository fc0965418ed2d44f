"""Turns events into deliveries, before anything is sent to the engine."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
from dataclasses import replace
from pathlib import Path

from activities.core.files import write_atomically
from activities.source import git
from activities.source.mirrors import SNAPSHOT, Mirrors
from domain.core import names
from domain.core.errors import DefinitionError, SluicewayError
from domain.runs.record import RunRecord
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind, EventSource
from domain.triggers.ref_moves import RefMoves
from domain.triggers.source import SourceRef

FOLDER = ".sluiceway"
ROOT_FILES = ("sluiceway.yaml", "sluiceway.yml")
SUFFIXES = (".yaml", ".yml")


def me() -> str:
    """The login name of this process's user, whatever LOGNAME says; `unknown` if the system has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return "unknown"


def definition_paths(repo: Path, commit: str) -> tuple[list[str], list[str]]:
    """Definitions in a commit: sluiceway.yaml at its root, and the files of .sluiceway/. Then, in words, what
    looks like one and starts nothing.
    """
    paths, passed_over = [], []
    for entry in git.entries(repo, commit, *ROOT_FILES, FOLDER):
        name = entry.name.decode("utf-8", "backslashreplace")
        if name == FOLDER:
            passed_over.append(f"{FOLDER} is {entry.odd or 'a file'}, not a folder of definitions: it starts nothing")
        elif not name.endswith(SUFFIXES):
            continue
        elif entry.odd:
            passed_over.append(f"{name} is {entry.odd}, not a file: it starts nothing")
        elif name.encode() != entry.name:
            passed_over.append(f"the name of {name} is not UTF-8: it starts nothing")
        else:
            paths.append(name)
    return paths, passed_over


def pipeline_name(data: bytes, path: str, repo: Path) -> str | None:
    """The name in a definition, read leniently since other parts may be invalid.

    None: the document is not a pipeline.
    """
    fallback = names.nearest(f"{repo.name.removesuffix('.git')}-{Path(path).stem}")
    from pipeline_defs.core import yaml_nodes  # as the definition will be read: `name: on` is a word

    root, _ = yaml_nodes.read(data, path)
    document = root.plain() if root else None
    if not isinstance(document, dict):
        return fallback
    if document.get("kind") in ("Component", "Environment", "PipelineTest"):
        return None
    name = document.get("name")
    return name if isinstance(name, str) and names.is_name(name) else fallback


def push(
    repo: Path, old: str, new: str, ref: str, actor: str, address: str = "", *, time: int = 1, actor_from: str = ""
) -> list[Delivery]:
    """One delivery per definition in the pushed commit. The id depends only on the push: idempotent.

    `address` is the repository of the run when `repo` is only a mirror of it; `time`: which time this ref moves so;
    `actor_from`: the channel that knows who pushed, empty when nobody does.
    """
    address = address or str(repo)
    branch = ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""
    tag = ref.removeprefix("refs/tags/") if ref.startswith("refs/tags/") else ""
    if not (branch or tag) or not new.strip("0"):
        return []
    commit = git.resolve(repo, new)
    known = git.describe(repo, commit)
    base = _base(repo, address, old, commit, branch)
    event = Event(
        EventKind.PUSH,
        address,
        commit,
        base=base,
        branch=branch,
        tag=tag,
        author=known.author,
        committer=known.committer,
        actor=actor,
        actor_from=actor_from if actor else "",
        message=known.message,
        changed_files=git.changed_files(repo, base, commit),
    )
    return _deliveries(repo, address, commit, event, f"push:{ref}:{old[:12]}:{commit}{f':{time}' if time > 1 else ''}")


def _base(repo: Path, address: str, old: str, commit: str, branch: str) -> str:
    """What a push is compared with; empty: nothing, so that every file counts as changed.

    A new branch, or one whose old commit is gone after a forced push, began at the default branch.
    """
    if old.strip("0") and git.has(repo, old):
        return old
    try:
        default = _default(repo, address, branch) if branch else ""
        return git.merge_base(repo, default, commit) if default else ""
    except SluicewayError:  # no default branch yet, or no common history
        return ""


def _default(repo: Path, address: str, branch: str) -> str:
    """The ref of the default branch; empty: this is the one, or there is none.

    HEAD says it, but in a working copy HEAD is what is checked out.
    """
    name = git.default_branch(address)
    if name != branch or not (repo / ".git").exists():
        return f"refs/heads/{name}" if name not in ("", branch) else ""
    wanted = ("refs/remotes/origin/HEAD", "refs/heads")
    known = git.read("for-each-ref", "--format=%(refname) %(symref)", *wanted, repo=repo)
    refs = dict(line.split(" ", 1) for line in known.decode("utf-8", "replace").splitlines())
    origin = refs.get("refs/remotes/origin/HEAD", "")
    names = [origin] if origin else [ref for ref in ("refs/heads/main", "refs/heads/master") if ref in refs]
    return names[0] if names and names[0].rpartition("/")[2] != branch else ""


def why_nothing(repo: Path, new: str, ref: str) -> str:
    """Why a ref of a push starts nothing, whatever the definitions say; empty: it may."""
    kind, _, name = ref.removeprefix("refs/").partition("/")
    what = {"heads": f"branch {name}", "tags": f"tag {name}"}.get(kind)
    if what is None:
        return f"{ref} is no branch and no tag"
    if not new.strip("0"):
        return f"{what} was deleted"
    found = git.kind(repo, new)
    return "" if found == "commit" else f"{what} names a {found or 'missing object'}, not a commit"


def remembered_move(state: Path, repo: Path, old: str, new: str, ref: str) -> int:
    """Which time a ref of this repository moves so, by a file in the state folder."""
    state.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(str(repo).encode()).hexdigest()[:24]
    with (state / f"{name}.lock").open("w") as lock:  # several pushes at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            known = json.loads((state / f"{name}.json").read_text())
            moves = RefMoves(known["moves"], known["at"])
        except (OSError, ValueError, KeyError, TypeError):
            moves = RefMoves()
        number = moves.number(ref, old, new)
        write_atomically(state / f"{name}.json", json.dumps({"moves": moves.moves, "at": moves.at}))
    return number


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
        actor_from=EventSource.SYSTEM,
        message=known.message,
        changed_files=git.changed_files(repo, ancestor, commit),
        own_branch=bool(git.read("for-each-ref", "--count=1", f"--contains={commit}", "refs/heads", repo=repo).strip()),
    )
    return _deliveries(repo, str(repo), commit, event, f"pull-request:{base}:{ancestor[:12]}:{commit}")


def _deliveries(repo: Path, address: str, commit: str, event: Event, id_: str) -> list[Delivery]:
    made = []
    for path in definition_paths(repo, commit)[0]:
        data = git.read_file(repo, commit, path) or b""
        name = pipeline_name(data, path, Path(address))
        if name is not None:
            made.append(Delivery(f"{id_}:{path}", event, path, SourceRef(address, commit), name))
    return made


def by_hand(
    file: Path, mirrors: Mirrors, params: dict[str, str | int | float | bool], id_: str, base: str = ""
) -> Delivery:
    """A run of a file with its uncommitted changes: its repository, or its folder, is snapshotted first.

    `base`: the revision whose differences count as changed; empty: every file does.
    """
    file = file.resolve()
    if not file.is_file():
        raise DefinitionError("SLW601", "the file cannot be read", where=str(file))
    root = root_of(file)
    repo, commit = mirrors.snapshot(root)
    known = git.head(root)
    event = Event(EventKind.MANUAL, str(root), commit, params=params, actor=me(), author=me(), committer=me())
    event = replace(event, compared=bool(base), actor_from=EventSource.SYSTEM)
    if base:
        event = replace(event, base=git.resolve(root, base), changed_files=tuple(git.differing(root, base)))
    if known is not None:
        commit_, branch = known
        event = replace(
            event,
            author=commit_.author,
            committer=commit_.committer,
            message=commit_.message,
            branch=branch,
            head=commit_.sha,
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
    if source.repo.startswith(SNAPSHOT):
        source = SourceRef(*Mirrors(mirrors).snapshot(Path(source.repo.removeprefix(SNAPSHOT))))
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
