"""Which file a coverage report means, so that the parts of one file are put together."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path

from activities.core.paths import inside, is_file

_MAX_SOURCES = 20


class Places:
    """Files of one report as paths in the workspace, where they can be found there; others keep their names."""

    def __init__(self, workspace: Path, sources: Sequence[str] = ()) -> None:
        """`sources`: folders that the report's names may be relative to."""
        self._workspace = workspace
        self._sources = [source.strip().replace("\\", "/").rstrip("/") for source in sources[:_MAX_SOURCES]]
        self._known: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The file's path."""
        if name not in self._known:
            self._known[name] = self._found(posixpath.normpath(name.replace("\\", "/")))
        return self._known[name]

    def _found(self, name: str) -> str:
        if name.startswith("/") or name[1:2] == ":":
            return inside(self._workspace, name)
        joined = [inside(self._workspace, posixpath.normpath(f"{source}/{name}")) for source in self._sources if source]
        here = [path for path in joined if path == name or (path.endswith(f"/{name}") and not path.startswith("/"))]
        there = next((path for path in here if is_file(self._workspace / path)), "")
        return there or (here[0] if len(here) == 1 else name)
