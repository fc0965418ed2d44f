"""A document that was parsed and linted, once: what everything after it is made from."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline_defs.core.diagnostics import Diagnostic, InvalidDefinitionError, errors
from pipeline_defs.core.reader import Source, UsedFiles


@dataclass(frozen=True)
class Checked:
    """A document, everything that is wrong with it, and the files that it uses."""

    file: str
    source: Source | None
    """None when it could not be parsed."""
    diagnostics: tuple[Diagnostic, ...]
    """In the order of the files' lines, warnings too."""
    files: UsedFiles

    def valid(self) -> Source:
        """The document, when nothing keeps it from being used.

        Raises:
            InvalidDefinitionError: with everything that is wrong with it.
        """
        if self.source is None or errors(self.diagnostics):
            raise InvalidDefinitionError(self.diagnostics)
        return self.source
