"""Code in documents that are programs: R Markdown, Quarto, and notebooks kept as Markdown."""

from __future__ import annotations

import re

from domain.scans.files.languages import suffix_of
from domain.scans.files.pieces import Piece

_DOCUMENTS = frozenset({"rmd", "qmd", "md", "markdown", "myst", "pmd"})
_RUN = re.compile(r"[ \t]{0,3}(?P<fence>```+|~~~+)[ \t]*\{[ \t]*(?:python|code-cell)\b", re.I)


def has_fences(path: str) -> bool:
    """Whether blocks of code in it may be run."""
    return suffix_of(path) in _DOCUMENTS


def program(text: str) -> Piece | None:
    """The blocks of Python that are run as one program, at their lines; None: there are none. Examples are not run."""
    made, fence, found = [], "", False
    for line in text.split("\n"):
        opened = _RUN.match(line) if not fence else None
        if fence and line.strip().startswith(fence):
            fence = ""
        elif opened:
            fence, found = opened["fence"], True
        elif fence and not line.startswith((":", "#|")):  # options of the block
            made.append(line)
            continue
        made.append("")
    return Piece("\n".join(made), ".py") if found and any(made) else None
