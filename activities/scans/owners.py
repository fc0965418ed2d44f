"""Who owns findings, from reviewed files of the default branch: no commit says who owns what it brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from activities.scans.baselines.branches import default_branch
from activities.source import git
from activities.source.mirrors import Mirrors
from domain.core.errors import SluicewayError
from domain.scans.findings import code_owners
from domain.scans.findings.code_owners import ASSIGNED, PLACES, Owners

ReadAssigned = Callable[[bytes, str], Mapping[str, str]]
"""A file's content and name to fingerprints and their owners; empty when it cannot be read."""


@dataclass(frozen=True)
class ReviewedOwners:
    """Reads CODEOWNERS and `sluiceway.owners.yaml`."""

    mirrors: Mirrors
    assigned: ReadAssigned = lambda data, name: {}

    def of(self, repo: str) -> Owners:
        """Nobody owns anything where the files cannot be read."""
        branch, mirror = default_branch(repo), self.mirrors.path(repo)
        if not branch or not mirror.exists():
            return Owners()
        try:
            head = git.resolve(mirror, f"refs/heads/{branch}")
            there = git.list_files(mirror, head, *PLACES, ASSIGNED)
            named = next((place for place in PLACES if place in there), "")
            data = git.read_file(mirror, head, named) if named else b""
            written = git.read_file(mirror, head, ASSIGNED) if ASSIGNED in there else b""
        except SluicewayError:
            return Owners()
        return Owners(code_owners.read(data or b""), self.assigned(written or b"", ASSIGNED))
