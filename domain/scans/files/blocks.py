"""Scripts within HTML, SVG, single-file components and server templates.

A piece has the lines of its file: all that is not script is blank. What a template puts in becomes a name of the same
length, and what it decides becomes blank, so that the rest can be read as the script that it will be.
"""

from __future__ import annotations

import re
from bisect import bisect
from itertools import islice

from domain.scans.files.languages import suffix_of
from domain.scans.files.pieces import Piece

Span = tuple[int, int]
"""From a letter up to another."""
MAX_TAGS = 20_000
MAX_ATTRIBUTES = 4_000
_OPEN = re.compile(r"<script(?=[\s/>])", re.I)
_HANDLER = re.compile(
    r"""\s(?:on[a-z]{2,24}\s{0,9}=\s{0,9}|(?:href|src|action|formaction)\s{0,9}=\s{0,9}(?=["']javascript:))"""
    r"""(?:"(?:javascript:)?([^"<>]{1,2000})"|'(?:javascript:)?([^'<>]{1,2000})')""",
    re.I,
)
_SIGN = re.compile(r"[>\"']")
_CLOSE = re.compile(r"</script\b", re.I)
_ATTRIBUTE = re.compile(r"""(?<![\w-])(type|lang)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_JAVASCRIPT = re.compile(
    r"|module|(text|application)/(x-)?(java|ecma|j|live)script(\d[\d.]*)?(;.*)?|javascript|js|(text/)?(babel|jsx)", re.I
)
_TYPESCRIPT = re.compile(r"(text/|application/)?(typescript|tsx?)", re.I)
_TAGS = (("{{", "}}", "_"), ("{%", "%}", " "), ("{#", "#}", " "), ("<%", "%>", " "), ("<?", "?>", " "))
"""How the tags of templates begin and end, and what stands for them: a value's is a name."""
_SHOWN = ("<%=", "<%-", "<?=")
_SINK = re.compile(
    r"\b(eval|Function|setTimeout|setInterval|fetch|require|import|exec\w*|spawn\w*|open|write(ln)?|html|append|query)\s*\("
    r"|\b(inner|outer)HTML\b|insertAdjacentHTML|\blocation\s*=[^=]|\blocation\.(href|assign|replace)|postMessage|cookie\s*="
)
"""What no template needs and weak scripts do: a pair of tags in comments must not blank the script between them."""
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*$", re.S | re.M)
_COMPONENTS = frozenset({"vue", "svelte", "astro"})
_NOT_BREAK = re.compile(r"[^\r\n]")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->")


def pieces(path: str, text: str) -> list[Piece]:
    """At most one of JavaScript and one of TypeScript; none where the file has no script."""
    spans = {".js": _spans(text, ".js"), ".ts": _spans(text, ".ts")}
    if suffix_of(path) == "astro" and (front := _FRONT.match(text)):
        spans[".ts"].insert(0, front.span(1))
    spans[".js"] = _with_handlers(text, spans[".js"], spans[".ts"])
    plain = text if suffix_of(path) in _COMPONENTS else _filled(text)
    return [Piece(_only(plain, found), suffix) for suffix, found in spans.items() if found]


def _spans(text: str, wanted: str) -> list[Span]:
    """Where scripts of a language are, without the tags."""
    found: list[Span] = []
    at = 0
    for _ in range(MAX_TAGS):
        tag = _OPEN.search(text, at)
        if not tag or (start := _end_of_tag(text, tag.end())) < 0:
            break
        close = _CLOSE.search(text, start)
        end = close.start() if close else len(text)
        attributes = text[tag.end() : start - 1]
        at = max(end, start)
        if _suffix(attributes[:MAX_ATTRIBUTES]) == wanted and text[start:end].strip():
            found.append((start, end))
    return found


def _with_handlers(text: str, scripts: list[Span], others: list[Span]) -> list[Span]:
    """The scripts, and the attributes outside of them that are scripts and do what weak ones do."""
    taken, found = sorted((*scripts, *others)), []
    for hit in islice(_HANDLER.finditer(text), MAX_TAGS):
        start, end = hit.span(1) if hit[1] is not None else hit.span(2)
        at = bisect(taken, (start, len(text)))
        inside = at > 0 and taken[at - 1][1] > start
        if not inside and _SINK.search(text, start, end) and "&" not in text[start:end]:
            found.append((start, end))
    return sorted((*scripts, *found))


def _end_of_tag(text: str, at: int) -> int:
    """The place behind the `>` of a tag, not one in quotes unless they never end; -1: there is none."""
    here = at
    while found := _SIGN.search(text, here):
        if found[0] == ">":
            return found.end()
        here = text.find(found[0], found.end()) + 1
        if not here:
            break
    return text.find(">", at) + 1 or -1


def _suffix(attributes: str) -> str:
    told = {one[1].lower(): one[2] or one[3] or one[4] or "" for one in _ATTRIBUTE.finditer(attributes)}
    for said in (told.get("lang", "").strip(), told.get("type", "").strip()):
        if _TYPESCRIPT.fullmatch(said):
            return ".ts"
        if said and not _JAVASCRIPT.fullmatch(said) and "{" not in said:
            return ""  # data, shaders, templates: no browser runs them
    return ".js"


def _filled(text: str) -> str:
    """Of the same length and with the same lines; a template's values are names. Each sign is looked for once."""
    for begin, end, letter in _TAGS:
        made, at = [], 0
        while (start := text.find(begin, at)) >= 0 and (stop := text.find(end, start + 2)) >= 0:
            tag, value = text[start : stop + 2], "_" if text.startswith(_SHOWN, start) else letter
            made += [text[at:start], tag if _SINK.search(tag) else _like(tag, value)]
            at = stop + 2
        text = "".join([*made, text[at:]])
    return text


def _like(text: str, letter: str) -> str:
    """As long and with the same line breaks; a name goes no further than its line."""
    first, *rest = re.split(r"(?=[\r\n])", text)
    return letter * len(first) + "".join(_NOT_BREAK.sub(" ", one) for one in rest)


def _only(text: str, spans: list[Span]) -> str:
    made, at = [], 0
    for start, end in spans:
        made.append(_NOT_BREAK.sub(" ", text[at:start]))
        made.append(_CDATA.sub(lambda found: " " * len(found[0]), text[start:end]))
        made.append(";")  # instead of the tag's `<`: two scripts on one line are two programs
        at = end + 1
    made.append(_NOT_BREAK.sub(" ", text[at:]))
    return "".join(made)
