"""Finds pushes to a repository without a hook, by polling its refs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from activities.core.files import write_atomically
from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import DefinitionError, SluicewayError
from domain.triggers.delivery import Delivery
from domain.triggers.ref_moves import RefMoves
from workers.client import deliveries as trigger

_PASSWORD = re.compile(r"\w+://[^/@\s]*:[^/@\s]*@")


def address_of(text: str) -> str:
    """A URL as it is; a folder as an absolute path.

    Raises:
        SluicewayError: the folder is not a repository, or the URL contains a password.
    """
    if _PASSWORD.match(text):
        fix = "remove it, and configure a git credential helper or an SSH key"
        raise DefinitionError("SLW508", "the address contains a password, and is shown with every run", fix=fix)
    if git.is_remote(text) or text.startswith("file://"):
        return text
    folder = Path(text).resolve()
    if not (folder / "HEAD").exists() and not (folder / ".git").exists():
        raise SluicewayError("SLW504", "not a git repository", where=str(folder))
    return str(folder)


@dataclass
class Watcher:
    """Remembers seen refs per address, so pushes during downtime are found later."""

    address: str
    mirrors: Mirrors
    memory: Path
    """The state folder."""
    seen: dict[str, str] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)
    """As RefMoves has them."""
    known: bool = False
    """Whether this address was polled before."""

    def __post_init__(self) -> None:
        self._file = self.memory / (hashlib.sha256(self.address.encode()).hexdigest()[:24] + ".json")
        try:
            known = json.loads(self._file.read_text())
            self.seen, self.moves = dict(known["refs"]), dict(known.get("moves", {}))
            self.known = True
        except (OSError, ValueError, KeyError, TypeError):
            pass

    def begin(self) -> None:
        """Records the existing refs as seen: only later pushes count."""
        self.seen = git.remote_refs(self.address)
        self._remember()

    def pushes(self) -> Iterator[tuple[str, str, list[Delivery]]]:
        """(ref, object, deliveries) for each ref that moved. The caller delivers, then calls `done`."""
        now = git.remote_refs(self.address)
        gone = self.seen.keys() - now.keys()
        for ref in gone:
            self._move(ref, "")
        if gone:
            self._remember()  # else the same commit, pushed again, would be the same push
        for ref, sha in now.items():
            old = self.seen.get(ref, "")
            if old != sha:
                yield ref, sha, self._deliveries(ref, old, sha, self._counted(ref).number(ref, old, sha))

    def _deliveries(self, ref: str, old: str, sha: str, time: int) -> list[Delivery]:
        try:
            mirror = self.mirrors.fetch(self.address, sha)
        except SluicewayError as odd:
            if odd.code != "SLW818":
                raise
            return []
        return trigger.push(mirror, old, sha, ref, "", self.address, time=time)

    def passed_over(self, ref: str, sha: str) -> list[str]:
        """What of a push starts nothing, in words."""
        mirror = self.mirrors.path(self.address)
        why = trigger.why_nothing(mirror, sha, ref)
        return [why] if why else trigger.definition_paths(mirror, git.resolve(mirror, sha))[1]

    def _counted(self, ref: str) -> RefMoves:
        """What is known of a ref's moves; where it was before the first look, nobody knows."""
        old = self.seen.get(ref, "")
        known = not old or any(move.startswith(f"{ref} ") for move in self.moves)
        return RefMoves(self.moves, {ref: old} if known else {})

    def _move(self, ref: str, sha: str) -> None:
        counted = self._counted(ref)
        counted.number(ref, self.seen.get(ref, ""), sha)
        self.moves = counted.moves
        if sha:
            self.seen[ref] = sha
        else:
            del self.seen[ref]

    def done(self, ref: str, sha: str) -> None:
        """Records, also on disk, that this commit of the ref was delivered."""
        self._move(ref, sha)
        self._remember()

    def _remember(self) -> None:
        self.known = True
        self.memory.mkdir(parents=True, exist_ok=True)
        known = {"address": self.address, "refs": self.seen} | ({"moves": self.moves} if self.moves else {})
        write_atomically(self._file, json.dumps(known))
