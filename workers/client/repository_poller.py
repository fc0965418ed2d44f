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
    known: bool = False
    """Whether this address was polled before."""

    def __post_init__(self) -> None:
        self._file = self.memory / (hashlib.sha256(self.address.encode()).hexdigest()[:24] + ".json")
        try:
            self.seen = dict(json.loads(self._file.read_text())["refs"])
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
        for gone in self.seen.keys() - now.keys():
            del self.seen[gone]
        for ref, sha in now.items():
            if self.seen.get(ref) != sha:
                mirror = self.mirrors.fetch(self.address, sha)
                yield ref, sha, trigger.push(mirror, self.seen.get(ref, ""), sha, ref, "", self.address)

    def done(self, ref: str, sha: str) -> None:
        """Records, also on disk, that this commit of the ref was delivered."""
        self.seen[ref] = sha
        self._remember()

    def _remember(self) -> None:
        self.known = True
        self.memory.mkdir(parents=True, exist_ok=True)
        write_atomically(self._file, json.dumps({"address": self.address, "refs": self.seen}))
