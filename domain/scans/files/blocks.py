"""Scripts within HTML, SVG, single-file components and server templates.

A piece has the lines of its file: all that is not script is blank. What a template puts in becomes a name of the same
length, and what it decides becomes blank, so that the rest can be read as the script that it will be. Where a file can
be read in more than one way, the scripts of every way are taken, in pieces of their own if they contradict each other.
"""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from domain.scans.files import markup, server_scripts, template_tags
from domain.scans.files.assembling import Part, layers, piece
from domain.scans.files.languages import suffix_of
from domain.scans.files.markup import FOREIGN, Tag
from domain.scans.files.pieces import NotReadable, Piece
from domain.scans.files.template_tags import SINK

MAX_DEPTH = 3
"""Pages within attributes of pages."""
COMPONENTS = frozenset({"vue", "svelte", "astro"})
XML = frozenset({"svg", "xhtml", "xht", "xml", "xsl", "xslt", "jspx", "rss", "atom", "rdf", "xul"})
_SCRIPT = re.compile(r"<script(?=[\t\n\f\r />])", re.I | re.A)
_SCRIPT_OR_COMMENT = re.compile(r"<script(?=[\t\n\f\r />])|<!--", re.I | re.A)
_XML_HEAD = re.compile(r"\s*(?:<\?xml|<svg)", re.I)
_PAGES = frozenset({"html", "htm", "shtml"})
_SCRIPT_END = re.compile(r"</script(?=[\t\n\f\r />])", re.I | re.A)
_ANY = re.compile(r"<[\w:.-]*(?:script|iframe|object|embed)|\bon\w+[\s=]|script\s*:|srcdoc|<!ENTITY|[@:]\w+=|&", re.I)
"""A text with none of these has no script."""
_HANDLER = re.compile(r"on[a-z]{2,30}|(?:@|v-on:|x-on:|hx-on:{1,2}|on:)[\w.:-]{1,60}")
_URL_NOISE = re.compile(r"^[\x00-\x20]+|[\t\n\r]")
_PAGE = re.compile(r"data:\s*(?:text/html|image/svg\+xml|application/xhtml\+xml|text/xml|application/xml)\b", re.I)
_DATA = re.compile(r"data:([^,]{0,300}),", re.I)
_KINDS: tuple[str, ...] = ("type", "lang")
_FRAMES = frozenset({"src", "data", "href", "xlink:href"})
_JAVASCRIPT = re.compile(
    r"|module|(text|application)/(x-)?(java|ecma|j|live)script(\d[\d.]*)?(;.*)?|javascript|js|jsx|(text/)?(babel|jsx)",
    re.I,
)
_TYPESCRIPT = re.compile(r"(text/|application/)?(typescript|tsx?)", re.I)
_PYTHON = re.compile(r"(text/|application/)?(x-)?(python3?|py|mpy|micropython|pyodide|brython)", re.I)
_MARKUP = re.compile(r"text/(html|(x-|ng-)?(\w+-)?template|(x-)?(handlebars|mustache|underscore|jsrender)[\w-]*)", re.I)
_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*$", re.S | re.M)
_COMMENT_OPEN = re.compile(r"^([ \t]*)<!--", re.M)
_COMMENT_CLOSE = re.compile(r"^([ \t]*)-->", re.M)
_CDATA_OPEN = re.compile(r"^([ \t]*)<!\[CDATA\[", re.M)
_CDATA_CLOSE = re.compile(r"\]\]>(\s*)\Z")


@dataclass
class _Found:
    """Parts per suffix."""

    path: str
    plain: str
    """The text from which scripts are taken."""
    parts: dict[str, list[Part]] = field(default_factory=lambda: {".js": [], ".ts": [], ".py": []})

    def take(self, tag: Tag, version: str, depth: int) -> None:
        """A start tag's script, and those in its attributes. `version`: the text in which the tag was read."""
        if tag.script:
            self._script(tag, version, depth)
        for name, (start, end) in tag.attributes.items():
            if start < end:
                self._attribute(tag.name, name, start, end, depth)

    def _script(self, tag: Tag, version: str, depth: int) -> None:
        assert tag.script is not None
        kind = {name: self.plain[slice(*tag.attributes[name])] for name in _KINDS if name in tag.attributes}
        suffix = _suffix(kind, suffix_of(self.path) in COMPONENTS)
        segments = tuple((at, self._filled(at, text, version)) for at, text in tag.script)
        if suffix != ".py":
            segments = _cleaned(segments, kind.get("type", "").strip().lower() == "module")
        elif len(segments) == 1:
            segments = ((segments[0][0], textwrap.dedent(segments[0][1])),)
        part = Part(segments[0][0], max(at + len(text) for at, text in tag.script), segments)
        if suffix in self.parts and part.text.strip():
            self.parts[suffix].append(part)
        elif suffix == ".html":
            self._page(part.start, part.end, part.text, depth)

    def _filled(self, at: int, text: str, version: str) -> str:
        """With the template's values, where the text stands as it is."""
        return self.plain[at : at + len(text)] if version.startswith(text, at) else text

    def _attribute(self, tag: str, name: str, start: int, end: int, depth: int) -> None:
        value = markup.attribute(self.plain[start:end])
        if name == "srcdoc":
            self._page(start, end, value, depth)
        elif _HANDLER.fullmatch(name):
            self._short(start, end, value)
        elif ":" in value:
            self._url(tag, name, start, end, _URL_NOISE.sub("", value), depth)

    def _url(self, tag: str, name: str, start: int, end: int, url: str, depth: int) -> None:
        if url[:11].lower() == "javascript:":
            code = url[11:]
            self._short(start, end, unquote(code) if "%" in code else code)
        elif tag == "script" and name in _FRAMES and url[:5].lower() == "data:":
            self.parts[".js"].append(Part(start, end, ((start, _content(url)),)))
        elif name in _FRAMES and _PAGE.match(url) and tag in ("iframe", "frame", "object", "embed", "use", "a"):
            self._page(start, end, _content(url), depth)

    def _short(self, start: int, end: int, code: str) -> None:
        if SINK.search(code):
            self.parts[".js"].append(Part(start, end, ((start, code),)))

    def _page(self, start: int, end: int, text: str, depth: int) -> None:
        """A page in an attribute: its scripts are on the attribute's line."""
        if depth >= MAX_DEPTH:
            raise NotReadable(f"pages in pages, deeper than {MAX_DEPTH} levels")
        inner = _Found(self.path, text)
        for tag in markup.tags(text):
            inner.take(tag, text, depth + 1)
        for suffix, parts in inner.parts.items():
            code = ";\n".join(part.text for part in parts)
            if code.strip():
                self.parts[suffix].append(Part(start, end, ((start, code),)))


