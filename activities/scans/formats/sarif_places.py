"""Where a SARIF result is: a path relative to the repository, through `originalUriBaseIds` and `artifacts`."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from activities.core.paths import inside, is_file
from domain.core.documents import Node

_MAX_BASES = 20
"""Bases that stand on each other; more, or a circle, is cut off."""
_ROOT_NAMES = ("%SRCROOT%", "SRCROOT", "REPOROOT", "PROJECTROOT", "ROOT")
"""Names that tools give to the root of the repository."""


@dataclass(frozen=True)
class Places:
    """The bases and artifacts of a run."""

    bases: Mapping[str, Node]
    artifacts: Sequence[Node]
    roots: Sequence[str]
    """Absolute folders that may be the root of the repository, the likeliest first; each ends with a slash."""
    checkout: Path | None = None
    _known: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def of(run: Node, checkout: Path | None) -> Places:
        """Reads what the whole run says about places. `checkout`: where its files should be."""
        known = Places(dict(run["originalUriBaseIds"].fields()), list(run["artifacts"]), ())
        mapped = [known.absolute(one["mappedTo"]) for one in run["versionControlProvenance"]]
        named = [known.absolute(known.bases[name]) for name in _ROOT_NAMES if name in known.bases]
        others = sorted((known.absolute(one) for one in known.bases.values() if not one["uriBaseId"]), key=len)
        started = [known.absolute(one["workingDirectory"]) for one in run["invocations"]]
        roots = [f"{one.rstrip('/')}/" for one in (*mapped, *named, *others, *started) if _is_absolute(one)]
        return Places(known.bases, known.artifacts, tuple(dict.fromkeys(roots)), checkout)

    def path(self, location: Node) -> str:
        """The path of an `artifactLocation`; empty: none. One outside the repository is text only, never opened."""
        full = self.absolute(location)
        if full not in self._known:
            self._known[full] = self._relative(posixpath.normpath(full))[:1_000] if full else ""
        return self._known[full]

    def _relative(self, full: str) -> str:
        """Below the first root that has such a file; else where the checkout has it; else below the first root."""
        below = [full[len(root) :] for root in self.roots if full.startswith(root)]
        if self.checkout is None or not _is_absolute(full):
            return below[0] if below else full
        there = next((path for path in below if is_file(self.checkout / path)), "") or inside(self.checkout, full)
        return below[0] if below and _is_absolute(there) else there

    def absolute(self, location: Node) -> str:
        """The path with all of its bases before it (3.14.14); relative when the outermost base says nothing."""
        index = location["index"].whole(-1)
        if not location["uri"] and 0 <= index < len(self.artifacts):
            location = self.artifacts[index]["location"]
        path = _plain(location["uri"].text())
        for _ in range(_MAX_BASES):
            location = self.bases.get(location["uriBaseId"].text(), Node())
            if not location or _is_absolute(path):
                break
            before = _plain(location["uri"].text())
            path = f"{before.rstrip('/')}/{path}" if before else path
        return path


def _plain(uri: str) -> str:
    path = unquote(urlsplit(uri).path if "://" in uri or uri.startswith("file:") else uri)
    return path.replace("\\", "/")


def _is_absolute(path: str) -> bool:
    return path.startswith("/") or path[1:2] == ":"
