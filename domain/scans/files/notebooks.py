"""The code of a notebook (Jupyter, nbformat 3 and 4), cell by cell, with the line of the file that each line came from.

All cells are one program, as in the notebook: an import in one of them counts in the others. A cell that is no Python
by itself is a piece of its own, so that it cannot hide the others; whoever scans it says that it cannot be read.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from domain.scans.files.pieces import NotReadable, Piece, Place

MAX_CELLS = 20_000
MAX_CELL_LETTERS = 200_000
"""A longer cell is a piece of its own: only its scanner parses it, and that has limits."""
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.S)
_INSTALLERS = r"(?:pip3?|conda|mamba) (?:install|uninstall|list|show|freeze|download|config|create|update)\b.*"
"""IPython takes them for magics without a percent sign; no statement of Python begins like that."""
_MAGIC = re.compile(rf"^(\s*+)(?:[%!?].*|[\w.]+\?{{1,2}}|{_INSTALLERS})$")
_ASSIGNED = re.compile(r"^(\s*+[\w, .\[\]'\"]+=\s*)[%!].*$")
_OF_CELL = re.compile(r"^\s*%%(\w+)")
_OTHERS = {"javascript": ".js", "js": ".js"}
_NO_CODE = frozenset(
    str.split("bash sh html svg latex markdown perl ruby script sql R r julia cython file writefile system sx cmd pypy")
)
_PYTHON = re.compile(r"i?python[\d.]*", re.I)


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


def pieces(text: str) -> list[Piece]:
    """The code of a notebook; of a language without rules here nothing.

    Raises:
        NotReadable: it is no notebook.
    """
    try:
        root = _placed(_read(text), _lines_of_strings(text))
    except RecursionError as deep:
        raise NotReadable("a notebook that is nested too deeply") from deep
    assert isinstance(root, _Object)
    cells = list(_cells(root))
    if len(cells) > MAX_CELLS:
        raise NotReadable(f"it has more than {MAX_CELLS:,} cells")
    if not _is_python(root):
        return []
    return list(_pieces(cells))


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
    number = 0
    for sheet in (root, *_objects(root.get("worksheets"))):
        for name, listed in sheet.pairs:
            for cell in _objects(listed) if name == "cells" else ():
                number += 1
                kind = cell.get("cell_type")
                if isinstance(kind, _Text) and kind.value != "code":
                    continue
                yield number, [part for name, one in cell.pairs if name in ("source", "input") for part in _texts(one)]


def _objects(value: _Value) -> Iterator[_Object]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, _Object))


def _texts(value: _Value) -> Iterator[_Text]:
    if isinstance(value, _Text):
        yield value
    elif isinstance(value, list):
        yield from (one for one in value if isinstance(one, _Text))


def _is_python(root: _Object) -> bool:
    """Unless it says otherwise."""
    metadata = root.get("metadata")
    if not isinstance(metadata, _Object):
        return True
    for holder, field in (("language_info", "name"), ("kernelspec", "language")):
        about = metadata.get(holder)
        if isinstance(about, _Object) and isinstance(name := about.get(field), _Text):
            return bool(_PYTHON.match(name.value))
    return True


def _pieces(cells: list[tuple[int, list[_Text]]]) -> Iterator[Piece]:
    lines: list[str] = []
    places: list[Place] = []
    for number, texts in cells:
        code, where = _code(number, texts)
        suffix, code = _plain(code)
        if not suffix:
            continue
        if suffix == ".py" and _parses("\n".join(code)):
            lines += code
            places += where
        elif any(line.strip() for line in code):
            yield Piece("\n".join(code) + "\n", suffix, tuple(where))
    if any(line.strip() for line in lines):
        yield Piece("\n".join(lines) + "\n", ".py", tuple(places))


def _code(number: int, texts: list[_Text]) -> tuple[list[str], list[Place]]:
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
                places.append(Place(text.line, number))
        open_ = not text.value.endswith("\n")
        if not open_:
            lines.pop()
            places.pop()
    return lines, places


def _plain(code: list[str]) -> tuple[str, list[str]]:
    """The suffix of its language (empty: none with rules), and the lines without what only the notebook reads."""
    code = [line.rstrip("\r").replace("\x00", "\ufffd") for line in code]
    first = next((index for index, line in enumerate(code) if line.strip()), 0)
    if code and (found := _OF_CELL.match(code[first])):
        if found[1] in _OTHERS:
            return _OTHERS[found[1]], ["" if index <= first else line for index, line in enumerate(code)]
        written = re.search(r"%%(?:write)?file\s.*\.py\s*$", code[first])
        if found[1] in _NO_CODE and not written:
            return "", []
        code[first] = ""
    if _parses("\n".join(code)):
        return ".py", code
    return ".py", [_ASSIGNED.sub(r"\1None", _MAGIC.sub(r"\1pass", line)) for line in code]


def _parses(text: str) -> bool:
    if len(text) > MAX_CELL_LETTERS:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return False
    return True
