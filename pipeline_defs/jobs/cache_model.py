"""The shape of a job's caches."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from domain.core.values import Json
from pipeline_defs.core.blocks import Block, Texts


class Cache(Block):
    """Files kept for later runs. Best effort: a job must work without them."""

    key: str = Field(min_length=1, max_length=400, description="Key of the entry; may contain expressions.")
    files: Texts = Field([], description="Path patterns; a hash of these files is added to the key.")
    paths: Texts = Field(min_length=1, description="Paths to keep: in the workspace, or `~/…` in the job's home.")
    fallbacks: Texts = Field([], description="Key prefixes to try when the key is not found.")


def _several(value: Json) -> Json:
    return [value] if isinstance(value, dict) else value


class _CachesSchema:
    """One cache, or several."""

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        caches = handler(core)
        return {"anyOf": [caches["items"], caches]}


Caches = Annotated[list[Cache], BeforeValidator(_several), _CachesSchema()]
