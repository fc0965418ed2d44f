"""The files that a definition may use: those beside it, and those of other repositories."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from domain.core.errors import DefinitionError
from domain.pipelines.reference import git_reference
from workers.core import settings

if TYPE_CHECKING:
    from pipeline_defs.core.checked import Checked


@dataclass(frozen=True)
class Files:
    """Reads paths below `root`, and references to other repositories; None for a missing file."""

    root: Path = Path()

    def __call__(self, path: str) -> bytes | None:
        named = git_reference(path)
        if named is not None:
            from activities.source.mirrors import Mirrors

            return Mirrors(settings.current().mirrors).read(named)
        try:
            return (self.root / path).read_bytes()
        except OSError:
            return None

    def check(self, path: Path) -> Checked:
        """The definition at a path, parsed and linted once; its references are relative to it.

        Raises:
            DefinitionError: SLW601, it does not exist or cannot be read.
        """
        from pipeline_defs.documents import check

        return check(self.need(str(path)), str(path), self)

    def need(self, path: str) -> bytes:
        """The content of a file.

        Raises:
            DefinitionError: SLW601, it does not exist or cannot be read.
        """
        data = self(path)
        if data is None:
            raise DefinitionError("SLW601", "the file cannot be read", where=path)
        return data
