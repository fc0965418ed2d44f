"""Scanners by the name that definitions use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from activities.scanners.bandit import Bandit
from activities.scanners.gitleaks import Gitleaks
from activities.scanners.govulncheck import Govulncheck
from activities.scanners.markers import Markers
from activities.scanners.masking import Masked
from activities.scanners.semgrep import Semgrep
from activities.scanners.trivy import Trivy, TrivyImage
from activities.scanners.trivy_registry import TrivyRegistry
from activities.scanners.trivy_root import TrivyRoot
from activities.scanning import Scanner


def scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    every: tuple[Scanner, ...] = (
        Bandit(tools, masked),
        Semgrep(tools),
        Trivy(tools, database, masked),
        Markers(),
        Gitleaks(tools, masked),
        Govulncheck(tools, database),
    )
    return {scanner.name: scanner for scanner in every}


def image_scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    """For images as files; none of them looks at a folder."""
    return {TrivyImage.name: TrivyImage(tools, database, masked)}


def remote_scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    """For images in a registry, by name."""
    return {TrivyRegistry.name: TrivyRegistry(tools, database, masked)}


def root_scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    """For what a running process sees as its root."""
    return {TrivyRoot.name: TrivyRoot(tools, database, masked)}
