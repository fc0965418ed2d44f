"""HTML and XML taken apart as browsers do it: tags with their attributes, and the text of scripts.

Source: html.spec.whatwg.org/multipage/parsing.html#tokenization. Every letter is looked at a bounded number of times:
what is never closed ends the text, and nothing is tried again behind it.
"""

from __future__ import annotations

import html
import html.entities
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.scans.files.pieces import NotReadable

Segment = tuple[int, str]
"""Where a part of a script is, and what a browser reads there."""
_SPACE = "\t\n\f\r "
_NAME = re.compile(rf"[^{_SPACE}/>]+")
_BETWEEN = re.compile(rf"[{_SPACE}/]*")
_ATTRIBUTE = re.compile(rf"(=?[^{_SPACE}/>=]*)[{_SPACE}]*(=?)[{_SPACE}]*")
_UNQUOTED = re.compile(rf"[^{_SPACE}>]*")
_COMMENT_END = re.compile(r"--!?>")
_SCRIPT_SIGN = re.compile(rf"<!--|-->|<(/?)script(?=[{_SPACE}/>])", re.I | re.A)
_REFERENCE = re.compile(r"&(?:#[0-9]+;?|#[xX][0-9a-fA-F]+;?|[A-Za-z0-9]+;?)(=?)")
_OWN_REFERENCE = re.compile(r"&([\w.:-]{1,99});")
_DECLARED = re.compile(r"<!ENTITY\s+([\w.:-]{1,99})\s+(?:\"([^\"]{0,9999})\"|'([^']{0,9999})')", re.A)
_SUBSET = re.compile(r"<!DOCTYPE[^>\[]*\[", re.I)
_TEXT_ONLY = frozenset(["style", "xmp", "iframe", "noembed", "noframes", "noscript", "title", "textarea"])
"""Elements whose content has no tags."""
FOREIGN = frozenset({"svg", "math"})
_POINTS = frozenset(["foreignobject", "desc", "title", "annotation-xml", "mi", "mo", "mn", "ms", "mtext"])
"""Elements of SVG and MathML whose content is HTML again."""
_BREAKS_OUT = frozenset(
    str.split(
        "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu"
        " meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var font"
    )
)
"""HTML elements that end SVG and MathML."""
MAX_DECLARED = 1_000
MAX_EXPANDED = 5_000_000
"""Letters of all the entities that a document declares itself."""


@dataclass(frozen=True)
class Tag:
    """A start tag; `script` is None for other elements."""

    name: str
    """In lower case; in XML without the prefix."""
    start: int
    end: int
    """Behind its `>`."""
    attributes: dict[str, tuple[int, int]]
    """The first of each name, as browsers have it, and where its value is."""
    script: tuple[Segment, ...] | None = None


