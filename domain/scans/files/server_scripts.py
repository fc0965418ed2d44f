"""Scripts in templates that are not written as HTML: by indentation (Pug, Haml, Slim), EJS, and modules in MDX."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.scans.files.assembling import Part
from domain.scans.files.languages import suffix_of
from domain.scans.files.template_tags import SINK

INDENTED = frozenset({"pug", "jade", "haml", "slim"})
_BLOCK = re.compile(
    r"(?P<indent>[ \t]*)(?:script\b[^\n]{0,2000}\.|%script\b[^\n]{0,2000}|:(?:java|coffee)?script\b[^\n]{0,200}"
    r"|javascript:|-)[ \t\r]*"
)
_INLINE = re.compile(r"[ \t]*(?:script(?:\([^\n]{0,2000}?\))?[ \t]+|(?:-|[\w.#-]{0,100}!?=)[ \t]*)(?P<code>\S[^\n]*)")
_HANDLER = re.compile(r"""\bon[a-z]{2,30}["']?[ \t]*(?:!?=>?|:)[ \t]*(["'])(?P<code>[^\n]{1,2000}?)\1""")
_PUT_IN = re.compile(r"[#!]\{[^}\n]{0,500}\}")
_UNENDED = ("{", "(", "[", ",", ":", "}")
"""How a piece of a program ends that goes on in the next tag."""
_FENCE = re.compile(r"[ \t]{0,3}(```+|~~~+)")
_MODULE = re.compile(r"(?:import|export)\b")


def parts(path: str, text: str) -> list[Part]:
    """JavaScript that is not in tags of HTML, in order."""
    suffix = suffix_of(path)
    if suffix in INDENTED:
        return list(_indented(text))
    if suffix == "ejs":
        return list(_tags(text))
    return list(_modules(text)) if suffix == "mdx" else []


def without_fences(text: str) -> str:
    """Prose without the code that it shows; lines stay."""
    made, fence = [], ""
    for line in text.split("\n"):
        found = _FENCE.match(line)
        inside = bool(fence)
        if found and not fence:
            fence = found[1]
        elif found and fence and found[1].startswith(fence):
            fence = ""
        made.append(" " * len(line) if inside or found else line)
    return "\n".join(made)


def _part(at: int, code: str, sign: str = ";") -> Part:
    return Part(at, at + len(code), ((at, code),), sign)


def _indented(text: str) -> Iterator[Part]:
    """Blocks below a line that opens one, and scripts within a line that do what weak ones do."""
    at, depth, start = 0, -1, 0
    for line in text.split("\n"):
        if depth >= 0 and line.strip() and len(line) - len(line.lstrip()) <= depth:
            yield from _block(text, start, at)
            depth = -1
        if depth < 0 and (opened := _BLOCK.fullmatch(line)):
            depth, start = len(opened["indent"]), at + len(line) + 1
        elif depth < 0:
            yield from _within(line, at)
        at += len(line) + 1
    if depth >= 0:
        yield from _block(text, start, len(text))


def _block(text: str, start: int, end: int) -> Iterator[Part]:
    if code := text[start:end].rstrip():
        yield _part(start, _plain(code))


def _within(line: str, at: int) -> Iterator[Part]:
    end = 0
    for pattern in (_INLINE.match(line), *_HANDLER.finditer(line)):
        if pattern and pattern.start("code") >= end and SINK.search(pattern["code"]):
            end = pattern.end("code")
            yield _part(at + pattern.start("code"), _plain(pattern["code"]))


def _plain(code: str) -> str:
    return _PUT_IN.sub(lambda found: "_" * len(found[0]), code)


def _tags(text: str) -> Iterator[Part]:
    """The program that an EJS template is: what stands between its tags only says what is written."""
    at = 0
    while (opened := text.find("<%", at)) >= 0 and (closed := text.find("%>", opened + 2)) >= 0:
        at = closed + 2
        start, end = opened + 2, closed - (text[closed - 1] in "-_" and closed - 1 > opened + 1)
        shown = text[start : start + 1] in ("=", "-")
        if text[start : start + 1] in ("#", "%"):
            continue
        start += shown or text[start : start + 1] == "_"
        code = text[start:end]
        if code.strip():
            yield _part(start, code, " " if not shown and code.rstrip().endswith(_UNENDED) else ";")


def _modules(text: str) -> Iterator[Part]:
    """Imports and exports of MDX: from the beginning of a line to the next empty one."""
    at, start = 0, -1
    for line in (*without_fences(text).split("\n"), ""):
        if start < 0 and _MODULE.match(line):
            start = at
        elif start >= 0 and not line.strip():
            yield _part(start, text[start : at - 1])
            start = -1
        at += len(line) + 1
