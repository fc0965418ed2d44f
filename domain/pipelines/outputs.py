"""Outputs of jobs: the file that steps append to, and its values by their declared types.

A line is `name=value`; a value of several lines is `name<<WORD`, the lines, and a line that is just WORD (as in GitHub
Actions: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands). Only \\n ends a line.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import NoReturn

from domain.core.values import Json

MAX_BYTES = 64_000
MAX_LEVELS = 50
"""Of lists and objects inside each other."""
OUTPUT_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "object": (dict,),
}


BUILT_IN: Mapping[str, Mapping[str, str]] = {
    "build": {"image": "string", "digest": "string", "reference": "string"},
    "test": {"tests": "integer", "failed": "integer", "coverage": "number", "branch-coverage": "number"},
    "scan": {"findings": "integer"},
    "approval": {"approvers": "list"},
    "deploy": {"address": "string", "version": "string", "images": "object"},
    "provision": {"cluster": "string", "kubeconfig": "string", "version": "string", "nodes": "integer"},
    "volume": {"phase": "string", "volume": "string", "snapshot": "string", "capacity-gb": "number"},
    "argocd-sync": {"revision": "string"},
}
"""Kind of a job to the outputs that the engine sets, and their types."""


def read(data: bytes, declared: Mapping[str, str], kind: str = "run") -> dict[str, Json]:
    """The value of every declared output; the last one of a name counts. All but strings are JSON.

    `kind`: of the job, whose built-in outputs no step needs to write.

    Raises:
        ValueError: what is wrong, with the number of its line: too big, no `=`, not UTF-8, a NUL, not declared, not of
            its type, or a declared output that was never set.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"the outputs are over {MAX_BYTES:,} bytes, which is the limit; use an artifact")
    found: dict[str, Json] = {}
    for number, name, text in _entries(data):
        type_ = declared.get(name)
        if type_ is None:
            known = ", ".join(declared) or "none"
            raise ValueError(f"line {number} of the outputs: '{name[:80]}' is not declared; declared: {known}")
        try:
            found[name] = _value(type_, text)
        except ValueError as wrong:
            why = f"'{text[:80]}' is not of type {type_}: {wrong}"
            raise ValueError(f"line {number} of the outputs: output '{name}': {why}") from None
    missing = [name for name in declared if name not in found and name not in BUILT_IN.get(kind, {})]
    if missing:
        raise ValueError(f"declared, but never written to $SLUICEWAY_OUTPUT: {', '.join(missing)}")
    return found


def _entries(data: bytes) -> Iterator[tuple[int, str, str]]:
    """Line, name and text of each output."""
    lines = data.split(b"\n")
    at = 0
    while at < len(lines):
        line, number = _text(lines[at], at + 1), at + 1
        at += 1
        name, equals, value = line.partition("=")
        before, here, word = line.partition("<<")
        if here and len(before) < len(name):
            body = []
            while at < len(lines) and _text(lines[at], at + 1) != word:
                body.append(_text(lines[at], at + 1))
                at += 1
            if at == len(lines) or not word.strip():
                raise ValueError(f"line {number} of the outputs: no line ends what begins with '{line[:80]}'")
            at += 1
            yield number, before.strip(), "\n".join(body)
        elif equals:
            yield number, name.strip(), value
        elif line.strip():
            hint = "write name=value; a value of several lines is name<<EOF, its lines, and a line EOF"
            raise ValueError(f"line {number} of the outputs has no '=': '{line[:80]}'; {hint}")


def _text(line: bytes, number: int) -> str:
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise ValueError(f"line {number} of the outputs is not UTF-8, at byte {wrong.start + 1}") from None
    if "\0" in text:
        raise ValueError(f"line {number} of the outputs has a NUL byte, which no variable can hold")
    return text


def _value(kind: str, text: str) -> Json:
    value = text if kind == "string" else strict_json(text)
    if not isinstance(value, OUTPUT_TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
        raise ValueError(f"it is {_NAMES.get(type(value), 'null')}")
    return value


_NAMES: dict[type, str] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number with a fraction or an exponent",
    list: "a list",
    dict: "an object",
}


def strict_json(text: str) -> Json:
    """JSON of RFC 8259, with integers of any length; the last one of equal names counts.

    Raises:
        ValueError: it is something else, such as NaN, a number beyond what a double holds, half of a surrogate pair,
            or nested too deeply.
    """
    try:
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError(f"more than {MAX_LEVELS} levels") from None
    except json.JSONDecodeError as wrong:
        raise ValueError(f"it is not JSON, from character {wrong.pos + 1} on") from None
    _check(value, MAX_LEVELS)
    return value


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is more than a number can hold")
    return value


def _check(value: Json, levels: int) -> None:
    """Raises: ValueError: too many levels, or text that is not Unicode."""
    if levels < 0:
        raise ValueError(f"more than {MAX_LEVELS} levels")
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise ValueError("a lone surrogate is not a character")
        if "\0" in value:
            raise ValueError("no variable can hold a NUL character")
    elif isinstance(value, list):
        for each in value:
            _check(each, levels - 1)
    elif isinstance(value, dict):
        for key, each in value.items():
            _check(key, levels)
            _check(each, levels - 1)