def pieces(path: str, text: str) -> list[Piece]:
    """The scripts of a page, by language; none where it has no script.

    Raises:
        NotReadable: it is nested too deeply, or its entities stand for too much.
    """
    shown = server_scripts.without_fences(text) if suffix_of(path) == "mdx" else text
    found = _Found(path, shown if suffix_of(path) in COMPONENTS else template_tags.scripts(path, shown))
    if _ANY.search(text):
        for version, tag in _tags(path, shown):
            found.take(tag, version, 0)
    if suffix_of(path) == "astro" and (front := _FRONT.match(text)):
        found.parts[".ts"].append(Part(*front.span(1), ((front.start(1), front[1]),)))
    server = server_scripts.parts(path, text)
    made = [piece(text, server, ".js")] if server else []
    return made + [
        piece(text, layer, suffix) for suffix, parts in found.parts.items() for layer in layers(parts) if parts
    ]


def _tags(path: str, text: str) -> Iterator[tuple[str, Tag]]:
    """Of every way in which the file can be read, with what it was read as."""
    suffix = suffix_of(path)
    if suffix in XML or (suffix not in _PAGES and _XML_HEAD.match(text)):
        yield from ((text, tag) for tag in markup.tags(text, xml=True))
        if any("<" in value for value in markup.declared(text).values()):
            raise NotReadable("it declares entities with tags in them")
    if suffix not in XML:
        for version in [text] if suffix in COMPONENTS else template_tags.readings(path, text):
            yield from ((version, tag) for tag in _as_html(version, suffix in COMPONENTS))


def _as_html(text: str, component: bool) -> Iterator[Tag]:
    """Where SVG and MathML end is not certain without building the whole tree, so then every reading counts."""
    known, first = set(), len(text)
    for tag in markup.tags(text):
        known.add(tag.start)
        first = min(first, tag.start) if tag.name in FOREIGN else first
        yield tag
    if first < len(text):
        for tag in markup.tags(text, foreign=False):
            known.add(tag.start)
            yield tag
    if component:
        yield from _anywhere(text, 0, known, _SCRIPT_OR_COMMENT)
    elif first < len(text):
        yield from _anywhere(text, first, known, _SCRIPT)


def _anywhere(text: str, at: int, known: set[int], signs: re.Pattern[str]) -> Iterator[Tag]:
    """Scripts that no other reading knows: all that look like one, but not within the comments of components."""
    while sign := signs.search(text, at):
        comment = sign[0] == "<!--"
        start = text.find("-->" if comment else ">", sign.end()) + 1
        if not start:
            return
        at = start
        if not comment and sign.start() not in known:
            close = _SCRIPT_END.search(text, start)
            at = close.start() if close else len(text)
            yield Tag("script", sign.start(), start, {}, ((start, text[start:at]),))


def _suffix(told: dict[str, str], component: bool) -> str:
    """The suffix of a script's language; empty: none that is run, and `.html`: a page that a script puts in."""
    if component and _TYPESCRIPT.fullmatch(told.get("lang", "").strip()):
        return ".ts"  # compilers ignore other languages that they do not know
    said = told.get("type", "").strip()
    for pattern, suffix in ((_TYPESCRIPT, ".ts"), (_PYTHON, ".py"), (_MARKUP, ".html")):
        if pattern.fullmatch(said):
            return suffix
    if _JAVASCRIPT.fullmatch(said) or "{" in said or "__" in said:
        return ".js"  # what a template puts in can be anything
    return ""  # data, shaders: no browser runs them


def _cleaned(segments: tuple[tuple[int, str], ...], module: bool) -> tuple[tuple[int, str], ...]:
    """Without what browsers skip: `<!--` and `-->` at the beginning of a line are comments, and CDATA is for XML."""
    if module or len(segments) > 1:
        return segments
    ((at, text),) = segments
    if "<!--" in text or "-->" in text:
        text = _COMMENT_CLOSE.sub(r"\1// ", _COMMENT_OPEN.sub(r"\1//  ", text))
    if "<![CDATA[" in text:
        text = _CDATA_CLOSE.sub(r"   \1", _CDATA_OPEN.sub(r"\1         ", text))
    return ((at, text),)


def _content(url: str) -> str:
    """What a `data:` URL holds."""
    head = _DATA.match(url)
    rest = unquote(url[head.end() :] if head else url[5:])
    if head and head[1].replace(" ", "").lower().endswith(";base64"):
        try:
            return base64.b64decode(rest.encode("ascii", "replace")).decode("utf-8", "replace")
        except binascii.Error as broken:
            raise NotReadable("a data URL that is not base64") from broken
    return rest
