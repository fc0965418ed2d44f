"""A problem in a definition: where, what, the offending text, and what was probably meant."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.core.error_codes import BY_CODE
from domain.core.errors import DefinitionError


@dataclass(frozen=True)
class Complaint:
    """A problem before its place in the file is known."""

    code: str
    message: str
    path: tuple[str | int, ...]
    """Below the block that was looked at."""
    token: str = ""
    hint: str = ""
    key: bool = False


@dataclass(frozen=True)
class Problem:
    """Lines and columns count from 1."""

    code: str
    message: str
    file: str
    line: int = 1
    column: int = 1
    token: str = ""
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        token = f"  [{self.token}]" if self.token else ""
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.code}: {self.message}{token}{hint}"


def errors(problems: Sequence[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


def sort(problems: Sequence[Problem]) -> list[Problem]:
    return sorted(set(problems), key=lambda p: (p.file, p.line, p.column, p.code, p.message))


def as_json(problems: Sequence[Problem]) -> str:
    return json.dumps([problem.__dict__ for problem in problems], indent=2)


def as_sarif(problems: Sequence[Problem], version: str) -> str:
    """SARIF 2.1.0 (OASIS standard), one run."""
    used = sorted({problem.code for problem in problems})
    results = [
        {
            "ruleId": p.code,
            "level": p.severity,
            "message": {"text": f"{p.message}. {p.hint}".rstrip(". ") + "."},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": p.file},
                        "region": {"startLine": p.line, "startColumn": p.column},
                    }
                }
            ],
        }
        for p in problems
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
    """A definition that cannot be used, with every problem that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        found = errors(problems)
        first = found[0]
        super().__init__(first.code, f"{len(found)} problems in the definition; the first: {first.message}")
        self.problems = list(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
