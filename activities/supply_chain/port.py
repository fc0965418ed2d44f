"""What the admission of images is asked and answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from temporalio import activity


@dataclass(frozen=True)
class ImageQuestion:
    """An image by its name, and where it is to run."""

    image: str
    environment: str


@dataclass(frozen=True)
class Admitted:
    """`refusal` empty: it may run, by `image`."""

    image: str = ""
    """By digest: what was looked at is what will run, whatever its name means by then."""
    refusal: str = ""


class ImageAdmissionActivities(Protocol):
    """As workflows call them; their implementation is in image_admission.py."""

    @activity.defn(name="admit-image")
    async def admit(self, question: ImageQuestion) -> Admitted:
        """Whether an environment lets an image run, and which one exactly."""
        ...
