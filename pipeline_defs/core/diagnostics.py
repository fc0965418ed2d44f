"""A problem in a definition: where, what, the offending text, and what was probably meant. With the table of codes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from domain.core.errors import DefinitionError

CODES: dict[str, str] = {
    "SLW101": "the document is no valid YAML",
    "SLW102": "the document is not UTF-8",
    "SLW103": "the document is too big",
    "SLW104": "the document is nested too deeply",
    "SLW105": "a key occurs twice",
    "SLW106": "aliases expand to too much, or point nowhere",
    "SLW107": "a tab is used for indentation",
    "SLW108": "the document is empty, or more than one",
    "SLW201": "unknown key",
    "SLW202": "a required key is missing",
    "SLW203": "a value has the wrong type or form",
    "SLW204": "a job has no kind, or more than one",
    "SLW205": "a name has a form that is not allowed",
    "SLW206": "a word is none of those allowed",
    "SLW301": "unknown job",
    "SLW302": "jobs need each other in a circle",
    "SLW303": "too many jobs or cells",
    "SLW304": "unknown artifact",
    "SLW305": "a gate has no scan to judge",
    "SLW306": "a job that is needed for this is not among its needs",
    "SLW307": "a secret is a value, not a reference",
    "SLW308": "a matrix is empty or contradicts itself",
    "SLW309": "a suppression breaks a rule",
    "SLW310": "a cluster cannot be as it is described",
    "SLW311": "the cluster does not take a manifest",
    "SLW401": "an expression cannot be parsed",
    "SLW402": "unknown name in an expression",
    "SLW403": "unknown function in an expression",
    "SLW404": "an expression has the wrong type",
    "SLW405": "an expression stands where none is allowed",
    "SLW501": "a parameter is unknown, missing or has the wrong value",
    "SLW601": "a used file cannot be read",
    "SLW602": "a used file's inputs do not fit",
    "SLW603": "uses go in a circle",
    "SLW604": "a reference to another repository is not allowed, or cannot be fetched",
    "SLW605": "a reference to another repository can be moved",
    "SLW606": "unknown template",
    "SLW607": "templates extend each other in a circle",
    "SLW701": "a strategy, tool or executor is not available",
    "SLW702": "an option has no effect",
    "SLW703": "the target cannot do what the strategy needs",
    "SLW704": "a query is no counter that can be judged",
}


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
    rules = [{"id": code, "shortDescription": {"text": CODES[code]}} for code in used]
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
