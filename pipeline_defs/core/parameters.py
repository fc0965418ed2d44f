"""Typed parameters and inputs: values as given, checked against what the definition declares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from domain.core.values import Scalar, closest
from pipeline_defs.pipelines.model import Parameter

_BOOLEANS = {"true": True, "false": False}


def resolve(
    declared: Mapping[str, Parameter], given: Mapping[str, Any], word: str = "parameter"
) -> tuple[dict[str, Scalar], list[str]]:
    """Values with defaults filled in, and what is wrong with those given."""
    complaints = []
    for name in given:
        if name not in declared:
            meant = closest(name, declared)
            hint = f"; did you mean '{meant}'?" if meant else f"; there are {', '.join(sorted(declared)) or 'none'}"
            complaints.append(f"unknown {word} '{name}'{hint}")
    values: dict[str, Scalar] = {}
    for name, parameter in declared.items():
        raw = given.get(name, parameter.default)
        if raw is None:
            if parameter.required:
                complaints.append(f"{word} '{name}' is required")
            values[name] = _empty(parameter)
            continue
        try:
            values[name] = convert(parameter, raw)
        except ValueError as wrong:
            complaints.append(f"{word} '{name}': {wrong}")
    return values, complaints


def _empty(parameter: Parameter) -> Scalar:
    if parameter.type == "choice" and parameter.choices:
        return parameter.choices[0]
    empty: dict[str, Scalar] = {"integer": 0, "number": 0.0, "boolean": False}
    return empty.get(parameter.type, "")


def convert(parameter: Parameter, raw: Any) -> Scalar:
    """A value as the parameter's type; texts, as a command line gives them, are read.

    Raises:
        ValueError: it does not fit, in words for people.
    """
    match parameter.type:
        case "boolean":
            value = _BOOLEANS.get(raw.lower(), raw) if isinstance(raw, str) else raw
            if not isinstance(value, bool):
                raise ValueError(f"'{raw}' is neither true nor false")
            return value
        case "integer":
            return _number(raw, int, "an integer")
        case "number":
            return _number(raw, float, "a number")
        case "choice":
            text = str(raw)
            if text not in parameter.choices:
                raise ValueError(f"'{text}' is none of {', '.join(parameter.choices) or 'no choices'}")
            return text
    text = getattr(raw, "written", raw if isinstance(raw, str) else str(raw).lower())
    if parameter.pattern and not re.fullmatch(parameter.pattern, text):
        raise ValueError(f"'{text}' does not match the pattern {parameter.pattern}")
    return str(text)


def _number(raw: Any, kind: type[int] | type[float], name: str) -> int | float:
    if isinstance(raw, bool) or (kind is int and isinstance(raw, float) and not raw.is_integer()):
        raise ValueError(f"'{raw}' is not {name}")
    try:
        return kind(raw)
    except (TypeError, ValueError):
        raise ValueError(f"'{raw}' is not {name}") from None
