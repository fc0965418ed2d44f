"""The base of every block of a definition."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema

from domain.core.values import MAX_DURATION_S, Json, duration_s

NAME_PATTERN = r"^[a-z][a-z0-9-]{0,62}$"
Value = str | bool | int | float
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
Anything = Annotated[JsonValue, WithJsonSchema({})]
"""Whatever YAML can say."""
Fields = Annotated[dict[str, JsonValue], WithJsonSchema({"type": "object", "additionalProperties": True})]
"""A mapping of which the shape says nothing."""


def _kebab(name: str) -> str:
    return name.rstrip("_").replace("_", "-")


def _text(value: Json) -> Json:
    """Numbers and booleans where a string is expected, as they were written in the YAML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return getattr(value, "written", str(value)) if isinstance(value, int | float) else value


def _duration(value: Json) -> float:
    if not isinstance(value, str | int | float):
        raise ValueError("a duration must be a number of seconds or a text such as 90s, 1m30s, 24h, 3d")
    return duration_s(value)


def _listed(value: Json) -> Json:
    return [value] if isinstance(value, str) else value


MAX_MEMORY_MB = 16 * 1024 * 1024
"""16 TiB, more than one machine has."""
Text = Annotated[str, BeforeValidator(_text)]
Duration = Annotated[
    float,
    BeforeValidator(_duration),
    Field(ge=0, le=MAX_DURATION_S),
    WithJsonSchema(
        {"type": ["string", "number"], "minimum": 0, "maximum": MAX_DURATION_S, "examples": ["90s", "1m30s", "24h"]}
    ),
]
Texts = Annotated[
    list[str],
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]
Env = dict[str, Text]


class Block(BaseModel):
    """A mapping of a definition: immutable, keys in kebab-case, unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", alias_generator=_kebab, frozen=True)
