"""Values that hold where nothing else is set: `environ.get("SECRET_KEY") or "…"`, `env("TOKEN", default="…")`.

A deployment that forgets the variable runs with them, so they are secrets as others are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.scans.secrets.assignments import NAME, Assigned, before_name, quoted, speaks_of_a_secret
from domain.scans.secrets.patterns import Match, Pattern, compiled

_INSTEAD = compiled(
    r"(?:\bor\b|\|\||\?\?|\?:|\belse\b"
    r"|\b(?:[dD]efault|fallback)(?:_value|Value)?(?:[ \t]*[=:]|\()?|\bField\((?:default[ \t]*=)?"
    r"|\b(?:unwrap_or|orElse|getOrElse|GetValueOrDefault)(?:_else|Get)?\([ \t]*(?:\|_?\||\(\)[ \t]*->)?"
    r"|\)[ \t]*\{)[ \t\r\n(]{0,40}[\"'`]"
)
"""What says that a text is taken instead, up to its quote."""
_NAMED = compiled(rf"{NAME}(?:[\"'`]?[ \t]*(?:[\]),=:|?]|\}}|\r?\n)|[ \t]+(?:or|else|if|\?|\|)|\()")
_WITHIN = compiled(rf"\$\{{[\w.-]{{0,60}}?{NAME}[:-](?P<value>[^\s\"'{{}}$<>:=-][^\s\"'{{}}$<>]{{5,200}})\}}")
"""Of Spring: `${jwt.secret:…}`."""
_ANOTHER = compiled(r"[,;{][ \t\r\n]*[\"']?[\w.-]{1,60}[\"']?[ \t]*(?:=[^=>]|:)")
"""Between a name and a text: the text belongs to another name."""
_STATEMENT = 300
"""Bytes before a text in which its name stands."""
MAX_LINES = 5


def fallbacks(text: bytes) -> Iterator[Assigned]:
    """All of them behind names that speak of secrets."""
    for match in _INSTEAD.finditer(text):
        start, end = quoted(text, match.end() - 1)
        if end > start and (named := _name(text, match)):
            yield Assigned(named.name, text[start:end], start, end, named.password, beside_login=False)
    for match in _WITHIN.finditer(text):
        named = _Name.of(text, match, _WITHIN)
        start, end = match.start(_WITHIN.groupindex[b"value"]), match.end(_WITHIN.groupindex[b"value"])
        if named.speaks:
            yield Assigned(named.name, text[start:end], start, end, named.password, beside_login=False)


@dataclass(frozen=True)
class _Name:
    name: bytes
    password: bool
    speaks: bool

    @classmethod
    def of(cls, text: bytes, match: Match, pattern: Pattern) -> _Name:
        """The name that a match holds."""
        group, rest = pattern.groupindex[b"password"], pattern.groupindex[b"rest"]
        said = match.group(group) if match.start(group) >= 0 else b""
        start = match.start(group) if said else match.start()
        before = before_name(text, start) if said or pattern is _NAMED else b""
        word = text[start : match.end(rest)]
        return cls(before + word, bool(said), speaks_of_a_secret(before, word, said, match.group(rest)))


def _name(text: bytes, instead: Match) -> _Name | None:
    """The last name before it in its statement that speaks of a secret, if the text is not another one's."""
    start, found = _statement(text, instead.start()), None
    at = start
    while match := _NAMED.search(text, at, instead.start() + 1):
        at = match.end()
        if (one := _Name.of(text, match, _NAMED)).speaks:
            found = one, at
    if not found:
        return None
    named, end = found
    default = instead.group()[:1] in (b"d", b"D", b"f")  # an argument of a call, with others before it
    return named if default or not _ANOTHER.search(text, max(end - 1, 0), instead.start()) else None


def _statement(text: bytes, at: int) -> int:
    """Where the statement begins: the line, or the one in which a bracket was opened that is still open."""
    limit = max(at - _STATEMENT, 0)
    start = line = max(text.rfind(b"\n", limit, at) + 1, limit)
    for _ in range(MAX_LINES):
        opened = text.count(b"(", start, at) - text.count(b")", start, at)
        if opened > 0 or start <= limit:
            break
        start = max(text.rfind(b"\n", limit, start - 1) + 1, limit)
    else:
        start = line
    begun = max(text.rfind(b";", start, at), text.rfind(b"\n\n", start, at))
    return begun + 1 if begun >= 0 else start
