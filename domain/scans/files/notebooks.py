"""The code of a notebook (Jupyter, nbformat 3 and 4), cell by cell, with the line of the file that each line came from.

All cells are one program, as in the notebook: an import in one of them counts in the others. A cell that is no Python
by itself is a piece of its own, so that it cannot hide the others; whoever scans it says that it cannot be read.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from domain.core.values import number
from domain.scans.files import blocks, cells
from domain.scans.files.cells import Taken
from domain.scans.files.embedded import embedded
from domain.scans.files.pieces import NotReadable, Piece, Place
from domain.scans.files.scripts import is_python

MAX_CELLS = 20_000
MAX_LANGUAGES, MAX_NAME = 10, 40
"""Languages that are named, and letters of a name."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.S)
_SUFFIXES = {"javascript": ".js", "typescript": ".ts", "node": ".js", "deno": ".ts", "jslab": ".js", "tslab": ".ts"}


@dataclass(frozen=True)
class Notebook:
    """What is in a notebook."""

    pieces: list[Piece]
    left: tuple[tuple[str, bool], ...] = ()
    """What is not among them, in words, and whether that hides code."""


@dataclass(frozen=True)
class _Text:
    """A string of the document and the line on which it begins."""

    value: str
    line: int


_Value = object
_Pairs = list[tuple[str, _Value]]


@dataclass(frozen=True)
class _Object:
    pairs: _Pairs

    def get(self, *names: str) -> _Value:
        """The last of that name, as JSON readers have it."""
        return next((value for name, value in reversed(self.pairs) if name in names), None)


def read(text: str) -> Notebook:
    """The code of a notebook, and what of it is in languages without rules here.

    Raises:
        NotReadable: it is no notebook.
    """
    try:
        root = _placed(_read(text), _lines_of_strings(text))
    except RecursionError as deep:
        raise NotReadable("a notebook that is nested too deeply") from deep
    assert isinstance(root, _Object)
    listed = list(_cells(root))
    if len(listed) > MAX_CELLS:
        raise NotReadable(f"it has more than {MAX_CELLS:,} cells")
    return _Reading(_language(root)).of(listed)


def _read(text: str) -> _Object:
    try:
        found = json.loads(text.lstrip("\ufeff"), object_pairs_hook=_Object, strict=False)
    except (ValueError, RecursionError) as broken:
        raise NotReadable(f"a notebook that is not JSON ({type(broken).__name__})") from broken
    if not isinstance(found, _Object):
        raise NotReadable("a notebook that is not an object")
    return found


def _lines_of_strings(text: str) -> Iterator[int]:
    """The line of each string of a JSON document, names of fields included, in order."""
    line, at = 1, 0
    for found in _STRING.finditer(text):
        line += text.count("\n", at, found.start())
        at = found.start()
        yield line


def _placed(value: _Value, lines: Iterator[int]) -> _Value:
    """The document with the lines of its strings: both are in the order of the text."""
    if isinstance(value, str):
        return _Text(value, next(lines, 1))
    if isinstance(value, list):
        return [_placed(one, lines) for one in value]
    if isinstance(value, _Object):
        made: _Pairs = []
        for name, one in value.pairs:
            next(lines, 1)
            made.append((name, _placed(one, lines)))
        return _Object(made)
    return value


def _cells(root: _Object) -> Iterator[tuple[int, list[_Text]]]:
    """Number and code of each cell of code; every `source` of it, if there are two."""
    count = 0
    for sheet in (root, *_objects(root.get("worksheets"))):
        for name, listed in sheet.pairs:
            for cell in _objects(listed) if name == "cells" else ():
                count += 1
                kind = cell.get("cell_type")
                if isinstance(kind, _Text) and kind.value != "code":
                    continue
                yield count, [part for name, one in cell.pairs if name in ("source", "input") for part in _texts(one)]


def _objects(value: _Value) -> Iterator[_Object]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, _Object))


