"""Python in files of shells, builds and pipelines: here documents, `python -c '...'`, and steps of `shell: python`.

Read by text in any file that is no code of a language with rules here and no prose; lines keep their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from textwrap import dedent

from domain.scans.files.languages import suffix_of
from domain.scans.files.literals import UNREADABLE, Script, literals
from domain.scans.files.pieces import Piece, Place
from domain.scans.files.scripts import is_readable, looks_like_code

PROSE = frozenset({"md", "markdown", "rst", "adoc"})
"""Suffixes of texts whose commands are examples."""
MAX_PIECES = 2_000
"""Of one file; what is beyond is named."""
MAX_STEP = 500
"""Lines between the keys of one step of a pipeline."""
_INTERPRETER = r"(?<![\w-])(?:python|pypy)[\d.]*(?![\w/-])"
_HEREDOC = re.compile(r"<<-?[ \t]*(?P<quote>['\"\\]?)(?P<end>\w{1,100})['\"]?")
_STANDARD_INPUT = re.compile(rf"{_INTERPRETER}(?P<file>[^;&|<]{{0,200}}\.py\b)?")
_NEW_FILE = re.compile(r"(?:>|\btee\b|\bCOPY\b|\bADD\b)[^;&|\n]{1,200}?\.pyw?\b")
_ANY = re.compile(r"python|pypy|\.py")
_SHEBANG = re.compile(rf"\s*#![^\n]{{0,200}}{_INTERPRETER}")
_COMMAND = re.compile(
    rf"{_INTERPRETER}[^\n;&|'\"<>]{{0,100}}?[ \t]-[A-Za-z]{{0,5}}c[ \t]*"
    r"(?:\$?'(?P<single>[^']{1,100000})'"
    r'|\\"(?P<quoted>(?:[^"\\]|\\\\\\?.|\\[^"]){1,100000}?)\\"'
    r'|"(?P<double>(?:[^"\\]|\\.){1,100000})")',
    re.S,
)
_SHELL = re.compile(r"^(?P<indent>[ ]*)(?P<dash>-[ ]+)?shell:[ ]*['\"]?" + _INTERPRETER)
_RUN = re.compile(r"^(?P<indent>[ ]*)(?P<dash>-[ ]+)?run:[ ]*(?P<rest>.*)$")
_EXPANDED = re.compile(r"\$\{\{.{0,500}?\}\}|\$\{[^}\n]{0,200}\}|\$\([^)\n]{0,500}\)|`[^`\n]{0,500}`|\$(?=\w)", re.S)


@dataclass(frozen=True)
class Embedded:
    """What a file holds. `unread`: lines at which Python begins that does not parse; `gap`: where that hides code."""

    pieces: tuple[Piece, ...] = ()
    unread: tuple[tuple[int, bool], ...] = ()


def embedded(path: str, text: str) -> Embedded:
    """The Python in a text; nothing in prose."""
    if suffix_of(path) in PROSE or not (_ANY.search(text) or looks_like_code(text.encode("utf-8", "replace"))):
        return Embedded()
    pieces, unread = [], []
    known: set[int] = set()
    for script in chain(_scripts(text), literals(text)):
        if script.line in known:
            continue  # found in another way
        known.add(script.line)
        if len(known) > MAX_PIECES:
            unread.append((script.line, True))
            break
        plain = _plain(script)
        if not plain.strip():
            continue
        if is_readable(plain.encode("utf-8", "replace")):
            lines = range(script.line, script.line + plain.count("\n") + 1)
            pieces.append(Piece(plain, ".py", tuple(map(Place, lines))))
        else:
            unread.append((script.line, script.literal))
    return Embedded(tuple(pieces), tuple(unread))


def _scripts(text: str) -> Iterator[Script]:
    lines = text.split("\n")
    yield from _documents(lines)
    yield from _steps(lines)
    for found in _COMMAND.finditer(text):
        kind = found.lastgroup or ""
        yield Script(_unquoted(kind, found[kind]), text.count("\n", 0, found.start(kind)) + 1, kind == "single")


def _unquoted(kind: str, text: str) -> str:
    if kind == "quoted":
        text = re.sub(r"\\(.)", r"\1", text.replace("\\n", "\n") if "\n" not in text else text)
    return text if kind == "single" else re.sub(r'\\([\\"$`])', r"\1", text)


def _documents(lines: list[str]) -> Iterator[Script]:
    """Here documents that an interpreter reads, or that become a file of Python."""
    last = {line.strip(): number for number, line in enumerate(lines)}
    at = 0
    while at < len(lines):
        opened = _HEREDOC.search(lines[at]) if "<<" in lines[at] else None
        first = at = at + 1
        if not opened or last.get(opened["end"], 0) < first:
            continue
        while lines[at].strip() != opened["end"]:
            at += 1
        if (body := lines[first:at]) and (to := _reader(lines[first - 1], body[0])):
            yield Script("\n".join(body), first + 1, to == "program" and bool(opened["quote"]))


def _reader(command: str, first: str) -> str:
    """What the document is for Python: a `program`, or the `input` of one, which may be code too; empty: nothing."""
    if _NEW_FILE.search(command) or _SHEBANG.match(first):
        return "program"
    found = _STANDARD_INPUT.search(command)
    return "" if not found else "input" if found["file"] else "program"


def _steps(lines: list[str]) -> Iterator[Script]:
    """Steps of a pipeline whose shell is Python: `run` beside `shell`, in any order."""
    shells = ((at, found) for at, line in enumerate(lines) if (found := _SHELL.match(line)))
    for number, (at, shell) in enumerate(shells):
        if number == MAX_PIECES:
            yield Script(UNREADABLE, at + 1, literal=True)
            return
        if script := _run_beside(lines, at, _column(shell)):
            yield script


def _run_beside(lines: list[str], at: int, column: int) -> Script | None:
    """The `run` of the mapping that line `at` is in, whose keys begin in `column`."""
    first, last = at, at + 1
    while first and at - first < MAX_STEP and not _before(lines[first], column):
        first -= 1
    while last < len(lines) and last - at < MAX_STEP and not _before(lines[last], column):
        last += 1
    for here in range(first, last):
        if (found := _RUN.match(lines[here])) and _column(found) == column:
            return _block(lines, here, column, found["rest"])
    return None


def _before(line: str, column: int) -> bool:
    """Whether it begins left of the column: an item's dash does."""
    return bool(line.strip()) and len(line) - len(line.lstrip(" ")) < column


def _column(found: re.Match[str]) -> int:
    return len(found["indent"]) + len(found["dash"] or "")


def _block(lines: list[str], at: int, column: int, rest: str) -> Script:
    if rest[:1] not in ("|", ">"):
        return Script(rest.strip("'\""), at + 1, literal=False)
    end = at + 1
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip()) > column):
        end += 1
    return Script("\n".join(lines[at + 1 : end]), at + 2, "${{" not in "".join(lines[at + 1 : end]))


def _plain(script: Script) -> str:
    """As the interpreter may get it: what a shell or a pipeline puts in is a name."""
    text = script.text if script.literal else _EXPANDED.sub(_name, script.text)
    return dedent(text.expandtabs() if text.startswith("\t") else text).rstrip()


def _name(found: re.Match[str]) -> str:
    return "" if found[0] == "$" else "VALUE" + "\n" * found[0].count("\n")
