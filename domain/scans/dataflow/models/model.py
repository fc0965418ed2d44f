"""The shapes of the tables."""

from __future__ import annotations

from dataclasses import dataclass

from domain.scans.findings.model import Severity

REMOTE, QUEUE, LOCAL, RANDOM = "remote", "queue", "local", "random"
"""Who sets a value: anybody who can send a request; who can send a message; who starts the program; chance."""


def words(text: str) -> frozenset[str]:
    """The words of a table that is written as text."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Rule:
    """A kind of harm: what is reported, and how bad it is for a value from a request."""

    id: str
    cwe: str
    harm: str
    """The key that cleaners name."""
    severity: Severity
    message: str
    likelihood: str = "high"
    impact: str = "high"
    absent: tuple[frozenset[str], ...] = ()
    """Sets of texts: a value without all texts of one set does no harm."""


@dataclass(frozen=True)
class Sink:
    """The arguments of a call that must not be a stranger's, by position and by name."""

    rule: str
    args: tuple[int, ...] = (0,)
    names: tuple[str, ...] = ()
    check: str = ""
    """The name of a further condition in `checks`."""


@dataclass(frozen=True)
class Origin:
    """Where values come in."""

    kind: str
    text: str
