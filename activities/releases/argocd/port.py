"""Messages and signature of the activity that syncs an Application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.releases.argocd.job import ArgocdSync


@dataclass(frozen=True)
class SyncRequest:
    """`key` is the same for a repeated request: its sync is asked for once."""

    wish: ArgocdSync
    key: str
    run: str = ""
    job: str = ""
    attempt: int = 1


@dataclass(frozen=True)
class SyncDone:
    """`refusal` empty: synced and healthy."""

    refusal: str = ""
    words: str = ""
    revision: str = ""
    """The commit that was applied."""


class ArgocdActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="argocd-sync")
    async def sync(self, request: SyncRequest) -> SyncDone:
        """Asks for a sync, and waits until it is applied and healthy. What fails is a result, not a failure."""
        ...
