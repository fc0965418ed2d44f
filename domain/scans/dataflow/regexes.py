"""What a regular expression says of a text that fits it: which characters are in it, and so what harm it can do.

Expressions are parsed by Python's own parser. What is not understood lets everything through.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterable
from typing import Any  # the parser's trees, which have no types

from domain.scans.dataflow.values import EVERYTHING

MAX_PATTERN = 500
"""Characters of an expression that is understood."""
DANGEROUS = {
    "sql": "'\";\\",
    "command": ";|&$`<>(\n",
    "code": "([=:.'\"\n",
    "template": "{%$",
    "load": "\x00<!\"'{",
    "xxe": "<&",
    "xpath": "'\"([",
    "path": "/\\",
    "xss": "<>\"'",
    "redirect": "/:\\",
    "ssrf": "/:.@",
    "ldap": "*()\\",
    "session": "<'\";",
    "header": "\n\r",
    "log": "\n\r",
}
"""By kind of harm, characters of which a text needs one to do it."""
_ASKED = frozenset("".join(DANGEROUS.values()))
_SPACES = frozenset("\n\r")
_STARTS = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})
_ENDS = frozenset({"AT_END", "AT_END_STRING"})
_parser: Any = importlib.import_module("re._parser")


def proven_by(pattern: str, how: str, *, multiline: bool = False) -> frozenset[str]:
    """Kinds of harm that a text which fits can do no more. `how`: match, search or fullmatch."""
    if len(pattern) > MAX_PATTERN:
        return frozenset()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError, ValueError):
        return frozenset()
    multiline = multiline or bool(tree.state.flags & re.MULTILINE)
    started = how != "search" or _is_anchored(list(tree), 0, _STARTS, multiline)
    ended = how == "fullmatch" or _is_anchored(list(tree), -1, _ENDS, multiline)
    if not started or not ended:
        return frozenset()
    passing = _passing(tree)
    clean = frozenset(harm for harm, texts in DANGEROUS.items() if passing.isdisjoint(texts))
    return frozenset({EVERYTHING}) if len(clean) == len(DANGEROUS) else clean


def _is_anchored(parts: list[Any], at: int, anchors: frozenset[str], multiline: bool) -> bool:
    """Whatever way is taken, it begins, or ends, where the text does."""
    if not parts:
        return False
    kind, value = parts[at]
    match str(kind):
        case "AT":
            name = str(value)
            return name in anchors and not (multiline and name in ("AT_BEGINNING", "AT_END"))
        case "SUBPATTERN":
            return _is_anchored(list(value[-1]), at, anchors, multiline)
        case "BRANCH":
            return all(_is_anchored(list(one), at, anchors, multiline) for one in value[1])
    return False


def _passing(parts: Iterable[Any]) -> frozenset[str]:
    """Those of the characters that are asked for which a text that fits may have."""
    found: frozenset[str] = frozenset()
    for kind, value in parts:
        found |= _of_part(str(kind), value)
    return found


def _of_part(kind: str, value: Any) -> frozenset[str]:
    match kind:
        case "LITERAL":
            return _ASKED & {chr(value)}
        case "NOT_LITERAL":
            return _ASKED - {chr(value)}
        case "IN":
            return _of_class(value)
        case "AT" | "ASSERT" | "ASSERT_NOT" | "GROUPREF":  # take no characters, or again those of a group
            return frozenset()
        case "SUBPATTERN" | "ATOMIC_GROUP":
            return _passing(value[-1] if kind == "SUBPATTERN" else value)
        case "BRANCH":
            return frozenset().union(*map(_passing, value[1]))
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return _passing(value[2])
    return _ASKED


def _of_class(parts: list[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for kind, value in parts:
        match str(kind):
            case "LITERAL":
                found |= {chr(value)}
            case "RANGE":
                found |= {one for one in _ASKED if value[0] <= ord(one) <= value[1]}
            case "CATEGORY":
                found |= _of_category(str(value))
    negated = bool(parts) and str(parts[0][0]) == "NEGATE"
    return _ASKED - found if negated else _ASKED & found


def _of_category(name: str) -> frozenset[str]:
    match name:
        case "CATEGORY_DIGIT" | "CATEGORY_WORD":
            return frozenset()
        case "CATEGORY_SPACE":
            return _SPACES
        case "CATEGORY_NOT_SPACE":
            return _ASKED - _SPACES
    return _ASKED
