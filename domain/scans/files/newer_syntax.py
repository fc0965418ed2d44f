"""Syntax that the scanners' parsers cannot read, written so that they can; lines stay.

Python: exception types without parentheses (PEP 758, Python 3.14) get theirs. In Python 2 the same text named the
exception, so a file of that age is read where nothing else in it is older, instead of not at all. JavaScript: `a?.5:b`,
which minifiers write, is a condition and a number, since `?.` before a digit is no optional chaining (ECMA-262,
OptionalChainingPunctuator); semgrep's parser takes it for that.
"""

from __future__ import annotations

import re

from domain.scans.files.scripts import is_readable

_JAVASCRIPT = ("javascript", "typescript")
_NUMBER_AFTER = re.compile(r"\?\.(?=[0-9])")
_NUMBER_AFTER_BYTES = re.compile(_NUMBER_AFTER.pattern.encode())
_BARE = re.compile(r"^([ \t]*except\*?[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+[ \t]*,?)([ \t]*:)", re.M)


def with_parentheses(data: bytes) -> bytes | None:
    """The source with parentheses around exception types; None: it needs none, or they are not enough."""
    if b"except" not in data:
        return None
    try:
        changed, count = _BARE.subn(r"\1(\2)\3", data.decode())
    except UnicodeDecodeError:
        return None
    return changed.encode() if count and not is_readable(data) and is_readable(changed.encode()) else None


def with_numbers_apart(text: str, language: str) -> str:
    """JavaScript and TypeScript with a blank before each number that begins with a dot and follows a `?`.

    Everywhere: in a string, a comment, a regular expression or a template the blank ends nothing and begins nothing,
    while a search that leaves these out could be misled about where they end. Columns behind it move.
    """
    return _NUMBER_AFTER.sub("? .", text) if language in _JAVASCRIPT else text


def has_numbers_behind_questions(data: bytes, language: str) -> bool:
    """Whether `with_numbers_apart` changes it."""
    return language in _JAVASCRIPT and bool(_NUMBER_AFTER_BYTES.search(data))
