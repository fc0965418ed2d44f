"""What the target asks of a version in its namespace, however it came there. Calls block; each is idempotent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol

from activities.releases.port import Ready
from domain.releases.deployment import Deployment
from domain.releases.kubernetes.drift_classes import Finding

Told = Callable[[str], None]
"""Reports progress, and stops the work when it is cancelled."""


class Workload(Protocol):
    """A release's own objects, or a Deployment that was there before."""

    @property
    def deployment(self) -> Deployment:
        """Which version it is."""
        ...

    def count(self, instances: int) -> int:
        """How many pods are asked for; 0: as many as its objects say."""
        ...

    def apply(self, count: int) -> int:
        """Makes it run with so many pods, or as many as it has; returns how many.

        Raises:
            SluicewayError: SLW961, somebody else has changed it, or it is somebody else's.
        """
        ...

    def scale(self, count: int) -> str:
        """Another number of pods; returns who had set it, in words."""
        ...

    def unhold(self) -> None:
        """Ends what was held while another version stood beside it."""
        ...

    def preflight(self, previous: Workload | None) -> Ready:
        """Whether the cluster would take it."""
        ...

    def contracts(self) -> bool:
        """Whether it has a job that takes away what only earlier versions need."""
        ...

    def hook(self, name: str, limit_s: float, told: Told, *, again: bool = False) -> str:
        """Why the Job of a hook failed; empty: it succeeded, or there is none."""
        ...

    def end(self, told: Told) -> None:
        """Its pods, and what was made for it."""
        ...

    def withdraw(self) -> None:
        """What was made for it."""
        ...

    def exists(self) -> bool:
        """Whether something of it is there."""
        ...

    def answering(self) -> int | None:
        """Number of pods that its Service has as endpoints; None: it does not run."""
        ...

    def findings(self) -> list[Finding]:
        """What differs from what was made, and what has its labels and was not."""
        ...

    def heal(self, objects: Collection[str]) -> None:
        """Puts these objects back as they were made, whoever has changed them."""
        ...

    def wait_ready(self, count: int, told: Told) -> str:
        """Waits until all pods answer; returns why they do not, or empty."""
        ...