def _texts(value: _Value) -> Iterator[_Text]:
    if isinstance(value, _Text):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, _Text))


def _language(root: _Object) -> str:
    """What it says it is written in; empty: Python, which is so unless everything in it says otherwise."""
    metadata = root.get("metadata")
    said = []
    for holder in ("kernelspec", "language_info"):
        about = metadata.get(holder) if isinstance(metadata, _Object) else None
        names = [about.get("language"), about.get("name")] if isinstance(about, _Object) else []
        said += [name.value.strip() for name in names if isinstance(name, _Text)]
    return "" if any(cells.PYTHON.fullmatch(name) for name in said) else next(filter(None, said), "")


@dataclass
class _Reading:
    """A notebook's cells as they are taken. `language`: empty if it is Python."""

    language: str
    lines: list[str] = field(default_factory=list)
    """Of all cells of Python that parse: one program, as in the notebook."""
    places: list[Place] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    """Cells in languages without rules here."""
    unread: list[tuple[str, bool]] = field(default_factory=list)

    def of(self, listed: list[tuple[int, list[_Text]]]) -> Notebook:
        """What is in the cells."""
        for index, texts in listed:
            code, where = _code(index, texts)
            if any(line.strip() for line in code):
                self._take(self._taken(code), where)
        if any(line.strip() for line in self.lines):
            self.pieces.append(Piece("\n".join(self.lines) + "\n", ".py", tuple(self.places)))
        told = [
            (f"{number(count, 'cell')} of {name}: there are no rules for it here", False)
            for name, count in self._named()
        ]
        return Notebook(self.pieces, (*self.unread, *told))

    def _named(self) -> list[tuple[str, int]]:
        return sorted(self.others.items())[:MAX_LANGUAGES]

    def _taken(self, code: list[str]) -> Taken:
        """A cell of a kernel that is not Python's counts as Python only if it is."""
        if not self.language:
            return cells.taken(code)
        text = "\n".join(code)
        suffix = ".py" if is_python(text.encode("utf-8", "replace")) else _SUFFIXES.get(self.language.lower(), "")
        return Taken(suffix, code, language="" if suffix else self.language)

    def _take(self, cell: Taken, where: list[Place]) -> None:
        text = "\n".join(cell.lines)
        if cell.language:
            self.others[cell.language[:MAX_NAME]] += 1
        if cell.suffix == ".py" and cells.parses(text):
            self.lines += cell.lines
            self.places += where
        elif cell.suffix in (".html", ".svg"):
            self.pieces += [_moved(one, where, 0) for one in blocks.pieces(f"a{cell.suffix}", text)]
        elif cell.suffix and text.strip():
            self.pieces.append(Piece(text + "\n", cell.suffix, tuple(where)))
        for at, command in cell.shell:
            found = embedded("a.sh", command)
            self.pieces += [_moved(one, where, at) for one in found.pieces]
            self.unread += [
                (f"the Python at line {where[min(at + line, len(where)) - 1].line} cannot be read", gap)
                for line, gap in found.unread
            ]


def _moved(piece: Piece, where: list[Place], at: int) -> Piece:
    """A piece of a cell as one of the notebook. `at`: the index of the line where the text began that it is of."""
    lines = range(1, piece.text.count("\n") + 2)
    return replace(piece, places=tuple(where[min(at + piece.place(line).line, len(where)) - 1] for line in lines))


def _code(cell: int, texts: list[_Text]) -> tuple[list[str], list[Place]]:
    """Lines of a cell, and the place of each."""
    lines: list[str] = []
    places: list[Place] = []
    open_ = False
    for text in texts:
        for index, line in enumerate(text.value.split("\n")):
            if index == 0 and open_:
                lines[-1] += line
            else:
                lines.append(line)
                places.append(Place(text.line, cell))
        open_ = not text.value.endswith("\n")
        if not open_:
            lines.pop()
            places.pop()
    return lines, places
