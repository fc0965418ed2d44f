"""A Python source with its tree, and edits of pieces of its text."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

_LINE = re.compile(r"\r\n|\n|\r")
MAX_CHARACTERS = 1_000_000
"""A longer file is not fixed."""


@dataclass(frozen=True, order=True)
class Edit:
    """Characters from `start` to `end` become `text`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Program:
    """A source that parses. Positions are characters of `text` from 0."""

    text: str
    tree: ast.Module
    starts: tuple[int, ...]
    """Where each line starts."""
    modules: dict[str, str] = field(default_factory=dict)
    """A name to what it was imported as: `h` to `hashlib`, `load` to `yaml.load`."""

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Start and end of a node's text."""
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno or 0, node.end_col_offset or 0)

    def source(self, node: ast.expr | ast.keyword) -> str:
        """A node's text as it stands."""
        start, end = self.span(node)
        return self.text[start:end]

    def name(self, node: ast.expr) -> str:
        """`hashlib.md5` for whatever the program calls it; empty if it is no name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.modules.get(node.id, node.id), *reversed(parts)])

    def _at(self, line: int, column: int) -> int:
        """`column` counts bytes of UTF-8."""
        start = self.starts[line - 1]
        end = self.starts[line] if line < len(self.starts) else len(self.text)
        return start + len(self.text[start:end].encode()[:column].decode(errors="ignore"))


def program(text: str) -> Program | None:
    """None: it does not parse, or is too long."""
    if len(text) > MAX_CHARACTERS or "\0" in text:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # such as of invalid escapes
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return None
    starts = (0, *(found.end() for found in _LINE.finditer(text)))
    return Program(text, tree, starts, _modules(tree))


def _modules(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                found[one.asname or one.name.partition(".")[0]] = one.name if one.asname else one.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for one in node.names:
                found[one.asname or one.name] = f"{node.module}.{one.name}"
    return found


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits; they must not overlap."""
    for one in sorted(edits, reverse=True):
        text = text[: one.start] + one.text + text[one.end :]
    return text


def added(one: Program, call: ast.Call, arguments: str) -> Edit:
    """More keyword arguments behind the last one, a comma at the end or not."""
    _, end = one.span(call)
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not given:
        return Edit(end - 1, end - 1, arguments)
    last = max(one.span(node)[1] for node in given)
    rest = one.text[last : end - 1]
    closing = len(rest) - len(rest.lstrip(" \t)"))  # a parenthesis around the last argument
    last += rest[:closing].rfind(")") + 1
    return Edit(last, last, f", {arguments}")


def without(one: Program, call: ast.Call, keyword: ast.keyword) -> Edit | None:
    """Removes an argument with the comma in front of it; None where a comment would go with it."""
    start, end = one.span(keyword)
    before: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    ends = [one.span(node)[1] for node in before if one.span(node)[1] <= start]
    if not ends:
        return None
    between = one.text[max(ends) : start]
    return None if between.strip() != "," else Edit(max(ends), end, "")
