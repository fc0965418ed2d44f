"""Errors and warnings of definitions: position, message, offending text, suggestion."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Literal
from urllib.parse import quote

from domain.core.error_codes import BY_CODE
from domain.core.errors import DefinitionError
from domain.core.values import closest, number

MAX_TOLD = 1_000
MAX_SUGGESTED = 20
"""Known names that a hint lists."""
Path = tuple[str | int, ...]
"""Keys and indexes from the root of a document or block."""


@dataclass(frozen=True)
class Violation:
    """A broken rule, before its position in the file is known."""

    code: str
    message: str
    path: Path
    """Relative to the checked block."""
    token: str = ""
    hint: str = ""
    key: bool = False
    """Whether the key is wrong, rather than its value."""


@dataclass(frozen=True)
class Diagnostic:
    """One error or warning of a definition. Lines and columns count from 1."""

    code: str
    message: str
    file: str
    line: int = 1
    column: int = 1
    _: KW_ONLY
    token: str = ""
    """The offending text."""
    hint: str = ""
    """The suggestion: the closest known word, or what to write instead."""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        token = f"  [{self.token}]" if self.token else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code}: {self.message}{token}{hint}"


def suggestion(word: str, known: Iterable[str]) -> str:
    """A hint for an unknown word: the closest known one, or all known ones."""
    names = list(known)
    meant = closest(word, names)
    if meant:
        return f"did you mean '{meant}'?"
    more = f", and {len(names) - MAX_SUGGESTED:,} more" if len(names) > MAX_SUGGESTED else ""
    return f"known: {', '.join(names[:MAX_SUGGESTED]) or 'none'}{more}"


def bounded(diagnostics: Iterable[Diagnostic], file: str) -> Iterator[Diagnostic]:
    """The first thousand, and one error if there are more: what is not looked at cannot be valid."""
    for index, one in enumerate(diagnostics):
        if index == MAX_TOLD:
            yield too_many(file)
            return
        yield one


def too_many(file: str) -> Diagnostic:
    """The error in place of those that are not told."""
    return Diagnostic("SLW111", f"more than {MAX_TOLD:,} problems; those after them are not told", file)


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics that make a definition unusable."""
    return [one for one in diagnostics if one.severity == "error"]


def sort(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Without duplicates, sorted by file and line."""
    return sorted(set(diagnostics), key=lambda d: (d.file, d.line, d.column, d.code, d.message))


def as_json(diagnostics: Iterable[Diagnostic]) -> str:
    """A JSON list with one object per diagnostic."""
    return json.dumps([asdict(one) for one in diagnostics], indent=2)


def as_sarif(diagnostics: Sequence[Diagnostic], version: str) -> str:
    """SARIF 2.1.0 (OASIS standard), one run."""
    used = sorted({one.code for one in diagnostics})
    results = [
        {
            "ruleId": p.code,
            "level": p.severity,
            "message": {"text": f"{p.message}. {p.hint}".rstrip(". ") + "."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": quote(p.file)},
                        "region": {"startLine": p.line, "startColumn": p.column},
                    }
                }
            ],
        }
        for p in diagnostics
    ]
    rules = [{"id": code, "shortDescription": {"text": BY_CODE[code].title}} for code in used]
    driver = {"name": "sluiceway lint", "version": version, "rules": rules}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }
    return json.dumps(document, indent=2)


class InvalidDefinitionError(DefinitionError):
    """An invalid definition, with all its diagnostics."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        found = errors(self.diagnostics)
        first = found[0]
        super().__init__(first.code, f"{number(len(found), 'error')} in the definition; the first: {first.message}")

    def __str__(self) -> str:
        return "\n".join(str(one) for one in self.diagnostics)
