"""The base of every block of a definition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema

from domain.core.values import MAX_DURATION_S, Json, duration_s
from domain.secrets.reference import named_for

NAME_PATTERN = r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$"
NAME_RULE = "a name holds lower-case letters, digits and -, begins with a letter, and ends with a letter or digit"
Value = str | bool | int | float
Name = Annotated[str, Field(pattern=NAME_PATTERN, examples=["web-shop"])]
Anything = Annotated[JsonValue, WithJsonSchema({})]
"""Whatever YAML can say."""
Fields = Annotated[dict[str, JsonValue], WithJsonSchema({"type": "object", "additionalProperties": True})]
"""A mapping of which the shape says nothing."""


def is_name(text: str) -> bool:
    """Whether a text fits NAME_PATTERN; `$` alone would let a line break pass."""
    return re.fullmatch(NAME_PATTERN, text) is not None and not text.endswith("\n")


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


def _named(value: Json) -> Json:
    return {str(one): named_for(str(one)) for one in value} if isinstance(value, list | tuple) else value


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
Secrets = Annotated[
    dict[str, str],
    BeforeValidator(_named),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "object", "additionalProperties": {"type": "string"}},
                {"type": "array", "items": {"type": "string"}},
            ]
        }
    ),
]
"""Variable to the name of a secret. A list of variables: each gets the secret of its own name."""


class Block(BaseModel):
    """A mapping of a definition: immutable, keys in kebab-case, unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", alias_generator=_kebab, frozen=True)
    ELSEWHERE: ClassVar[Mapping[str, str]] = {}
    """Keys that people look for in this block: what to write instead."""
