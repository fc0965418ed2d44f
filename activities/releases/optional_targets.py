"""What only targets have whose services may have run before, or be changed by others."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from typing import Protocol, runtime_checkable

from domain.releases.deployment import Deployment
from domain.releases.kubernetes.drift_classes import Finding


@runtime_checkable
class AdoptingTarget(Protocol):
    """What a target has beside, where a service may have run before it was released."""

    async def adopt(self, deployment: Deployment) -> None:
        """Makes what routes name for what runs already; nothing of it is touched.

        Raises:
            SluicewayError: SLW968, it is not what was planned to be imported.
            NotReadyError: its pods do not answer.
        """
        ...

    async def give_back(self, deployment: Deployment) -> None:
        """Leaves it as it was before, with the route that led to it."""
        ...


@runtime_checkable
class HealingTarget(Protocol):
    """What a target has beside, whose versions others can change while they run."""

    async def findings(self, deployment: Deployment) -> list[Finding]:
        """Differences between what runs and what was released, by class."""
        ...

    async def heal(self, deployment: Deployment, objects: Collection[str]) -> None:
        """Puts these objects, as findings name them, back as they were released.

        Raises:
            SluicewayError: one cannot be put back.
        """
        ...


@runtime_checkable
class AttackedTarget(Protocol):
    """What a target has beside, whose preview addresses mean nothing on this machine."""

    def attackable(self, deployment: Deployment) -> AbstractAsyncContextManager[str]:
        """The preview address as a scanner reaches it, while it is held; its port is that of a proxy here."""
        ...
