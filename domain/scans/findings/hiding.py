"""Code of other findings at the lines of a secret: it would show the value that the secret's own finding masks.

`ENV TOKEN=…` is a misconfiguration as well, and `requests.get("https://user:…@host", verify=False)` a weakness. Neither
the scanner that found it nor the source tells where the value begins, so these lines are shown as the secret's finding
shows them, and the statement is kept without texts and words: it is part of baselines and fingerprints.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from domain.scans.findings.credentials import without_texts
from domain.scans.findings.location import MAX_LINES
from domain.scans.findings.model import Finding, FindingKind

HIDDEN = "…"
PYTHON = (".py", ".pyi")
_WORD = re.compile(r"[^\s()\[\]{},;'…]{4,}")
"""Of code other than Python: values need no quotes there. In Python they are in texts, or in comments."""

Place = tuple[str, str, int]
"""Path, member of an archive, line: a notebook's lines are the file's."""
Excerpts = dict[Place, list[str]]
"""Lines with secrets, as the findings of these show them; an empty text is no excerpt."""
Statement = tuple[str, str, str]
"""Path, member of an archive, code."""


def hidden(findings: Iterable[Finding]) -> list[Finding]:
    """Merged findings, in their order; what shares a line with a secret, or a statement with such a one, is without it.

    A secret whose place is not known (line 0) hides nothing.
    """
    every = list(findings)
    secrets: Excerpts = defaultdict(list)
    for one in every:
        if one.kind is FindingKind.SECRET and one.line:
            for line in _lines(one):
                secrets[one.path, one.member, line].append(one.snippet if line == one.line else "")
    others = [one for one in every if one.kind is not FindingKind.SECRET]
    shared = {_statement(one) for one in others if one.code and _shares(one, secrets)}
    return [_without(one, secrets) if _shares(one, secrets) or _statement(one) in shared else one for one in every]


def _without(one: Finding, secrets: Excerpts) -> Finding:
    if one.kind is FindingKind.SECRET:
        return one
    lines = one.snippet.split("\n") if one.snippet else []
    shown = [_shown(secrets.get((one.path, one.member, one.line + at)), text) for at, text in enumerate(lines)]
    return replace(one, snippet="\n".join(shown), code=bare(one.path, one.code))


def bare(path: str, code: str) -> str:
    """A statement without what may be a secret in it; the same when done again."""
    code = without_texts(code)
    return code.partition("#")[0] if path.endswith(PYTHON) else _WORD.sub(HIDDEN, code)


def _shown(excerpts: list[str] | None, text: str) -> str:
    """The line as it is, or as its only secret shows it; each excerpt of several would show the others."""
    if excerpts is None:
        return text
    return excerpts[0] if len(excerpts) == 1 and excerpts[0] else HIDDEN


def _shares(one: Finding, secrets: Excerpts) -> bool:
    return any((one.path, one.member, line) in secrets for line in _lines(one))


def _statement(one: Finding) -> Statement:
    return (one.path, one.member, one.code)


def _lines(one: Finding) -> range:
    return range(one.line, max(one.line, min(one.end_line, one.line + MAX_LINES)) + 1)
