"""Summaries as JSON values, from one analysis to the next."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any  # JSON of our own, whose shape the dataclasses give

from domain.scans.dataflow.callers import Site
from domain.scans.dataflow.clearing import Seeming
from domain.scans.dataflow.dependencies import Frozen, Summary
from domain.scans.dataflow.heat import FileHeat, FunctionHeat
from domain.scans.findings.model import Cleared, Finding, FindingKind, Severity, Step

_WHOLE = ("tool", "rule", "kind", "severity", "message", "path", "line", "end_line", "cwe", "confidence")
_RATED = ("likelihood", "impact", "trace", "severity_source")


def kept(summaries: Mapping[str, Summary]) -> list[Any]:
    """All summaries; `known_from` reads them."""
    return [_plain(one) for one in summaries.values()]


def known_from(data: Iterable[Any]) -> dict[str, Summary]:
    """The summaries by path.

    Raises:
        TypeError, ValueError, KeyError: it is not what `kept` gives.
    """
    every = (_summary(one) for one in data)
    return {one.path: one for one in every}


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return [_plain(getattr(value, name)) for name in (*_WHOLE, *_RATED)]
    if is_dataclass(value):
        return [_plain(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value


def _summary(row: Any) -> Summary:
    made = {one.name: value for one, value in zip(fields(Summary), row, strict=True)}
    return Summary(**{name: _FIELDS.get(name, _same)(value) for name, value in made.items()})


def _same(value: Any) -> Any:
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(sys.intern, value))


def _pairs(value: Any) -> tuple[Any, ...]:
    return tuple(tuple(one) for one in value)


def _frozen(value: Any) -> Frozen:
    functions, files, names = value
    return Frozen(_pairs(functions), _texts(files), _texts(names))


def _heat(value: Any) -> FileHeat:
    functions, variables, imported, loads, names = value
    made = (
        FunctionHeat(line, _texts(words), starts, brings, _texts(mine))
        for line, words, starts, brings, mine in functions
    )
    return FileHeat(tuple(made), _texts(variables), _texts(imported), _texts(loads), _texts(names))


def _findings(value: Any) -> tuple[Finding, ...]:
    return tuple(map(_finding, value))


def _finding(row: Any) -> Finding:
    made = dict(zip((*_WHOLE, *_RATED), row, strict=True))
    made["kind"], made["severity"] = FindingKind(made["kind"]), Severity(made["severity"])
    made["trace"] = tuple(Step(*one) for one in made["trace"])
    return Finding(**made)


def _lines(value: Any) -> tuple[Cleared, ...]:
    return tuple(Cleared(path=path, cwe=cwe, lines=tuple(lines)) for path, cwe, lines in value)


_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "spans": lambda value: {name: _pairs(found) for name, found in value.items()},
    "changes": _texts,
    "fields": _texts,
    "routes": _texts,
    "heat": _heat,
    "warm": tuple,
    "loaded": _frozen,
    "entered": _frozen,
    "findings": _findings,
    "cut": tuple,
    "urgent": tuple,
    "clear": _lines,
    "unclear": _lines,
    "seeming": lambda value: tuple(Seeming(_lines([one])[0], function) for one, function in value),
    "sites": lambda value: tuple(Site(*one) for one in value),
    "skipped": _pairs,
}
