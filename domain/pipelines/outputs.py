"""Outputs of jobs: their types, and conversion from text."""

from __future__ import annotations

from domain.core.values import Json

OUTPUT_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
}


def output_value(kind: str, value: Json) -> Json:
    """The value of a declared output, checked and converted from the text that a step wrote.

    Raises:
        ValueError: the text does not have the declared type.
    """
    if isinstance(value, bool) and kind in ("integer", "number"):
        raise ValueError(f"{value!r} is not of type {kind}")
    if isinstance(value, OUTPUT_TYPES[kind]):
        return value
    raise ValueError(f"{value!r} is not of type {kind}")
