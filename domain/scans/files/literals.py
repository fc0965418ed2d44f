"""Programs in texts of other languages: what looks like Python there and parses as a whole is read as Python.

YAML's blocks (config maps, inline code of functions, steps), here documents of Terraform, texts between `$$` in SQL,
in three quotes in TOML, in two in Nix, recipes with a shebang, and `["python", "-c", "..."]`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent, indent

from domain.scans.files.scripts import is_python, looks_like_code

UNREADABLE = "("
"""No Python: stands for what was not tried."""
MAX_TRIED = 30
"""Times the length of a file: letters of its texts between marks that are tried."""
MAX_BLOCK = 1_000_000
"""Letters of a block that is tried."""


@dataclass(frozen=True)
class Script:
    """Python that was found, by itself or as a shell will put it together."""

    text: str
    line: int
    """Of the file, from 1, on which it begins."""
    literal: bool
    """What stands here is what the interpreter gets; else a shell puts values into it first."""


_BLOCK = re.compile(
    r"(?P<indent>[ ]*)(?P<dashes>(?:-[ ]+)*)(?P<key>[^#\n|>]{1,300}:[ ]+)?(?:![\w!/]+[ ]+)?[|>][-+\d]{0,2}[ ]*(?:#.*)?"
)
_HEREDOC = re.compile(r"[=(,:?][ \t]*<<[-~]?[ \t]*['\"]?(?P<end>[A-Za-z_]\w{0,100})['\"]?[ \t]*$")
_SHEBANG = re.compile(r"(?P<indent>[ \t]+)#![^\n]{0,200}\bpython")
_MARK = re.compile(r"\$[A-Za-z_]?\w{0,60}\$|\"\"\"|'''|''")
"""Where a text begins or ends that its own mark ends."""
_PROCEDURE = re.compile(r"plpython|language\s+'?python", re.I)
_ARGUMENTS = re.compile(
    r"""["']-[A-Za-z]{0,5}c["']\s{0,100},\s{0,100}(?:(?P<double>"(?:[^"\\]|\\.){1,100000}")|'(?P<single>[^'\n]{1,100000})')""",
    re.S,
)
_INTERPRETER = re.compile(r"[\"'/](?:python|pypy)[\d.]*[\"']")
_BEFORE = 300
"""Letters before `-c` in which its interpreter stands."""


def literals(text: str) -> Iterator[Script]:
    """What parses; time grows as the text does."""
    lines = text.split("\n")
    for first, last in (*_blocks(lines), *_documents(lines), *_recipes(lines)):
        body = dedent("\n".join(lines[first:last]).expandtabs())
        if _is_program(body):
            yield Script(body, first + 1, literal=True)
    yield from _quoted(text)
    yield from _commands(text)


def _is_program(text: str) -> bool:
    data = text.encode("utf-8", "replace")
    return len(data) <= MAX_BLOCK and looks_like_code(data) and is_python(data)


def _blocks(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Lines of YAML's block scalars."""
    at = 0
    while at < len(lines):
        found = _BLOCK.fullmatch(lines[at].rstrip("\r"))
        at += 1
        if not found:
            continue
        dashes = len(found["dashes"])
        column = len(found["indent"]) + (dashes if found["key"] else max(dashes - 2, 0))
        first = at
        while at < len(lines) and (not lines[at].strip() or _depth(lines[at]) > column):
            at += 1
        yield first, at


def _documents(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Here documents that are a value; those of a shell are judged by their command."""
    last = {line.strip(): number for number, line in enumerate(lines)}
    at = 0
    while at < len(lines):
        opened = _HEREDOC.search(lines[at].rstrip()) if "<<" in lines[at] else None
        first = at = at + 1
        if opened and last.get(opened["end"], 0) >= first:
            while lines[at].strip() != opened["end"]:
                at += 1
            yield first, at


def _recipes(lines: list[str]) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(lines):
        found = _SHEBANG.match(lines[at])
        first = at
        at += 1
        if found:
            depth = len(found["indent"])
            while at < len(lines) and (not lines[at].strip() or _depth(lines[at]) >= depth):
                at += 1
            yield first, at


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _between(text: str) -> Iterator[tuple[int, int]]:
    """Where texts begin and end that stand between two equal marks, each mark paired with the one before it.

    Marks in comments pair as well, so texts overlap. Ends with an empty one where too much would have to be tried.
    """
    before: dict[str, int] = {}
    left = MAX_TRIED * len(text)
    for found in _MARK.finditer(text):
        start = before.get(found[0], found.start())
        before[found[0]] = found.end()
        left -= found.start() - start
        if left < 0:
            yield found.start(), found.start()
            return
        if start < found.start():
            yield start, found.start()


def _quoted(text: str) -> Iterator[Script]:
    """Texts in quotes; a procedure of a database is the body of a function."""
    breaks = [found.start() for found in re.finditer("\n", text)]
    procedures = bool(_PROCEDURE.search(text))
    for start, end in _between(text):
        line = bisect_left(breaks, start) + 1
        body = dedent(text[start:end])
        if start == end:
            yield Script(UNREADABLE, line, literal=True)
        elif _is_program(body):
            yield Script(body, line, literal=True)
        elif procedures and body.startswith("\n"):
            body = "def procedure(VALUE):" + indent(body, " ")
            if _is_program(body):
                yield Script(body, line, literal=True)


def _commands(text: str) -> Iterator[Script]:
    """Arguments in a list: no shell changes them."""
    for found in _ARGUMENTS.finditer(text):
        before = text[max(0, found.start() - _BEFORE) : found.start()]
        if _INTERPRETER.search(before) or _INTERPRETER.search(before.replace("\\", "")):
            code = found["single"] or _unescaped(found["double"])
            if is_python(code.encode("utf-8", "replace")):
                yield Script(code, text.count("\n", 0, found.start()) + 1, literal=True)


def _unescaped(quoted: str) -> str:
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        return quoted[1:-1]
