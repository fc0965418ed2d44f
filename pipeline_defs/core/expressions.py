"""`${{ … }}` in CEL: found in texts, evaluated, and explained.

Evaluation is the Rust library's; it is deterministic, has no I/O, and is what workflows call. Checking (checking.py)
parses with cel-python, which is loaded only when needed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

from domain.core import globs

sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))  # else the library loads its command line, with an editor

import cel  # noqa: E402

_INTERPOLATION = re.compile(r"\$\{\{(.*?)\}\}", re.S)
_STATUS_CALL = re.compile(r"\b(success|failure|always)\s*\(")
STATUS_FUNCTIONS = ("success", "failure", "always")


class ExpressionError(ValueError):
    """What could not be evaluated, and why."""


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Any:
    try:
        return cel.compile(text)
    except ValueError as broken:
        raise ExpressionError(f"{text}: {str(broken).splitlines()[0]}") from broken


def evaluate(text: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression.

    Raises:
        ExpressionError: it cannot be parsed, or a value that it names does not exist.
    """
    scope = cel.Context()
    for name, value in context.items():
        scope.add_variable(name, value)
    for name, function in _functions(context).items():
        scope.add_function(name, function)
    try:
        return _compiled(text).execute(scope)
    except KeyError as missing:
        raise ExpressionError(f"{text}: there is no {missing}") from missing
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as broken:
        raise ExpressionError(f"{text}: {broken}") from broken


def _functions(context: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    needs = context.get("needs", {})
    results = [need.get("result") for need in needs.values()] if isinstance(needs, Mapping) else []
    files = context.get("event", {}).get("changed_files", []) if isinstance(context.get("event"), Mapping) else []
    return {
        "success": lambda: all(result == "passed" for result in results),
        "failure": lambda: any(result not in ("passed", "skipped") for result in results),
        "always": lambda: True,
        "changed": lambda pattern: globs.any_matches(files, (pattern,)),
        "glob": lambda text, pattern: globs.matches(text, (pattern,)),
        "json": lambda value: json.dumps(value, sort_keys=True, separators=(",", ":")),
    }


def condition(text: str, context: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a job runs, and if not, which part of its condition was false.

    Without a status function in it, a condition also asks that every need passed.
    """
    whole = bare(text)
    if not mentions_status(whole):
        waiting = [name for name, need in context.get("needs", {}).items() if need["result"] != "passed"]
        if waiting:
            first = waiting[0]
            return False, f"needs {first}, which is {context['needs'][first]['result']}"
    if not whole:
        return True, ""
    value = evaluate(whole, context)
    if not isinstance(value, bool):
        raise ExpressionError(f"{whole}: a condition is true or false, and this is {value!r}")
    return value, "" if value else _false_part(whole, context)


def mentions_status(text: str) -> bool:
    return bool(_STATUS_CALL.search(text))


def bare(text: str) -> str:
    """An expression without the `${{ }}` that may stand around it."""
    stripped = text.strip()
    match = _INTERPOLATION.fullmatch(stripped)
    return match.group(1).strip() if match else stripped


def _false_part(text: str, context: Mapping[str, Any]) -> str:
    for part in conjuncts(text):
        try:
            if evaluate(part, context) is False:
                return f"{part} is false"
        except ExpressionError:
            continue
    return f"{text} is false"


def conjuncts(text: str) -> list[str]:
    """The parts that `&&` joins on the outermost level, quotes and brackets respected."""
    parts, depth, start, quote, i = [], 0, 0, "", 0
    while i < len(text):
        char = text[i]
        if quote:
            if char == "\\":
                i += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith("||", i):
            return [text]
        elif depth == 0 and text.startswith("&&", i):
            parts.append(text[start:i].strip())
            start = i + 2
            i += 1
        i += 1
    return [*parts, text[start:].strip()]


def found_in(text: str) -> list[tuple[str, int]]:
    """The expressions inside a text, each with the offset at which it begins."""
    return [
        (match.group(1).strip(), match.start(1) + len(match.group(1)) - len(match.group(1).lstrip()))
        for match in _INTERPOLATION.finditer(text)
    ]


def fill(text: str, context: Mapping[str, Any]) -> str:
    """The text with its expressions replaced by their values; lists and objects become JSON."""
    if "${{" not in text:
        return text
    return _INTERPOLATION.sub(lambda match: as_text(evaluate(match.group(1).strip(), context)), text)


def as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def value_of(text: str, context: Mapping[str, Any]) -> Any:
    """As `fill`, but a text that is one expression and nothing else keeps the value's type."""
    match = _INTERPOLATION.fullmatch(text.strip())
    return evaluate(match.group(1).strip(), context) if match else fill(text, context)
