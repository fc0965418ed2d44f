"""What another tool calls a secret by the name of a variable alone, judged by its value."""

from __future__ import annotations

from domain.scans.findings.model import Severity
from domain.scans.secrets.context import context_of
from domain.scans.secrets.judgement import judged


def severity_of(value: bytes, path: str, said: Severity) -> Severity:
    """Info where the value is a placeholder, a word, or a sample of a test; else what the tool has said."""
    return said if judged(b"", value, context_of(path), password=True) else min(said, Severity.INFO, key=_rank)


def _rank(one: Severity) -> int:
    return one.rank
