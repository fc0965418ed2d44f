"""Finds secrets in the bytes of one file: every rule in every view, each secret once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from domain.scans.findings.model import Severity
from domain.scans.secrets import credentials, placeholders
from domain.scans.secrets.assignments import Assigned, assigned
from domain.scans.secrets.bounds import HITS
from domain.scans.secrets.context import Context, Place, context_of
from domain.scans.secrets.fallbacks import fallbacks
from domain.scans.secrets.judgement import Judged, judged
from domain.scans.secrets.rules import Rule, Rules
from domain.scans.secrets.views import TOGETHER, Reading, View, views, without_controls

ASSIGNED_PASSWORD, ASSIGNED_KEY = "assigned-password", "assigned-key"
_SHOWN = 40
"""Bytes before a value that are shown with it."""
_MASK = "********"
_COMPARED = 100
"""Values of one line that a further one is compared with; beyond that it is told again."""


@dataclass(frozen=True)
class Hit:
    """A secret in a file."""

    rule: str
    message: str
    severity: Severity
    confidence: str
    value: bytes
    """Never to be shown."""
    line: int
    end_line: int
    excerpt: str
    """What stands before the value, and a mask."""
    cell: int = 0
    """The cell of a notebook, from 1; 0: it is none."""


@dataclass(frozen=True)
class _Found:
    start: int
    end: int
    rule: str
    message: str
    judged: Judged


def search(data: bytes, path: str, rules: Rules, *, packed: bool = False, reading: Reading | None = None) -> list[Hit]:
    """All secrets in a file's bytes, by line. `reading` says afterwards which bounds were reached.

    `path` says what kind of file it is. `packed`: it is an archive, where names and values meet by chance.
    """
    reading = reading or Reading()
    context, hits = Context(Place.PROSE) if packed else context_of(path, data[:400]), list[Hit]()
    seen: dict[int, list[tuple[bytes, int]]] = {}
    within: dict[View | None, list[_Found]] = {}
    for view in views(data, reading):
        found = [one for one in _disjoint(_in_view(view, path, context, rules)) if not _known(view, one, within)]
        within[view] = found
        values = {view.data[one.start : one.end] for one in found}
        for number, one in enumerate(found):
            line = view.line(one.start)
            if _is_new(one, view.data[one.start : one.end], seen.setdefault(line, [])):
                near = {view.data[other.start : other.end] for other in found[max(number - _SHOWN, 0) : number + 1]}
                hits.append(_hit(view, one, line, path, _excerpt(view.data, one, near, values)))
                if len(hits) >= HITS.most:
                    reading.reached.say(HITS)
                    return sorted(hits, key=lambda hit: hit.line)
    return sorted(hits, key=lambda hit: hit.line)


def _is_new(one: _Found, value: bytes, seen: list[tuple[bytes, int]]) -> bool:
    """Not said of this line yet, in another view or with more around it, or said to be less severe."""
    bare, rank = without_controls(value), one.judged.severity.rank
    if any((bare in other or other in bare) and rank <= known for other, known in seen[:_COMPARED]):
        return False
    seen.append((bare, rank))
    return True


def _known(view: View, one: _Found, within: dict[View | None, list[_Found]]) -> bool:
    """It was decoded from what is a secret as it stands, such as a login in base64."""
    if not view.origin:
        return False
    at = view.origin(one.start)
    return any(other.start <= at < other.end for other in within.get(view.parent, ()))


def _hit(view: View, one: _Found, line: int, path: str, excerpt: str) -> Hit:
    value = view.data[one.start : one.end]
    message = f"{one.message} ({view.name})" if view.name else one.message
    cell = view.cell(one.start) if path.endswith(".ipynb") else 0
    end = max(view.line(max(one.end - 1, one.start)), line)
    return Hit(one.rule, message, one.judged.severity, one.judged.confidence, value, line, end, excerpt, cell)


def _in_view(view: View, path: str, context: Context, rules: Rules) -> Iterator[_Found]:
    """By rules of formats first: they say more than a name does."""
    loose = view.name == TOGETHER
    for rule, start, end in rules.matches(view.data, path, inside=loose):
        if loose and (rule.judged or not view.begins(start)):
            continue
        if said := _of_rule(rule, view.data[start:end], context):
            yield _Found(start, end, rule.name, rule.message, said)
    if loose:  # it has no names
        return
    for one in chain(assigned(view.data, context), fallbacks(view.data)):
        if said := _of_name(one, context):
            name, what = (ASSIGNED_PASSWORD, "password") if one.password else (ASSIGNED_KEY, "key or token")
            yield _Found(one.start, one.end, name, f"A {what} is written out", said)


def _of_name(one: Assigned, context: Context) -> Judged | None:
    return judged(one.name, one.value, context, password=one.password, beside_login=one.beside_login)


def _of_rule(rule: Rule, value: bytes, context: Context) -> Judged | None:
    if rule.outside_code and (context.place is Place.PROSE or (context.test and context.place is Place.CODE)):
        return None
    if rule.credentials:
        password = credentials.password_in(value)
        if not password or (context.example and not judged(b"", password, context, password=True)):
            return None
        return Judged(rule.severity, rule.confidence)
    if rule.judged:
        said = judged(b"", value, context, password=True, beside_login=True)
        return said and Judged(min(rule.severity, said.severity, key=lambda one: one.rank), said.confidence)
    return None if placeholders.is_made_up(value) else Judged(rule.severity, rule.confidence)


def _disjoint(found: Iterator[_Found]) -> list[_Found]:
    """Those that do not overlap, by place: of two the earlier rule's, with the worse severity."""
    taken: list[_Found] = []
    pages: dict[int, list[int]] = {}
    for one in found:
        here = range(one.start >> 8, (one.end >> 8) + 1)
        known = {index for page in here for index in pages.get(page, ())}
        overlaps = [index for index in known if one.start < taken[index].end and taken[index].start < one.end]
        for index in overlaps:
            if one.judged.severity.rank > taken[index].judged.severity.rank:
                taken[index] = replace(taken[index], judged=one.judged)
        if overlaps:
            continue
        for page in here:
            pages.setdefault(page, []).append(len(taken))
        taken.append(one)
        if len(taken) >= HITS.most:
            break
    return sorted(taken, key=lambda one: one.start)


def _excerpt(text: bytes, one: _Found, near: set[bytes], values: set[bytes]) -> str:
    """The text before a value in its line, without any of the values that were found."""
    line = max(text.rfind(b"\n", 0, one.start) + 1, one.start - _SHOWN)
    shown = text[line : one.start]
    for value in sorted(near, key=len, reverse=True):
        shown = shown.replace(value, b"*")
    shown = b"".join(b"*" if part in values else part for part in _PARTS.split(shown))
    if text[one.start : one.end] in shown:
        shown = b""
    readable = "".join(char if char.isprintable() else " " for char in shown.decode("utf-8", "replace"))
    return readable.lstrip() + _MASK


_PARTS = re.compile(rb"([\s\"'=:;,&@/]+)")
