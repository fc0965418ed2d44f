"""Fixes a source where findings point, and says what it cannot fix."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from domain.scans.findings.cwe import family
from domain.scans.findings.model import Finding, Severity
from domain.scans.fixes import cookies, hashes, loaders, shells, statements
from domain.scans.fixes.edits import Edit, Program, applied, program

Fixer = Callable[[Program, ast.Call], list[Edit] | None]
FIXERS: dict[str, tuple[Fixer, str]] = {
    "deserialization": (loaders.edits, loaders.HINT),
    "weak-cryptography": (hashes.edits, hashes.HINT),
    "command-injection": (shells.edits, shells.HINT),
    "sql-injection": (statements.edits, statements.HINT),
    "cookie": (cookies.edits, cookies.HINT),
}
"""Family of a weakness to what mends it, and to what a person may do where it does not."""


@dataclass(frozen=True)
class Fixed:
    """A source after its fixes."""

    text: str
    done: tuple[Finding, ...]
    left: tuple[tuple[Finding, str], ...]
    """Findings that no fix fits, with what a person may do."""


def fixed(text: str, findings: Iterable[Finding]) -> Fixed:
    """All fixes of one file. The result parses, and differs in the found calls only. Findings below medium stay."""
    wanted = [one for one in findings if family(one.cwe) in FIXERS and one.severity.rank >= Severity.MEDIUM.rank]
    read = program(text)
    if read is None:
        return Fixed(text, (), tuple((one, "the file cannot be read") for one in wanted))
    edits: set[Edit] = set()
    done, left = list[Finding](), list[tuple[Finding, str]]()
    for one in wanted:
        fixer, hint = FIXERS[family(one.cwe)]
        made = _made(read, one, fixer)
        if made is None or _overlaps(edits, made) or not _same_elsewhere(read, [*edits, *made]):
            left.append((one, hint))
        else:
            edits |= set(made)
            done.append(one)
    return Fixed(applied(text, edits), tuple(done), tuple(left))


def _made(read: Program, one: Finding, fixer: Fixer) -> list[Edit] | None:
    """Of the first call at the finding that the fixer knows."""
    return next((made for call in _calls(read, one) if (made := fixer(read, call))), None)


def _calls(read: Program, one: Finding) -> Iterator[ast.Call]:
    """Calls that start at the finding's line, then those around it, smallest first."""
    near = [
        node
        for node in ast.walk(read.tree)
        if isinstance(node, ast.Call)
        and node.lineno <= max(one.end_line, one.line)
        and (node.end_lineno or 0) >= one.line
    ]
    yield from sorted(near, key=lambda node: (node.lineno != one.line, read.span(node)[1] - read.span(node)[0]))


def _overlaps(edits: Iterable[Edit], made: list[Edit]) -> bool:
    """Whether two different edits touch the same text."""
    return any(new != old and new.start <= old.end and old.start <= new.end for new in made for old in edits)


def _same_elsewhere(read: Program, edits: list[Edit]) -> bool:
    """Whether the result parses, and its other statements say the same."""
    new = program(applied(read.text, edits))
    if new is None:
        return False
    before, after = _leaves(read.tree), _leaves(new.tree)
    changed = sum(old != now for old, now in zip(before, after, strict=False))
    return len(before) == len(after) and changed <= len(edits)


def _leaves(tree: ast.Module) -> list[str]:
    """Statements without others inside, in order."""
    return [
        ast.dump(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and not any(isinstance(below, ast.stmt) for below in ast.iter_child_nodes(node))
    ]
