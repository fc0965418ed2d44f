"""What a provision job is asked to do."""

from __future__ import annotations

from dataclasses import dataclass

from domain.clusters.spec import ClusterSpec


@dataclass(frozen=True)
class ProvisionSpec:
    """What a `provision` job asks for."""

    cluster: ClusterSpec
    name: str
    """What it is called; the spec's own name is not asked for."""
    ephemeral: bool = False
    """It goes with the run."""