@dataclass
class _Reader:
    """One reading of a text. `xml`: by the rules of XML; `foreign`: SVG and MathML in HTML are read by theirs."""

    text: str
    xml: bool
    foreign: bool
    declared: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    """The elements of SVG and MathML around the place, the innermost last."""
    at: int = 0
    expanded: int = 0

    def tags(self) -> Iterator[Tag]:
        """The start tags, in order."""
        while True:
            self.at = self._find("<")
            if self.at >= len(self.text):
                return
            if found := self._markup():
                yield found

    def _find(self, sign: str, start: int = -1) -> int:
        """The place of a sign; the end of the text if there is none."""
        found = self.text.find(sign, self.at if start < 0 else start)
        return len(self.text) if found < 0 else found

    def _behind(self, sign: str, start: int) -> int:
        return min(self._find(sign, start) + len(sign), len(self.text))

    def _markup(self) -> Tag | None:
        """What begins at a `<`; leaves the place behind it."""
        text, at = self.text, self.at
        after = text[at + 1 : at + 2]
        if text.startswith("<!--", at):
            self.at = self._comment(at)
        elif text.startswith("<![CDATA[", at) and self._as_xml():
            self.at = self._behind("]]>", at)
        elif after == "!":
            self.at = self._declaration(at)
        elif after == "?":
            self.at = self._behind("?>" if self.xml else ">", at)
        elif after == "/" and text[at + 2 : at + 3].isascii() and text[at + 2 : at + 3].isalpha():
            self._closed()
        elif after == "/":
            self.at = self._behind(">", at)
        elif after.isascii() and (after.isalpha() or (self.xml and after and after in "_:")):
            return self._opened()
        else:
            self.at += 1
        return None

    def _comment(self, at: int) -> int:
        if self.xml:
            return self._behind("-->", at + 4)
        if self.text.startswith((">", "->"), at + 4):
            return self.text.index(">", at + 4) + 1
        found = _COMMENT_END.search(self.text, at + 4)
        return found.end() if found else len(self.text)

    def _declaration(self, at: int) -> int:
        """A document type, with the entities that it declares.

        Raises:
            NotReadable: they are too many.
        """
        if not (self.xml and (subset := _SUBSET.match(self.text, at))):
            return self._behind(">", at)
        end = self._find("]", subset.end())
        for one in _DECLARED.finditer(self.text, subset.end()):
            if len(self.declared) >= MAX_DECLARED:
                raise NotReadable(f"it declares more than {MAX_DECLARED:,} entities")
            self.declared.setdefault(one[1], html.unescape(one[2] or one[3] or ""))
            end = max(end, self._find("]", one.end()))
        return self._behind(">", end)

    def _closed(self) -> None:
        name, _, end = self._tag(self.at + 2)
        self.at = end or len(self.text)
        for index in range(len(self.open) - 1, max(-1, len(self.open) - 50), -1):
            if self.open[index] == name:
                del self.open[index:]
                break

    def _opened(self) -> Tag | None:
        start = self.at
        name, attributes, end = self._tag(start + 1)
        self.at = end or len(self.text)
        if not end:
            return None  # a tag that does not end is none
        empty = self.text[end - 2] == "/"
        as_xml = self._entered(name, empty)
        script = None
        if name == "script":
            script = () if as_xml and empty else self._data() if as_xml else self._raw()
        elif not as_xml and name in _TEXT_ONLY:
            self.at = self._without_tags(name)
        elif not as_xml and name == "plaintext":
            self.at = len(self.text)
        return Tag(name, start, end, attributes, script)

    def _as_xml(self) -> bool:
        return self.xml or bool(self.open and self.open[-1] not in _POINTS)

    def _entered(self, name: str, empty: bool) -> bool:
        """Whether the element is read by the rules of XML."""
        if self.xml or not self.foreign:
            return self.xml
        if self.open and self.open[-1] not in _POINTS and name in _BREAKS_OUT:
            while self.open and self.open[-1] not in _POINTS:
                self.open.pop()
            return False
        inside = self._as_xml()
        if (inside or name in FOREIGN) and not empty and name != "script":
            self.open.append(name)
        return inside or name in FOREIGN

    def _tag(self, at: int) -> tuple[str, dict[str, tuple[int, int]], int]:
        """Name, attributes and end of the tag whose name begins here; the end is 0 if it has none."""
        text = self.text
        found = _NAME.match(text, at)
        name, at = (found[0], found.end()) if found else ("", at)
        attributes: dict[str, tuple[int, int]] = {}
        while True:
            at = _end(_BETWEEN, text, at)
            if at >= len(text) or text[at] == ">":
                return self._local(name), attributes, at + 1 if at < len(text) else 0
            one = _ATTRIBUTE.match(text, at)
            assert one is not None
            at, value = one.end(), (one.end(), one.end())
            if one[2]:
                value, at = self._value(at)
            attributes.setdefault(self._local(one[1]), value)

    def _value(self, at: int) -> tuple[tuple[int, int], int]:
        quote = self.text[at : at + 1]
        if quote in ("'", '"'):
            end = self._find(quote, at + 1)
            return (at + 1, end), min(end + 1, len(self.text))
        end = _end(_UNQUOTED, self.text, at)
        return (at, end), end

    def _local(self, name: str) -> str:
        name = name.translate(_LOWER)
        return name.rpartition(":")[2] if self.xml else name

    def _without_tags(self, name: str) -> int:
        found = _closing(name).search(self.text, self.at)
        return found.start() if found else len(self.text)

    def _raw(self) -> tuple[Segment, ...]:
        """A script of HTML: up to its end tag, unless that stands in `<!-- <script>`."""
        start, escaped, nested = self.at, False, False
        end = self.at = len(self.text)
        for sign in _SCRIPT_SIGN.finditer(self.text, start):
            if sign[0].startswith("<!--"):
                escaped = escaped or not self.text.startswith((">", "->"), sign.end())
            elif sign[0] == "-->":
                escaped = nested = False
            elif not sign[1]:
                nested = escaped
            elif nested:
                nested = False
            else:
                end = self.at = sign.start()
                break
        return ((start, self.text[start:end]),)

    def _data(self) -> tuple[Segment, ...]:
        """A script of XML: its text, with entities, and without comments and tags."""
        made: list[Segment] = []
        while self.at < len(self.text):
            start, self.at = self.at, self._find("<")
            if start < self.at:
                made.append((start, self._decoded(self.text[start : self.at])))
            if _closing("script").match(self.text, self.at) or (self.xml and _ANY_END.match(self.text, self.at)):
                break
            if self.text.startswith("<![CDATA[", self.at):
                start, self.at = self.at + 9, self._behind("]]>", self.at)
                made.append((start, self.text[start : self.at].removesuffix("]]>")))
            elif self.text.startswith("<!--", self.at):
                self.at = self._comment(self.at)
            elif self.text.startswith("<?", self.at):
                self.at = self._behind("?>" if self.xml else ">", self.at)
            elif self.at < len(self.text):
                made.append((self.at, "<"))
                self.at += 1
        return tuple(made)

    def _decoded(self, text: str) -> str:
        if "&" not in text:
            return text
        if self.declared:
            text = _OWN_REFERENCE.sub(self._expanded, text)
        return html.unescape(text)

    def _expanded(self, found: re.Match[str]) -> str:
        made = self.declared.get(found[1], found[0])
        self.expanded += len(made)
        if self.expanded > MAX_EXPANDED:
            raise NotReadable(f"its own entities stand for more than {MAX_EXPANDED:,} letters")
        return made


