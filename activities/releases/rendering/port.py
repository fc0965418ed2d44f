"""The port of renderers, and the signature of their activity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from temporalio import activity

from domain.releases.deploy_spec import DeploySpec
from domain.triggers.source import SourceRef

MAX_TEXT = 16 << 20
"""Bytes of all that one source renders to, as YAML."""
MAX_RENDERED = 4 << 20
"""Bytes of what is kept of it."""
RENDERED = "rendered"
"""The artifact of a deploy job that holds its objects."""
RENDER_S = 60.0
"""How long a renderer may take."""


@dataclass(frozen=True)
class Text:
    """YAML with any number of documents, and what it is called in messages."""

    name: str
    data: bytes


class Renderer(Protocol):
    """Makes YAML of a source at a commit: without network, and without a look at anything but the checkout."""

    async def texts(self, checkout: Path, spec: DeploySpec) -> list[Text]:
        """`checkout`: the commit's files, which are a stranger's.

        Raises:
            SluicewayError: SLW965, the source cannot be rendered; SLW967, this machine cannot do it.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The deploy job whose record refers to the objects while it runs: they may be needed for days."""

    run: str
    job: str
    attempt: int
    kind: str
    stage: str
    at: float
    """Seconds since the epoch."""


@dataclass(frozen=True)
class RenderInput:
    """What to render; its place is the registered environment's."""

    spec: DeploySpec
    source: SourceRef = SourceRef()
    shown: Shown | None = None


@dataclass(frozen=True)
class Rendered:
    """The objects in the store, before they have a release's names."""

    digest: str = ""
    """SHA-256 of the JSON list of them."""
    images: tuple[str, ...] = ()
    """What their containers run."""
    refusal: str = ""
    """Why there are none, with its code."""


class RenderActivities(Protocol):
    """Signatures of the activities; implemented in activities.py."""

    @activity.defn(name="render-release")
    async def render(self, input: RenderInput) -> Rendered:
        """Renders a source once, checks what it gave, and keeps it; the same bytes are applied from then on."""
        ...
