"""Messages and signature of volume activities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.volumes.volume import VolumeAction, VolumeSpec, VolumeStatus


@dataclass(frozen=True)
class VolumeRequest:
    """`key` is the same for a repeated request."""

    cluster: str
    spec: VolumeSpec
    action: VolumeAction
    limit_s: float = 300
    snapshot: bool = False
    """Takes a snapshot before deletion, if the cluster supports it."""
    key: str = ""
    run: str = ""
    """Workflow id of the run whose job it is; empty: by hand."""
    job: str = ""
    attempt: int = 1


@dataclass(frozen=True)
class VolumeDone:
    """`refusal` empty: done."""

    refusal: str
    seen: VolumeStatus
    words: str = ""
    snapshot: str = ""


class VolumeActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="volume-act")
    async def act(self, wish: VolumeRequest) -> VolumeDone:
        """Executes an action, and waits for its end. A refused action is a result, not a failure."""
        ...
