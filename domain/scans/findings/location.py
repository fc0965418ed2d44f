"""Locates a finding in its file: the statement, its context, and the names of the enclosing functions.

Python is parsed with `ast`, so reformatting changes nothing; other files are read as lines without white space.
"""

from __future__ import annotations

import ast
import hashlib
import re
import warnings
from dataclasses import dataclass, replace
from functools import cached_property

from domain.scans.findings.credentials import is_guess, without_texts
from domain.scans.findings.model import Finding
from domain.scans.markers import OF_SECRETS

MAX_LINES = 12
"""A longer statement is a table of data; only the expressions on the finding's own lines count."""
NEAR = 8
"""Statements or lines around a finding that form its context."""
PARSES = 10
_COMMENT = re.compile(r"^\s*(#|//|/\*|\*|--|;|<!--)")
_QUOTES = str.maketrans("'`", '""')


@dataclass(frozen=True)
class Spot:
    """The code of a finding, without line numbers: the input of its fingerprint."""

    code: str
    scope: str = ""
    context: tuple[str, ...] = ()


@dataclass
class _Statement:
    node: ast.stmt | ast.excepthandler | ast.match_case
    scope: tuple[str, ...]
    start: int
    end: int

    @cached_property
    def header(self) -> str:
        """Computed on demand: a file has many statements, and few are near a finding."""
        return _header(self.node)


def _parsed(text: str) -> ast.Module:
    """Parses once more after a RecursionError: before 3.11.9, `ast.parse` counts depth over all threads (gh-106905)."""
    for _ in range(PARSES - 1):
        try:
            return ast.parse(text)
        except SystemError:
            continue
    return ast.parse(text)


