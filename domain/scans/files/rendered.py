"""Code that is none yet, or no longer: templates of programs (`a.py.j2`, `a.py.in`), samples, copies (`a.js.bak`).

What a template puts in becomes a name, and what it decides becomes blank. Python must parse then, or it is named.
"""

from __future__ import annotations

import re

from domain.scans.files.languages import canonical, language_of, suffix_of
from domain.scans.files.pieces import NotReadable, Piece
from domain.scans.files.scripts import is_readable
from domain.scans.files.template_tags import filled

_LAST = frozenset(
    str.split(
        "in j2 jinja jinja2 tmpl tpl template mako mak erb ejs hbs mustache njk dist default example sample bak backup"
        " old orig save saved disabled off tmp new rej"
    )
)
_JOINED = re.compile(r"[-_](?:tpl|tmpl|template|in|jinja2?|tt)$")
_AT = re.compile(r"@[A-Za-z_]\w{0,99}@")
_DOLLAR = re.compile(r"\$(?:\{[^}\n]{1,500}\}|(?=[A-Za-z_]))")
_MAKO = re.compile(r"^[ \t]*(?:%(?!%)|##)[^\n]*", re.M)
_DECISION = re.compile(
    r"\{%(?:[^\n(){}]|(?:(?<=\bin )|(?<=\bnot )|(?<=\band )|(?<=\bor ))\([^()\n]{0,300}\)(?![ \t]*\()){0,1000}?%\}"
    r"|\{#[^\n(){}]{0,1000}?#\}"
)
"""Tags of Jinja that call nothing, if they are Python after all."""
_NAME = re.compile(r"\{\{-?[ \t]*[\w.]{1,200}(?:[ \t]*\|[ \t]*\w{1,50}){0,9}[ \t]*-?\}\}")


def inner_path(path: str) -> str:
    """The name of the program that a file is a template or a copy of; empty: of none with rules here."""
    inner = path.removesuffix("~")
    if joined := _JOINED.search(path):
        inner = path[: joined.start()]
    if inner == path:
        if suffix_of(path) not in _LAST:
            return ""
        inner = path.rpartition(".")[0]
    return inner if canonical(inner, language_of(inner, b"")) else ""


def program(path: str, text: str) -> Piece | None:
    """The program with the template's values; None: the file is none.

    Raises:
        NotReadable: it is Python that cannot be read before it is rendered.
    """
    if not (inner := inner_path(path)):
        return None
    language = language_of(inner, b"")
    suffix = canonical(inner, language)
    if language != "python":
        return Piece(filled(text), suffix)
    whole = filled(_without_blocks(text), doubtful=False)
    named = _AT.sub(_as_name, whole)
    valued = _DOLLAR.sub(_as_name, named)
    for version in (text, whole, named, valued, _MAKO.sub("", valued)):
        if is_readable(version.encode("utf-8", "replace")):
            return Piece(version, suffix)
    raise NotReadable("a template or a copy of Python that cannot be read as it is")


def _without_blocks(text: str) -> str:
    """Blocks of Mako and the like become their line breaks: blanks before a statement would change what it is in."""
    made, at = [], 0
    while (start := text.find("<%", at)) >= 0 and (stop := text.find("%>", start + 2)) >= 0:
        shown = text.startswith(("<%=", "<%-"), start)
        made += [text[at:start], "_" * shown, "\n" * text.count("\n", start, stop)]
        at = stop + 2
    return "".join([*made, text[at:]])


def readable(data: bytes) -> bytes | None:
    """Python with a template's tags that parses without them; None: it parses as it is, or not even then.

    Only tags that call nothing are taken out: what looks like one can be code.
    """
    if (b"{{" not in data and b"{%" not in data) or is_readable(data):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    made = _NAME.sub(_as_name, _DECISION.sub(lambda found: " " * len(found[0]), text)).encode()
    return made if is_readable(made) else None


def _as_name(found: re.Match[str]) -> str:
    return "_" * len(found[0])
