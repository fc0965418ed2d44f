"""Who owns a file: CODEOWNERS as GitHub and GitLab write it, and findings that were assigned one by one.

A later line of CODEOWNERS counts more. What breaks the format says nothing, and takes no other line with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from domain.core import globs
from domain.core.patterns import PatternError
from domain.scans.findings.model import Finding, like

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where the file is looked for; the first one counts."""
ASSIGNED = "sluiceway.owners.yaml"
"""In the root of the repository: findings that were assigned by their fingerprint."""
MAX_LINES = 2_000
MAX_BYTES = 1_000_000
MAX_OWNERS = 10
"""Owners of one line that are shown."""
_UNSUPPORTED = ("!", "[")
_GROUP_LENGTH = globs.MAX_LENGTH - 10


@dataclass(frozen=True)
class Rule:
    """A line: the patterns of paths that it stands for, and who owns them; without anybody, nobody does."""

    patterns: tuple[str, ...]
    owners: str


@dataclass(frozen=True)
class Owners:
    """Who owns which finding."""

    rules: tuple[Rule, ...] = ()
    """In the order of the file."""
    assigned: Mapping[str, str] = field(default_factory=dict)
    """Fingerprint to owner."""

    def of(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings with their owners: the assigned one, else the path's."""
        if not self.rules and not self.assigned:
            yield from findings
            return
        groups = tuple(_groups(self.rules))
        by_path = lru_cache(maxsize=None)(lambda path: _owner(groups, path))
        for one in findings:
            owner = self.assigned.get(one.fingerprint) or by_path(one.path)
            yield like(one, owner=owner) if owner else one


@dataclass(frozen=True)
class _Group:
    """Rules that one pattern stands for: most paths fit none of them, which takes one look."""

    any_of: str
    rules: tuple[Rule, ...]
    """The last one first."""


def _groups(rules: Iterable[Rule]) -> Iterator[_Group]:
    """All rules, the last ones first, as many together as one pattern may hold."""
    taken: list[Rule] = []
    length = 0
    for rule in reversed(tuple(rules)):
        more = sum(len(_escaped(pattern)) + 1 for pattern in rule.patterns)
        if taken and length + more > _GROUP_LENGTH:
            yield _group(taken)
            taken, length = [], 0
        taken.append(rule)
        length += more
    if taken:
        yield _group(taken)


def _group(rules: list[Rule]) -> _Group:
    patterns = [_escaped(pattern) for rule in rules for pattern in rule.patterns]
    together = "{" + ",".join(patterns) + "}"
    return _Group(together if len(together) <= globs.MAX_LENGTH else "**", tuple(rules))


def _escaped(pattern: str) -> str:
    return pattern.replace(",", "\\,")


def _owner(groups: Iterable[_Group], path: str) -> str:
    for group in groups:
        if _fits(path, group.any_of):
            for rule in group.rules:
                if any(_fits(path, pattern) for pattern in rule.patterns):
                    return rule.owners
    return ""


def read(data: bytes) -> tuple[Rule, ...]:
    """The rules of a CODEOWNERS file: of a longer one its last `MAX_BYTES` and `MAX_LINES`, which count more."""
    lines = data[-MAX_BYTES:].decode("utf-8", "replace").splitlines()[-MAX_LINES:]
    return tuple(rule for line in lines if (rule := _rule(line)))


def _rule(line: str) -> Rule | None:
    words = line.partition(" #")[0].split()
    if not words or words[0].startswith(("#", "^", *_UNSUPPORTED)) or words[0].endswith("\\"):
        return None
    patterns = tuple(_patterns(words[0]))
    if any(globs.malformed(pattern) for pattern in patterns):
        return None
    return Rule(patterns, " ".join(words[1 : 1 + MAX_OWNERS])) if patterns else None


def _patterns(text: str) -> Iterator[str]:
    """A pattern of gitignore's kind in ours, which always begin at the root and only match files."""
    anchored = "/" in text.rstrip("/")
    plain = text.strip("/").replace("{", "\\{").replace("}", "\\}")  # no alternatives there
    if not plain:
        return
    for base in (plain,) if anchored else (plain, f"**/{plain}"):
        if not text.endswith("/"):
            yield base
        if not plain.endswith("/*") or text.endswith("/"):
            yield f"{base}/**"


def _fits(path: str, pattern: str) -> bool:
    try:
        return globs.matches(path, (pattern,))
    except PatternError:
        return False
