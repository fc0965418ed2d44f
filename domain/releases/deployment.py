"""One version of a service, as a target runs it."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.releases.deploy_spec import DeploySpec
from domain.triggers.source import SourceRef


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """One version of a service in one environment, as a target runs it."""

    service: str
    environment: str
    instance: str
    """Permanent id of this deployment: `r` and the release's number."""
    spec: DeploySpec = DeploySpec()
    source: SourceRef = SourceRef()
    artifact: str = ""
    """Digest of its artifact; empty: a checkout of the source."""
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
