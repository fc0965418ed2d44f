"""`${{ … }}` in CEL: finding, evaluating and explaining expressions.

The Rust library evaluates; it is deterministic, has no I/O, and is what workflows call. expression_types.py checks
types before a run.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import ModuleType

from domain.core import globs
from domain.core.values import Json

sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))  # otherwise the library imports its command line

import cel  # noqa: E402

_INTERPOLATION = re.compile(r"\$\{\{(.*?)\}\}", re.S)
_STATUS_CALL = re.compile(r"\b(success|failure|always)\s*\(")


class ExpressionError(ValueError):
    """An expression that cannot be evaluated, and why."""


@lru_cache(maxsize=4096)
def _compiled(text: str) -> cel.Program:
    try:
        return cel.compile(text)
    except ValueError as broken:
        raise ExpressionError(f"{text}: {str(broken).splitlines()[0]}") from broken


def evaluate(text: str, context: Mapping[str, Json]) -> Json:
    """The value of an expression.

    Raises:
        ExpressionError: invalid syntax, or an unknown name.
    """
    scope = cel.Context()
    for name, variable in context.items():
        scope.add_variable(name, variable)
    for name, function in _functions(context).items():
        scope.add_function(name, function)
    try:
        value: Json = _compiled(text).execute(scope)
        return value
    except KeyError as missing:
        raise ExpressionError(f"{text}: unknown name {missing}") from missing
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as broken:
        raise ExpressionError(f"{text}: {broken}") from broken


def _functions(context: Mapping[str, Json]) -> dict[str, Callable[..., bool | str]]:
    results = _results(context).values()
    event = context.get("event")
    files = event.get("changed_files") if isinstance(event, Mapping) else ()
    changed = [str(file) for file in files] if isinstance(files, Sequence) else []
    return {
        "success": lambda: all(result == "passed" for result in results),
        "failure": lambda: any(result not in ("passed", "skipped") for result in results),
        "always": lambda: True,
        "changed": lambda pattern: globs.any_matches(changed, (pattern,)),
        "glob": lambda text, pattern: globs.matches(text, (pattern,)),
        "json": lambda value: json.dumps(value, sort_keys=True, separators=(",", ":")),
    }


def _results(context: Mapping[str, Json]) -> dict[str, str]:
    """The results of the needed jobs."""
    needs = context.get("needs")
    if not isinstance(needs, Mapping):
        return {}
    return {name: str(need.get("result", "")) for name, need in needs.items() if isinstance(need, Mapping)}


def condition(text: str, context: Mapping[str, Json]) -> tuple[bool, str]:
    """Whether a job runs, and if not, which part of its condition was false.

    A condition without a status function also requires that every need passed.

    Raises:
        ExpressionError: it cannot be evaluated, or is not a boolean.
    """
    whole = bare(text)
    if not mentions_status(whole):
        for name, result in _results(context).items():
            if result != "passed":
                return False, f"needs {name}, which is {result}"
    if not whole:
        return True, ""
    value = evaluate(whole, context)
    if not isinstance(value, bool):
        raise ExpressionError(f"{whole}: a condition must be true or false, not {value!r}")
    return value, "" if value else _false_part(whole, context)


def mentions_status(text: str) -> bool:
    """Whether an expression calls a status function: success(), failure() or always()."""
    return bool(_STATUS_CALL.search(text))


def bare(text: str) -> str:
    """The expression without an enclosing `${{ }}`."""
    stripped = text.strip()
    match = _INTERPOLATION.fullmatch(stripped)
    return match.group(1).strip() if match else stripped


def _false_part(text: str, context: Mapping[str, Json]) -> str:
    for part in conjuncts(text):
        try:
            if evaluate(part, context) is False:
                return f"{part} is false"
        except ExpressionError:
            continue
    return f"{text} is false"


def conjuncts(text: str) -> list[str]:
    """The operands of the outermost `&&`, respecting quotes and brackets."""
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
    """The expressions inside a text, each with its offset."""
    return [
        (match.group(1).strip(), match.start(1) + len(match.group(1)) - len(match.group(1).lstrip()))
        for match in _INTERPOLATION.finditer(text)
    ]


def fill(text: str, context: Mapping[str, Json]) -> str:
    """The text with its expressions replaced by their values; lists and objects become JSON.

    Raises:
        ExpressionError: an expression cannot be evaluated.
    """
    if "${{" not in text:
        return text
    return _INTERPOLATION.sub(lambda match: as_text(evaluate(match.group(1).strip(), context)), text)


def as_text(value: Json) -> str:
    """A string as it is; anything else as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, separators=(",", ":"))


def value_of(text: str, context: Mapping[str, Json]) -> Json:
    """Like `fill`, but a text that consists of one expression keeps the value's type.

    Raises:
        ExpressionError: an expression cannot be evaluated.
    """
    match = _INTERPOLATION.fullmatch(text.strip())
    return evaluate(match.group(1).strip(), context) if match else fill(text, context)
