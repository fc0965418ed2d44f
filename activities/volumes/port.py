"""What the activities of volumes are asked and answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.volumes.volume import VolumeAction, VolumeSpec, VolumeStatus


@dataclass(frozen=True)
class VolumeRequest:
    """`key` is the same when it is asked for again."""

    cluster: str
    spec: VolumeSpec
    action: VolumeAction
    limit_s: float = 300
    snapshot: bool = False
    """Before it is deleted, where the cluster can."""
    key: str = ""


@dataclass(frozen=True)
class VolumeDone:
    """`refusal` empty: it was done."""

    refusal: str
    seen: VolumeStatus
    words: str = ""
    snapshot: str = ""


class VolumeActivities(Protocol):
    """As workflows call them; their implementation is in activities.py."""

    @activity.defn(name="volume-act")
    async def act(self, wish: VolumeRequest) -> VolumeDone:
        """Carries an action out, and waits for its end. What stands in the way is a result, not a failure."""
        ...
