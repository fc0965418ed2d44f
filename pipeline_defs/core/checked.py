"""A document that was parsed and linted once; all later steps use it."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError, errors
from pipeline_defs.core.reader import Source, UsedFiles


@dataclass(frozen=True)
class Checked:
    """A document, its diagnostics, and the files it uses."""

    file: str
    source: Source | None
    """None when it could not be parsed."""
    diagnostics: tuple[Diagnostic, ...]
    """Sorted by file and line, warnings included."""
    files: UsedFiles

    def valid(self) -> Source:
        """The document, if it has no errors.

        Raises:
            InvalidDefinitionError: with all diagnostics.
        """
        if self.source is None or errors(self.diagnostics):
            raise InvalidDefinitionError(self.diagnostics)
        return self.source
