"""What a volume job does."""

from __future__ import annotations

from dataclasses import dataclass

from domain.volumes.volume import VolumeAction, VolumeSpec


@dataclass(frozen=True)
class VolumeJob:
    """What a `volume` job does."""

    cluster: str
    spec: VolumeSpec
    action: VolumeAction
    limit_s: float = 300
    snapshot: bool = True
