"""Messages and signature of image admission."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity

from domain.secrets.rules import SecretUse


@dataclass(frozen=True)
class ImageQuestion:
    """An image by name, and its environment."""

    image: str
    environment: str
    run: str = ""
    """Workflow id of the run that releases it; empty: asked by an earlier version."""
    repo: str = ""
    """Address of the repository of the run's event."""
    daemon: bool = True
    """Whether a Docker daemon runs it; else a cluster does, whose nodes fetch it by its name."""
    job: str = ""
    """The deploy job; empty: asked by an earlier version."""
    use: SecretUse = SecretUse()
    """What decides which logins of registries it is asked with."""


@dataclass(frozen=True)
class Admitted:
    """`refusal` empty: admitted, as `image`."""

    image: str = ""
    """With its digest: what was checked is what will run, even if the tag moves."""
    refusal: str = ""


class ImageAdmissionActivities(Protocol):
    """Signatures of the activities; implemented in image_admission.py."""

    @activity.defn(name="admit-image")
    async def admit(self, question: ImageQuestion) -> Admitted:
        """Whether an environment admits an image, and its exact digest."""
        ...
