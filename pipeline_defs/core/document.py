"""The base of all documents, and parameters, which several kinds declare."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from pipeline_defs.core.blocks import Block, Text, Value


class Document(Block):
    """One YAML document with its kind."""

    api_version: Literal["sluiceway/v1"] = Field(alias="apiVersion", description="Always sluiceway/v1.")


class Parameter(Block):
    """A value that can be set when a run is started."""

    type: Literal["string", "integer", "number", "boolean", "choice"] = Field(
        "string", description="Type of the value."
    )
    description: str = Field("", description="One line, shown to people.")
    default: Value | None = Field(None, description="Used when no value is given.")
    required: bool = Field(False, description="A run cannot start without a value. A default makes it optional.")
    pattern: str = Field("", description="A regular expression (RE2) that the whole value must match (string only).")
    choices: list[Text] = Field([], description="Allowed values (choice only).")
