"""The shape of what a deploy job says for target kubernetes: what its objects are rendered from, and their number."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from pipeline_defs.core.blocks import Block, Text

PATH = r"^[A-Za-z0-9_@%+=,][A-Za-z0-9_@%+=,./ -]{0,199}$"
PathText = Annotated[str, Field(pattern=PATH, examples=["deploy/app.yaml"])]
"""Below the repository's root; `..` is refused when it is linted."""
Disruption = Annotated[Text, Field(pattern=r"^(100|[1-9]?[0-9])%$|^[0-9]{1,4}$", examples=["25%", "1"])]
Command = Annotated[list[Text], Field(min_length=1, max_length=100)]


class Helm(Block):
    """A chart in the repository, rendered without a cluster and without network."""

    chart: PathText = Field(description="Folder of the chart, or its .tgz; with what it depends on.")
    values: list[PathText] = Field([], max_length=20, description="Files with values, in their order.")
    set: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,200}$", examples=["image.tag"])], Text] = Field(
        {}, max_length=100, description="Single values by their dotted name, as texts."
    )


class Autoscale(Block):
    """An autoscaler for each version."""

    min: int = Field(1, ge=1, le=1000, description="Least number of pods.")
    max: int = Field(ge=1, le=1000, description="Largest number of pods.")
    cpu: int = Field(80, ge=1, le=1000, description="Percent of the requested CPU that is aimed at.")


class Migrate(Block):
    """Changes of data around a release: commands in the version's image, or Jobs of its manifests by their names."""

    expand: Command | Text | None = Field(
        None, description="Before anything is started; the version before it must go on working afterwards."
    )
    contract: Command | Text | None = Field(
        None, description="When the version before is gone for good; no rollback goes below it."
    )
    needs: int = Field(0, ge=0, le=1_000_000, description="Number of the schema that `expand` makes; 0: none.")
    works_with: list[Annotated[int, Field(ge=0, le=1_000_000)]] = Field(
        [], max_length=100, description="Schemas whose versions go on working after `expand`: a release back needs one."
    )
