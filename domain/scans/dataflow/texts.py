"""Texts that are put together: what is known of their beginning, and whose labels they carry."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from domain.scans.dataflow.models.model import RANDOM
from domain.scans.dataflow.state import State
from domain.scans.dataflow.values import Choice, Const, Other, Taint, Tuple, Value, flat, is_known, refs_in, united

MAX_TEXT = 10_000
_NUMBERS = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[diouxXeEfFgGb]")
_PERCENT = re.compile(r"%(?:\([^)]*\))?[-+ #0]*[\d*]*(?:\.[\d*]+)?[a-zA-Z]")


def labels(value: Value, st: State | None) -> Taint:
    """The labels inside a value."""
    return st.labels(value) if st is not None else flat(value)


def chances(taint: Taint) -> Taint:
    """What a number keeps: no text of a stranger's, but that it can be guessed."""
    return tuple(one for one in taint if one.kind == RANDOM) if taint else ()


def strangers(taint: Taint) -> Taint:
    """The labels of what somebody has chosen."""
    return tuple(one for one in taint if one.kind != RANDOM)


def concatenated(parts: list[Value], st: State | None) -> Value:
    """The texts of the parts, one after another."""
    parts = [one for one in parts if not (isinstance(one, Const) and one.value == "")] or [Const("")]
    if all(isinstance(one, Const) for one in parts):
        text = "".join(shown_constant(one.value) for one in parts if isinstance(one, Const))
        if st is not None:
            st.base.meter.spend(len(text) >> 6)
        return Const(text) if len(text) <= MAX_TEXT else Other()
    prefix, lead, at = "", False, 0
    while at < len(parts) and isinstance(part := parts[at], Const):
        prefix += shown_constant(part.value)
        at += 1
    first = parts[at]
    if isinstance(first, Other):
        prefix += first.prefix
        lead = first.lead or not first.taint
    elif isinstance(first, Choice):
        lead = True
    sure = all(map(is_known, parts))
    return Other(united(*(labels(one, st) for one in parts)), prefix=prefix[:500], lead=lead or bool(prefix), sure=sure)


def shown_constant(value: object) -> str:
    """As an f-string shows it."""
    return value if isinstance(value, str) else str(value)


def shown(value: Value, node: ast.FormattedValue, st: State) -> Value:
    """A part of an f-string with a format: a number's cleans, since no text passes it; an object may do as it likes."""
    spec = node.format_spec
    parts = spec.values if isinstance(spec, ast.JoinedStr) and not refs_in(value) else []
    if len(parts) == 1 and isinstance(one := parts[0], ast.Constant) and str(one.value)[-1:] in tuple("dfxXegbo%"):
        return Other(chances(labels(value, st)), sure=True)
    return Other(labels(value, st), lead=not labels(value, st), sure=is_known(value))


def percent(left: Value, right: Value, st: State | None) -> Value:
    """`left % right`."""
    taint = labels(left, st)
    if not isinstance(left, Const) or not isinstance(left.value, str):
        return Other(united(taint, labels(right, st)))
    text = left.value
    if st is not None:
        st.base.meter.spend(len(text) >> 6)
    fields = _PERCENT.findall(text.replace("%%", ""))
    arguments = right.items if isinstance(right, Tuple) else (right,)
    if len(fields) == len(arguments) and not any("(" in one or "*" in one for one in fields):
        used = [
            chances(labels(one, st)) if _NUMBERS.fullmatch(field) else labels(one, st)
            for field, one in zip(fields, arguments, strict=True)
        ]
    else:
        used = [labels(one, st) for one in arguments]
    if all(isinstance(one, Const) for one in arguments):
        return _known_percent(text, tuple(one.value for one in arguments if isinstance(one, Const)))
    prefix = text.partition("%")[0]
    sure = all(map(is_known, arguments))
    return Other(united(*used), prefix=prefix, lead=bool(prefix), sure=sure)


def _fits(fields: int, values: Sequence[object]) -> bool:
    """A text with these values in its fields is one that is computed."""
    return fields * max((len(str(one)) for one in values), default=0) <= MAX_TEXT


def _known_percent(text: str, values: tuple[object, ...]) -> Value:
    if re.search(r"[\d*]{4,}", text) or not _fits(text.count("%"), values):
        return Other(sure=True)  # a width could make a text of gigabytes
    try:
        made = text % values
    except (TypeError, ValueError, ArithmeticError, KeyError):
        return Other()
    return Const(made) if len(made) <= MAX_TEXT else Other()


def formatted(text: Value, args: list[Value], named: dict[str, Value], st: State) -> Value:
    """`text.format(...)`."""
    everything = [*args, *named.values()]
    if isinstance(text, Const) and isinstance(text.value, str):
        prefix = text.value.partition("{")[0]
        st.base.meter.spend(len(text.value) >> 6)
        known = [one.value for one in everything if isinstance(one, Const)]
        fits = len(known) == len(everything) and _fits(text.value.count("{"), known)
        if fits and re.fullmatch(r"(?:[^{}]|\{\w*\})*", text.value):
            try:
                values = [one.value for one in args if isinstance(one, Const)]
                made = text.value.format(
                    *values, **{key: one.value for key, one in named.items() if isinstance(one, Const)}
                )
            except (ValueError, IndexError, KeyError):
                return Other()
            return Const(made) if len(made) <= MAX_TEXT else Other()
        sure = all(map(is_known, everything))
        return Other(united(*(labels(one, st) for one in everything)), prefix=prefix, lead=bool(prefix), sure=sure)
    return Other(united(labels(text, st), *(labels(one, st) for one in everything)))
