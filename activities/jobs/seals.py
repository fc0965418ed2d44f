"""The secret word of each attempt of a job, by which the worker knows the status that its supervisor has written."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from activities.core.files import write_atomically
from activities.supervisor import launch, seal
from domain.core.documents import Node

LOST = Node({"cause": "infrastructure"})
"""What a status says that no supervisor of ours has written."""


@dataclass(frozen=True)
class Seals:
    """Of one home. Its key is made once; jobs that run then were begun by an earlier version, and have no word."""

    keys: Path
    jobs: Path

    def word(self, folder: Path) -> str:
        """The same for each worker of the home; no process but a worker and the supervisor ever has it."""
        return hmac.new(self._key, folder.name.encode(), hashlib.sha256).hexdigest()

    def status(self, folder: Path) -> Node:
        """What the supervisor of a job has written; a loss of infrastructure where somebody else did."""
        written = launch.read_json(folder / "status.json")
        if seal.is_sealed(written, self.word(folder)) or folder.name in self._before:
            return Node(written)
        return LOST

    @cached_property
    def _key(self) -> bytes:
        path = self.keys / "jobs.hmac"
        if not path.exists():
            self.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
            running = [one.parent.name for one in self.jobs.glob("*/supervisor.json")]
            write_atomically(self.keys / "jobs.before", json.dumps(running))
            _made_once(path)
        return path.read_bytes()

    @cached_property
    def _before(self) -> frozenset[str]:
        try:
            return frozenset(json.loads((self.keys / "jobs.before").read_text()))
        except (OSError, ValueError):
            return frozenset()


def _made_once(path: Path) -> None:
    """By the first of several workers."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    write_atomically(new, secrets.token_bytes(32))
    try:
        os.link(new, path)
    except FileExistsError:
        pass
    finally:
        new.unlink()
