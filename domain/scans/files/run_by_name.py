"""Python that an interpreter runs because of a file's name, and that is not all of the file, or no plain Python."""

from __future__ import annotations

from domain.scans.files.cells import taken
from domain.scans.files.languages import suffix_of
from domain.scans.files.pieces import Piece

_SITE, _INTERACTIVE = "pth", "ipy"


def is_run(path: str) -> bool:
    """Whether there can be such code in it."""
    return suffix_of(path) in (_SITE, _INTERACTIVE)


def program(path: str, text: str) -> Piece | None:
    """What is run; None: nothing.

    Of `.pth` files the lines with imports, as an interpreter starts (docs.python.org/3/library/site.html); of `.ipy`
    all of it, as a cell of a notebook.
    """
    lines = text.removeprefix("\ufeff").split("\n")
    if suffix_of(path) == _INTERACTIVE:
        lines = taken(lines).lines
    else:
        lines = [line if line.startswith(("import ", "import\t")) else "" for line in lines]
    code = "\n".join(lines)
    return Piece(code, ".py") if code.strip() else None
