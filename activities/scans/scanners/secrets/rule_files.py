"""Reads the rules: gitleaks' as they come, and ours in the same form."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from domain.core.documents import Node
from domain.scans.findings.model import Severity
from domain.scans.secrets.rules import Allowed, Rule, Rules

FOLDER = Path(__file__).parent / "rules"
GITLEAKS, OWN = FOLDER / "gitleaks.toml", FOLDER / "own.toml"
REPLACED = frozenset({"generic-api-key", "private-key", "pkcs12-file"})
"""gitleaks' guesses by name and entropy, its keys that end somewhere, its rule without a pattern: ours are narrower."""


def load() -> Rules:
    """All rules; what gitleaks lets through by the path of a file hides nothing here.

    Raises:
        ValueError: a rule is malformed.
    """
    theirs = (rule for rule in _read(GITLEAKS, own=False) if rule.name not in REPLACED)
    return Rules((*theirs, *_read(OWN, own=True)))


def _read(path: Path, *, own: bool) -> Iterator[Rule]:
    for one in Node(tomllib.loads(path.read_text("utf-8"))).need_list("rules"):
        if not one["regex"]:
            continue
        yield Rule(
            name=one.need_text("id"),
            message=one.need_text("description").removesuffix("."),
            pattern=one.need_text("regex"),
            keywords=tuple(word.text() for word in one["keywords"]),
            group=int(one["secretGroup"].number()),
            entropy=one["entropy"].number(),
            path=one["path"].text(),
            allowed=tuple(_allowed(each) for each in one["allowlists"] if not each["paths"]),
            severity=Severity(one["severity"].text() or "high") if own else Severity.HIGH,
            confidence=one["confidence"].text() or "high",
            judged=bool(one["judged"].value),
            credentials=bool(one["credentials"].value),
            outside_code=bool(one["outside_code"].value),
        )


def _allowed(one: Node) -> Allowed:
    patterns = tuple(each.text() for each in one["regexes"])
    target = one["regexTarget"].text() or "secret"
    return Allowed(
        values=patterns if target == "secret" else (),
        lines=patterns if target == "line" else (),
        matches=patterns if target == "match" else (),
        words=tuple(each.text() for each in one["stopwords"]),
        every=one["condition"].text().upper() == "AND",
    )
