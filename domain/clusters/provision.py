"""What a provision job creates."""

from __future__ import annotations

from dataclasses import dataclass

from domain.clusters.spec import ClusterSpec


@dataclass(frozen=True)
class ProvisionSpec:
    """What a `provision` job creates."""

    cluster: ClusterSpec
    name: str
    """The cluster's name, used instead of the spec's own."""
    ephemeral: bool = False
    """It is deleted when the run ends."""
