"""Blocks for what pipelines share: places in groups, and the order in which work is taken."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema

from pipeline_defs.core.blocks import Block, Texts


class ConcurrencyBlock(Block):
    """A group of which only so many run at once. Runs and jobs have groups of their own, shared by all pipelines."""

    group: str = Field(min_length=1, max_length=200, description="Name of the group; may hold expressions.")
    limit: int = Field(1, ge=1, le=1000, description="Places. The newest definition's limit counts.")
    mode: Literal["queue", "cancel-pending", "cancel-running", "reject"] = Field(
        "queue",
        description="When all places are taken: wait; wait in place of those who wait; that, and the oldest"
        " holder is cancelled too; or end at once.",
    )
    order: Literal["fifo", "lifo", "priority"] = Field("fifo", description="Who goes next; equal priorities: fifo.")


class Cache(Block):
    """Files that later runs find again. A hint: a job must work without them."""

    key: str = Field(min_length=1, max_length=400, description="Name of the entry; may hold expressions.")
    files: Texts = Field([], description="Path patterns; a hash of the files is added to the key.")
    paths: Texts = Field(min_length=1, description="What is kept, in the workspace, or `~/…` in the job's home.")
    fallbacks: Texts = Field([], description="Beginnings of keys, taken when the key itself is not there.")


def _several(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class _CachesSchema:
    """One cache, or several."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        caches = handler(core)
        return {"anyOf": [caches["items"], caches]}


Caches = Annotated[list[Cache], BeforeValidator(_several), _CachesSchema()]


def _grouped(value: Any) -> Any:
    return {"group": value} if isinstance(value, str) else value


class _GroupSchema:
    """A group's name alone, or the whole block."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [{"type": "string"}, handler(core)]}


Concurrency = Annotated[ConcurrencyBlock, BeforeValidator(_grouped), _GroupSchema()]


def _priority(value: Any) -> int | str:
    if isinstance(value, str) and value.startswith("${{") and value.endswith("}}"):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5:
        return int(value)
    raise ValueError("a priority is a number from 1 (first) to 5 (last), or an expression")


Priority = Annotated[
    int | str,
    PlainValidator(_priority),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 5}, {"type": "string"}]}),
]
