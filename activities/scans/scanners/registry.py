"""Scanners by the name that definitions use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from activities.scans.port import Scanner
from activities.scans.scanners.bandit.bandit import Bandit
from activities.scans.scanners.dataflow.dataflow import Dataflow
from activities.scans.scanners.gitleaks import Gitleaks
from activities.scans.scanners.govulncheck import Govulncheck
from activities.scans.scanners.inline_suppressions import Markers
from activities.scans.scanners.secrets.secrets import Secrets
from activities.scans.scanners.semgrep import Semgrep
from activities.scans.scanners.trivy.remote_image import TrivyRegistry
from activities.scans.scanners.trivy.rootfs import TrivyRoot
from activities.scans.scanners.trivy.trivy import Trivy, TrivyImage
from activities.scans.secret_hashing import Masked


def scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    """`tools`: installation folder; `database`: of known vulnerabilities, without it none are looked up."""
    every: tuple[Scanner, ...] = (
        Bandit(tools, masked),
        Semgrep(tools),
        Dataflow(tools),
        Trivy(tools, database, masked),
        Markers(),
        Secrets(masked),
        Gitleaks(tools, masked),
        Govulncheck(tools, database),
    )
    return {scanner.name: scanner for scanner in every}


def image_scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    """For image files; none of them scans folders."""
    return {TrivyImage.name: TrivyImage(tools, database, masked)}


def remote_scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    """For images in a registry, by name."""
    return {TrivyRegistry.name: TrivyRegistry(tools, database, masked)}


def root_scanners(tools: Path, database: Path | None = None, masked: Masked | None = None) -> Mapping[str, Scanner]:
    """For the root file system of a running process."""
    return {TrivyRoot.name: TrivyRoot(tools, database, masked)}
