"""The shape of concurrency groups."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from domain.core.values import Json
from pipeline_defs.core.blocks import Block


class ConcurrencyBlock(Block):
    """A group that limits how many run at once. Runs and jobs have separate groups, shared by all pipelines."""

    group: str = Field(min_length=1, max_length=200, description="Name of the group; may contain expressions.")
    limit: int = Field(1, ge=1, le=1000, description="Slots. The limit of the newest definition applies.")
    mode: Literal["queue", "cancel-pending", "cancel-running", "reject"] = Field(
        "queue",
        description="When all slots are taken: queue waits; cancel-pending replaces those that wait;"
        " cancel-running also cancels the oldest holder; reject ends at once.",
    )
    order: Literal["fifo", "lifo", "priority"] = Field(
        "fifo", description="Order of waiting runs or jobs; equal priorities: fifo."
    )


def _grouped(value: Json) -> Json:
    return {"group": value} if isinstance(value, str) else value


class _GroupSchema:
    """A group name, or the whole block."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"type": "string"}, handler(core)]}


Concurrency = Annotated[ConcurrencyBlock, BeforeValidator(_grouped), _GroupSchema()]


def _priority(value: Json) -> int | str:
    if isinstance(value, str) and value.startswith("${{") and value.endswith("}}"):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5:
        return int(value)
    raise ValueError("a priority must be a number from 1 (first) to 5 (last), or an expression")


Priority = Annotated[
    int | str,
    PlainValidator(_priority),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"type": "string"}]}),
]
