"""What of a file the scanners of code get: itself as its language reads it, and the pieces of other languages in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from domain.scans.files import blocks, fenced, notebooks, rendered, run_by_name
from domain.scans.files.embedded import embedded
from domain.scans.files.encodings import in_plain_lines, transcoded, with_plain_lines
from domain.scans.files.kinds import can_be_notebook, has_page
from domain.scans.files.languages import language_of
from domain.scans.files.model import FileKind
from domain.scans.files.newer_syntax import has_numbers_behind_questions, with_numbers_apart, with_parentheses
from domain.scans.files.pieces import NotReadable, Piece, Place

_PLAIN = (FileKind.TEXT, FileKind.CODE, FileKind.TEMPLATE)
_ODD_BREAKS = (b"\r", "\u2028".encode(), "\u2029".encode())
MAX_REWRITTEN = 3_000_000
"""Bytes of Python that is parsed here, to see whether it must be written as older interpreters read it."""


@dataclass(frozen=True)
class Asked:
    """A file, or a member of an archive. `suffix`: by which scanners know its language; empty if none does."""

    kind: FileKind
    name: str
    language: str
    suffix: str


@dataclass(frozen=True)
class Inside:
    """What is in it."""

    text: str | None = None
    """The file itself; None: its bytes as they are."""
    places: tuple[Place, ...] = ()
    """Of each line of `text`; empty: lines are those of the file."""
    pieces: tuple[Piece, ...] = ()
    left: tuple[tuple[str, bool], ...] = ()
    """What is not among them, in words, and whether that hides code."""


def inside(asked: Asked, data: bytes) -> Inside:
    """Takes time and memory as the size of the data."""
    found: list[Piece] = []
    left: list[tuple[str, bool]] = []
    text = None
    try:
        text = transcoded(data, asked.language, has_page(asked.name, asked.kind))
        found, left = _pieces(asked, data, text)
        own = _own(asked, data, text)
    except NotReadable as broken:
        own, left = Inside(), [*left, (str(broken), True)]
    return replace(own, pieces=tuple(map(_clean, found)), left=tuple(left))


def _own(asked: Asked, data: bytes, text: str | None) -> Inside:
    """The file itself."""
    if text is not None:
        text = with_numbers_apart(text, asked.language)
    elif has_numbers_behind_questions(data, asked.language):
        text = with_numbers_apart(_decoded(data, None), asked.language)
    if asked.suffix and (text is not None or any(sign in data for sign in _ODD_BREAKS)):
        plain, lines = with_plain_lines(_decoded(data, text), asked.language)
        if lines:
            return Inside(_valid(plain), tuple(map(Place, lines)))
    if asked.language == "python" and text is None and len(data) <= MAX_REWRITTEN:
        changed = with_parentheses(data) or rendered.readable(data)
        return Inside(changed.decode() if changed else None)
    return Inside(None if text is None else _valid(text))


def _pieces(asked: Asked, data: bytes, text: str | None) -> tuple[list[Piece], list[tuple[str, bool]]]:
    """Code of other languages in it.

    Raises:
        NotReadable: it is not what its name says.
    """
    if asked.kind is FileKind.NOTEBOOK:
        notebook = notebooks.read(_decoded(data, text))
        return [in_plain_lines(one) for one in notebook.pieces], list(notebook.left)
    if asked.kind is FileKind.TEXT and can_be_notebook(data):
        return _hidden_notebook(_decoded(data, text))
    found: list[Piece] = []
    left: list[tuple[str, bool]] = []
    page, copied = has_page(asked.name, asked.kind), asked.kind in _PLAIN and bool(rendered.inner_path(asked.name))
    run = run_by_name.is_run(asked.name)
    if page:
        found += blocks.pieces(asked.name, _decoded(data, text))
    if asked.kind in _PLAIN and not asked.suffix:
        commands = embedded(asked.name, _decoded(data, text))
        found += commands.pieces
        left += [(f"the Python at line {line} cannot be read", gap) for line, gap in commands.unread]
    if run and (one := run_by_name.program(asked.name, _decoded(data, text))):
        found.append(one)
    if fenced.has_fences(asked.name) and (one := fenced.program(_decoded(data, text))):
        found.append(one)
    if copied and (one := rendered.program(asked.name, _decoded(data, text))):
        found.append(one)
    return [in_plain_lines(one) for one in found], left


def _hidden_notebook(text: str) -> tuple[list[Piece], list[tuple[str, bool]]]:
    """The code of a text that may be a notebook."""
    try:
        notebook = notebooks.read(text)
    except NotReadable:
        return [], []  # what runs notebooks cannot read it either
    return [in_plain_lines(one) for one in notebook.pieces], list(notebook.left) if notebook.pieces else []


def _decoded(data: bytes, text: str | None) -> str:
    return data.decode("utf-8", "replace") if text is None else text


def _clean(piece: Piece) -> Piece:
    return replace(piece, text=_valid(with_numbers_apart(piece.text, language_of(piece.suffix, b""))))


def _valid(text: str) -> str:
    """Without halves of letters, which no file can hold."""
    return text.encode("utf-8", "replace").decode()
