"""What every kind of document says about itself, and parameters, which several declare."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.core.blocks import Block, Text, Value


class Document(Block):
    api_version: Literal["sluiceway/v1"] = Field(alias="apiVersion", description="Always sluiceway/v1.")


class Parameter(Block):
    """A value that whoever starts a run may give."""

    type: Literal["string", "integer", "number", "boolean", "choice"] = Field("string", description="What it holds.")
    description: str = Field("", description="One line for people.")
    default: Value | None = Field(None, description="Taken when none is given.")
    required: bool = Field(False, description="Without it a run does not start. A default makes it optional.")
    pattern: str = Field("", description="A regular expression that the whole text must match (string only).")
    choices: list[Text] = Field([], description="What may be chosen (choice only).")
