"""What a tool takes for a credential by the shape of the code, beside what was found to be one by its value.

bandit looks at names of variables, our rules at the call that takes a key: a guess. Where a search for secrets has
found the value, it is one finding, a secret, that names them all. What none has confirmed is a weakness of the code:
a baseline can know it, as it never knows a secret.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from domain.scans.findings.cwe import cwe_of, family
from domain.scans.findings.model import Finding, FindingKind

FAMILY = "hardcoded-credentials"
MAX_LINES = 12
"""So many lines of a guess are compared."""
_TEXT = re.compile(
    r'"""[\s\S]*?(?:"""|\Z)|\'\'\'[\s\S]*?(?:\'\'\'|\Z)|`[^`]*(?:`|\Z)'
    r'|"(?:\\.|[^"\\\n])*(?:"|$)|\'(?:\\.|[^\'\\\n])*(?:\'|$)',
    re.MULTILINE,
)
"""One that is cut off ends with the code."""

Place = tuple[str, str, int, int]
"""Path, member of an archive, cell, line."""


def is_guess(one: Finding) -> bool:
    """It says that a credential stands in the code, and does not know."""
    return one.kind is FindingKind.SAST and family(cwe_of(one.rule, one.cwe)) == FAMILY


def without_texts(code: str) -> str:
    """Code without what its texts say: one of them may be the secret."""
    return _TEXT.sub("'…'", code)


def confirmed(findings: Iterable[Finding]) -> list[Finding]:
    """Without the guesses that a secret at the same place confirms; it names their tools."""
    every = list(findings)
    secrets: dict[Place, list[int]] = defaultdict(list)
    for index, one in enumerate(every):
        if one.kind is FindingKind.SECRET and not one.imported:
            for place in _places(one):
                secrets[place].append(index)
    gone: set[int] = set()
    for index, one in enumerate(every):
        if is_guess(one) and not one.imported and (into := _same(one, secrets, every)) is not None:
            every[into] = _with(every[into], one)
            gone.add(index)
    return [one for index, one in enumerate(every) if index not in gone]


def _same(guess: Finding, secrets: dict[Place, list[int]], every: list[Finding]) -> int | None:
    """The secret that it has guessed: of several at its lines the one with its value."""
    here = [index for place in _places(guess) for index in secrets.get(place, ())]
    return next(
        (index for index in here if guess.secret and every[index].secret == guess.secret), next(iter(here), None)
    )


def _with(secret: Finding, guess: Finding) -> Finding:
    worse = guess.severity.rank > secret.severity.rank
    return replace(
        secret,
        sources=tuple(dict.fromkeys((*secret.said_by, *guess.said_by))),
        severity=guess.severity if worse else secret.severity,
        severity_source=(guess.severity_source or guess.tool) if worse else secret.severity_source,
    )


def _places(one: Finding) -> Iterable[Place]:
    last = max(one.line, min(one.end_line, one.line + MAX_LINES))
    return ((one.path, one.member, one.cell, line) for line in range(one.line, last + 1))