class Source:
    """One file. Accepts any text; what this interpreter cannot parse as Python is read as lines."""

    def __init__(self, path: str, text: str) -> None:
        self._lines = text.splitlines()
        self._statements: list[_Statement] = []
        self._at: dict[int, int] = {}
        if path.endswith((".py", ".pyi")):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # scanned files may cause compiler warnings
                    tree = _parsed(text)
                self._walk(tree.body, ())
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._statements.clear()
        for index, one in enumerate(self._statements):  # children come after their parents and overwrite their lines
            self._at.update(dict.fromkeys(range(one.start, one.end + 1), index))

    def spot(self, line: int, end_line: int = 0) -> Spot:
        """The code at a line (from 1): the statement if the file parses, else the lines; empty for line 0."""
        if line < 1:
            return Spot("")
        index = self._at.get(line)
        return self._by_lines(line, max(end_line, line)) if index is None else self._by_statement(index, line, end_line)

    def snippet(self, line: int, end_line: int = 0) -> str:
        """At most five lines, 500 characters."""
        return "\n".join(self._lines[line - 1 : min(max(end_line, line), line + 4)])[:500] if line > 0 else ""

    # -- Python --------------------------------------------------------------------------------------------------

    def _walk(self, body: list[ast.stmt], scope: tuple[str, ...]) -> None:
        for node in body:
            self._add(node, scope)

    def _add(self, node: ast.stmt | ast.excepthandler | ast.match_case, scope: tuple[str, ...]) -> None:
        start = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
        decorators = getattr(node, "decorator_list", [])
        start = min([start, *(one.lineno for one in decorators)])
        last = node.body[-1] if isinstance(node, ast.match_case) else node
        self._statements.append(_Statement(node, scope, start, last.end_lineno or start))
        inner = (*scope, node.name) if isinstance(node, _NAMED) else scope
        for part in ("body", "handlers", "orelse", "finalbody", "cases"):
            for child in getattr(node, part, []):
                self._add(child, inner)

    def _by_statement(self, index: int, line: int, end_line: int) -> Spot:
        one = self._statements[index]
        long = not _compound(one.node) and one.end - one.start >= MAX_LINES
        code = _on_lines(one.node, line, max(end_line, line)) if long else one.header
        return Spot(code or one.header, ".".join(one.scope), self._around(index))

    def _around(self, index: int) -> tuple[str, ...]:
        """The nearest statements of the same function or module; for a function, those of its body."""
        here = self._statements[index]
        if isinstance(here.node, _NAMED):
            inside = [one.header for one in self._statements[index + 1 : index + 1 + NEAR] if one.end <= here.end]
            return tuple(sorted({_short(header) for header in inside}))
        found: list[str] = []
        for step in (-1, 1):
            at, taken = index + step, 0
            while 0 <= at < len(self._statements) and taken < NEAR // 2:
                other = self._statements[at]
                if other.scope == here.scope and other.header != here.header:
                    found.append(_short(other.header))
                    taken += 1
                elif len(other.scope) < len(here.scope):
                    if step == -1:
                        found.append(_short(other.header))  # the function's own first line
                    break
                at += step
        return tuple(sorted(set(found)))

    # -- anything else -------------------------------------------------------------------------------------------

    def _by_lines(self, line: int, end_line: int) -> Spot:
        code = "".join(_bare(text) for text in self._lines[line - 1 : min(end_line, line + 40)])
        above = reversed(self._lines[max(line - 1 - 3 * NEAR, 0) : line - 1])
        below = self._lines[end_line : end_line + 3 * NEAR]
        found: list[str] = []
        for side in (above, below):
            bare = [_bare(text) for text in side if text.strip() and not _COMMENT.match(text)]
            found += [_short(text) for text in bare[: NEAR // 2] if text != code]
        return Spot(code, "", tuple(sorted(set(found))))


def located(finding: Finding, source: Source) -> Finding:
    """The finding with statement, scope, context and snippet. A secret gets no snippet, which would show its value."""
    spot = source.spot(finding.line, finding.end_line)
    if finding.kind == "secret":  # of its neighbours: one may be its other half
        return replace(finding, scope=spot.scope, context=())
    snippet = source.snippet(finding.line, finding.end_line) or finding.snippet
    code = finding.code or spot.code
    if is_guess(finding):
        snippet, code = without_texts(snippet), without_texts(code)
    if finding.secret or (finding.kind == "suppression" and finding.rule in OF_SECRETS):
        snippet = finding.snippet
    context = () if finding.secret else spot.context
    return replace(finding, code=code[:2_000], scope=spot.scope, context=context, snippet=snippet)


def _header(node: ast.stmt | ast.excepthandler | ast.match_case) -> str:
    """A simple statement in full; the header of a compound one."""
    try:
        if not _compound(node):
            return ast.unparse(node)
        parts = [ast.unparse(child) for child in ast.iter_child_nodes(node) if not isinstance(child, _BODIES)]
        if isinstance(node, ast.ExceptHandler):  # tools look at how the exception is handled
            parts.append(ast.unparse(node.body[0]))
        return " ".join([type(node).__name__, getattr(node, "name", None) or "", *parts])
    except (RecursionError, ValueError):
        return type(node).__name__


_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BODIES = (ast.stmt, ast.excepthandler, ast.match_case)


def _compound(node: ast.AST) -> bool:
    return hasattr(node, "body") or hasattr(node, "cases")


def _on_lines(node: ast.AST, line: int, end_line: int) -> str:
    """The outermost expressions on these lines."""
    found: list[str] = []
    todo: list[ast.AST] = [node]
    while todo:
        one = todo.pop()
        start, end = getattr(one, "lineno", 0), getattr(one, "end_lineno", 0) or 0
        if isinstance(one, ast.expr) and line <= start and end <= max(end_line, line):
            found.append(ast.unparse(one))
        elif not start or (start <= end_line and end >= line):
            todo.extend(ast.iter_child_nodes(one))
    return ", ".join(sorted(found))


def _bare(text: str) -> str:
    return "".join(text.split()).translate(_QUOTES).rstrip(",;")


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=5).hexdigest()
