"""Expressions in CEL: evaluated, within bounds, and explained.

Evaluation is the Rust library's; it is deterministic, has no I/O, and is what workflows call. Types are checked before
a run, by expression_types.py. Whatever goes wrong in an evaluation is an ExpressionError, which fails one job.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import ModuleType

from domain.core import globs
from domain.core.interpolation import interpolations, whole
from domain.core.values import Json
from pipeline_defs.core import cel_cost, cel_values
from pipeline_defs.core.cel_syntax import CelSyntaxError, parse

sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))  # otherwise the library imports its command line

import cel  # noqa: E402

FAILED_ABOVE = "failed above"
"""Key of a context: whether any job that this one needs, directly or through others, ended badly.

No expression can name it; success() and failure() ask for it.
"""
_ALWAYS_CALL = re.compile(r"\balways\s*\(")
_STATUS_CALL = re.compile(r"\b(success|failure|always)\s*\(")


class ExpressionError(ValueError):
    """An expression that cannot be evaluated, and why."""


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[cel.Program, cel_values.Paths]:
    return cel.compile(text), cel_values.paths(parse(text))


def evaluate(text: str, context: Mapping[str, Json]) -> Json:
    """The value of an expression.

    Raises:
        ExpressionError: it cannot be parsed, names a value that does not exist, has no value (an index out of range,
            an overflow), would cost too much, or its value is not JSON.
    """
    try:
        return _evaluated(text, context)
    except ExpressionError:
        raise
    except CelSyntaxError as broken:
        raise ExpressionError(f"{text}: {broken}") from broken
    except KeyError as missing:
        raise ExpressionError(f"{text}: unknown name {missing}") from missing
    except Exception as broken:  # of any type that the library raises: none may fail the workflow task
        raise ExpressionError(f"{text}: {(str(broken).splitlines() or [type(broken).__name__])[0]}") from broken
    except BaseException as panic:  # a panic of the library is no Exception
        if type(panic).__name__ != "PanicException":
            raise
        raise ExpressionError(f"{text}: the expression library failed: {panic}") from panic


def _evaluated(text: str, context: Mapping[str, Json]) -> Json:
    program, paths = _compiled(text)
    cost = cel_cost.bound(text, context)
    if cost > cel_cost.MAX_COST:
        raise ExpressionError(f"{text}: it could take {cost:,} steps, and at most {cel_cost.MAX_COST:,} are allowed")
    scope = cel.Context()
    for name, variable in cel_values.pruned(context, paths).items():
        scope.add_variable(name, cel_values.encoded(variable))
    for name, function in _functions(context).items():
        scope.add_function(name, function)
    return cel_values.decoded(program.execute(scope))


def _functions(context: Mapping[str, Json]) -> dict[str, Callable[..., bool | str]]:
    results = _results(context).values()
    above = context.get(FAILED_ABOVE) is True
    event = context.get("event")
    files = event.get("changed_files") if isinstance(event, Mapping) else ()
    changed = [str(file) for file in files] if isinstance(files, Sequence) else []
    compared = event.get("compared", True) if isinstance(event, Mapping) else True
    return {
        "success": lambda: not above and all(result == "passed" for result in results),
        "failure": lambda: above or any(result not in ("passed", "skipped") for result in results),
        "always": lambda: True,
        "changed": lambda pattern: globs.any_matches(changed, (pattern,)) if compared else not globs.malformed(pattern),
        "glob": lambda text, pattern: globs.matches(text, (pattern,)),
        "json": lambda value: json.dumps(cel_values.decoded(value), sort_keys=True, separators=(",", ":")),
        "string": lambda value: _WORDS_OF_BOOLEANS[value],  # of what the library has no text for
        "bool": lambda value: value if isinstance(value, bool) else _BOOLEANS[value],
    }


_BOOLEANS = {"true": True, "false": False}
_WORDS_OF_BOOLEANS = {True: "true", False: "false"}


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


def mentions_always(text: str) -> bool:
    """Whether a condition asks for its job also after a cancel, by always()."""
    return bool(_ALWAYS_CALL.search(text))


def bare(text: str) -> str:
    """The expression without an enclosing `${{ }}`."""
    found = whole(text)
    return found.expression if found else text.strip()


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


def fill(text: str, context: Mapping[str, Json]) -> str:
    """The text with its expressions replaced by their values; lists and objects become JSON.

    Raises:
        ExpressionError: an expression cannot be evaluated.
    """
    parts, end = [], 0
    for found in interpolations(text):
        if found.closed:
            parts += [text[end : found.start], as_text(evaluate(found.expression, context))]
            end = found.end
    return "".join([*parts, text[end:]])


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
    found = whole(text)
    return evaluate(found.expression, context) if found else fill(text, context)