_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {0: "\ufffd"}
_ANY_END = re.compile(rf"</(?:[\w.-]+:)?script[{_SPACE}>]", re.A)
_CLOSINGS: dict[str, re.Pattern[str]] = {
    name: re.compile(rf"</{name}(?=[{_SPACE}/>])", re.I | re.A) for name in (*_TEXT_ONLY, "script")
}


def tags(text: str, *, xml: bool = False, foreign: bool = True) -> Iterator[Tag]:
    """The start tags of a text, with their scripts. `foreign`: SVG and MathML in HTML are read by their own rules."""
    return _Reader(text, xml, foreign).tags()


def declared(text: str) -> dict[str, str]:
    """The entities that a document of XML declares itself: what stands for them is text like any other."""
    reader = _Reader(text, True, False)
    for _ in reader.tags():
        break  # they are declared before the first element
    return reader.declared


def attribute(value: str) -> str:
    """The value of an attribute of HTML, with its character references replaced."""
    return _REFERENCE.sub(_referred, value) if "&" in value else value


def _referred(found: re.Match[str]) -> str:
    name = found[0].removesuffix(found[1])
    if name.startswith("&#"):
        return html.unescape(name) + found[1]
    known = html.entities.html5.get(name[1:])
    return found[0] if known is None or (found[1] and not name.endswith(";")) else known + found[1]


def _closing(name: str) -> re.Pattern[str]:
    return _CLOSINGS[name]


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
