"""Scanners by the name that definitions use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from activities.scan import Scanner
from activities.scanners.bandit import Bandit
from activities.scanners.semgrep import Semgrep
from activities.scanners.trivy import Trivy


def scanners(tools: Path, database: Path | None = None) -> Mapping[str, Scanner]:
    every: tuple[Scanner, ...] = (Bandit(tools), Semgrep(tools), Trivy(tools, database))
    return {scanner.name: scanner for scanner in every}
