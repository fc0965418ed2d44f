"""Typed parameters and inputs: checks given values against their declarations."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

from domain.core import patterns
from domain.core.patterns import PatternError
from domain.core.values import Json, Scalar
from pipeline_defs.core.diagnostics import Violation, suggestion
from pipeline_defs.core.document import Parameter

_INTEGER = re.compile(r"[+-]?[0-9]{1,300}")
_NUMBER = re.compile(r"[+-]?([0-9]{1,300}(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_BOOLEANS = {"true": True, "false": False}


def violations(declared: Mapping[str, Parameter]) -> Iterator[Violation]:
    """Declarations that no value can satisfy. Paths begin with the parameter's name."""
    for name, parameter in declared.items():
        try:
            patterns.compiled(parameter.pattern)
        except PatternError as wrong:
            message = f"the pattern is not a valid regular expression: {wrong}"
            yield Violation("SLW203", message, (name, "pattern"))
            continue
        if parameter.type == "choice" and not parameter.choices:
            yield Violation("SLW202", f"choice '{name}' has no choices", (name,), key=True)
        elif parameter.default is not None:
            try:
                convert(parameter, parameter.default)
            except ValueError as wrong:
                yield Violation("SLW501", f"the default of '{name}': {wrong}", (name, "default"))


def resolve(
    declared: Mapping[str, Parameter], given: Mapping[str, Json], word: str = "parameter"
) -> tuple[dict[str, Scalar], list[str]]:
    """Values with defaults filled in, and errors of the given ones; `word`: what messages call them."""
    wrong = [f"unknown {word} '{name}'; {suggestion(name, declared)}" for name in given if name not in declared]
    values: dict[str, Scalar] = {}
    for name, parameter in declared.items():
        raw = given.get(name, parameter.default)
        if raw is None:
            if parameter.required:
                wrong.append(f"{word} '{name}' is required")
            values[name] = _empty(parameter)
            continue
        try:
            values[name] = convert(parameter, raw)
        except ValueError as broken:
            wrong.append(f"{word} '{name}': {broken}")
    return values, wrong


def _empty(parameter: Parameter) -> Scalar:
    if parameter.type == "choice" and parameter.choices:
        return parameter.choices[0]
    empty: dict[str, Scalar] = {"integer": 0, "number": 0.0, "boolean": False}
    return empty.get(parameter.type, "")


def convert(parameter: Parameter, raw: Json) -> Scalar:
    """Converts a value to the parameter's type; texts from a command line are parsed.

    Raises:
        ValueError: it does not fit; the message is for people.
    """
    match parameter.type:
        case "boolean":
            value = _BOOLEANS.get(raw.lower(), raw) if isinstance(raw, str) else raw
            if not isinstance(value, bool):
                raise ValueError(f"'{raw}' is not true or false")
            return value
        case "integer":
            return _number(raw, int, "an integer")
        case "number":
            return _number(raw, float, "a number")
        case "choice":
            text = str(raw)
            if text not in parameter.choices:
                raise ValueError(f"'{text}' is not one of {', '.join(parameter.choices)}")
            return text
    text = getattr(raw, "written", raw if isinstance(raw, str) else str(raw).lower())
    if "\0" in text:
        raise ValueError("a NUL character: no variable can hold one")
    if parameter.pattern and not _matches(parameter.pattern, text):
        raise ValueError(f"'{text}' does not match the pattern {parameter.pattern}")
    return str(text)


def _matches(pattern: str, text: str) -> bool:
    try:
        return patterns.fullmatch(pattern, text)
    except PatternError as wrong:
        raise ValueError(f"the pattern {pattern} is not a valid regular expression: {wrong}") from wrong


def _number(raw: Json, kind: type[int] | type[float], name: str) -> int | float:
    """Strict: neither `1_000`, `nan` and `inf`, which Python would read, nor digits of other scripts."""
    broken = ValueError(f"'{raw}' is not {name}")
    if not isinstance(raw, str | int | float) or isinstance(raw, bool) or not _fits(raw, kind is int):
        raise broken
    try:
        value = kind(raw)
    except (ValueError, OverflowError):
        raise broken from None
    if isinstance(value, float) and not math.isfinite(value):
        raise broken
    return value


def _fits(raw: str | int | float, whole: bool) -> bool:
    if isinstance(raw, str):
        return bool((_INTEGER if whole else _NUMBER).fullmatch(raw.strip()))
    return not whole or isinstance(raw, int) or raw.is_integer()
