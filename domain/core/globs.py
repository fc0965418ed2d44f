"""Path and ref patterns as in .gitignore: `*` within a segment, `**` across segments, `?`, `[a-z]`, `{a,b}`, and `!`
to take back. A backslash takes the meaning from the character behind it.

They are matched by RE2, in time linear to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from domain.core.patterns import Pattern, PatternError, compiled, well_formed

MAX_LENGTH = 500
"""Characters of a pattern."""
_CLASS = re.compile(r"\[([!^]?)(\]?[^\]/]*)\]")
_NO_REF = re.compile(r"//|\.\.|@\{|[\x00-\x20\x7f~:]")
_ANYTHING, _SEGMENT, _CHARACTER = ".*", "[^/]*", "[^/]"


def matches(text: str, patterns: Sequence[str]) -> bool:
    """Whether the last pattern that speaks about the text lets it in. No patterns let nothing in.

    Patterns that all take back (`!docs/**`) mean everything but that.

    Raises:
        PatternError: a pattern is too long, or malformed.
    """
    allowed = bool(patterns) and all(pattern.startswith("!") for pattern in patterns)
    for pattern in patterns:
        taken = pattern.removeprefix("!")
        if allowed == pattern.startswith("!") and _compiled(taken).fullmatch(well_formed(text)):
            allowed = not allowed
    return allowed


def any_matches(texts: Iterable[str], patterns: Sequence[str]) -> bool:
    """Whether at least one text matches; see `matches`."""
    return any(matches(text, patterns) for text in texts)


def complaint(pattern: str) -> str:
    """Why a pattern can match no path of a repository; empty: it can."""
    path = pattern.removeprefix("!")
    if not path:
        return "it is empty"
    if path.startswith("./"):
        return f"paths begin at the root of the repository, without './': write {path.removeprefix('./') or '**'}"
    if path.startswith("/"):
        return f"paths begin at the root of the repository, without '/': write {path.lstrip('/') or '**'}"
    if path.endswith("/"):
        return f"only files are compared, never folders: write {path}**"
    if "//" in path or any(part in (".", "..") for part in path.split("/")):
        return "no path has '//', '.' or '..' in it"
    return malformed(pattern)


def malformed(pattern: str) -> str:
    """Why a pattern cannot be matched with anything; empty: it can."""
    try:
        _compiled(pattern.removeprefix("!"))
    except PatternError as wrong:
        return str(wrong)
    return ""


def ref_complaint(pattern: str) -> str:
    """Why a pattern can match no branch or tag (git-check-ref-format); empty: it can."""
    name = pattern.removeprefix("!")
    if not name:
        return "it is empty"
    for prefix in ("refs/heads/", "refs/tags/"):
        if name.startswith(prefix):
            return f"names are compared without {prefix}: write {name.removeprefix(prefix) or '**'}"
    if name.startswith("/") or name.endswith(("/", ".", ".lock")) or _NO_REF.search(name):
        return "no branch or tag has such a name"
    return malformed(pattern)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Pattern:
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"a pattern has {len(pattern):,} characters, and at most {MAX_LENGTH:,} are allowed")
    return compiled(_regex(pattern), longest=8 * MAX_LENGTH)


def _regex(pattern: str) -> str:
    out, at, braces = [], 0, 0
    closing = _balanced(pattern)
    while at < len(pattern):
        word, taken = _next(pattern, at)
        if word == "{" and closing:
            word, braces = "(?:", braces + 1
        elif word == "," and taken == 1 and braces:
            word = "|"
        elif word == "}" and braces:
            word, braces = ")", braces - 1
        elif taken == 1 and word == pattern[at]:
            word = re.escape(word)
        out.append(word)
        at += taken
    return "".join(out)


def _next(pattern: str, at: int) -> tuple[str, int]:
    """The regular expression of what begins here, and how many characters of the pattern it is."""
    if pattern.startswith("**/", at):
        return "(?:.*/)?", 3
    if pattern.startswith("**", at):
        return _ANYTHING, 2
    char = pattern[at]
    if char == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), 2
    if char == "[" and (found := _CLASS.match(pattern, at)):
        negated, inside = found.groups()
        inside = re.sub(r"([\[\]\\^&~|])", r"\\\1", inside)
        return (f"[^/{inside}]" if negated else f"[{inside}]"), found.end() - at
    return {"*": _SEGMENT, "?": _CHARACTER}.get(char, char), 1


def _balanced(pattern: str) -> bool:
    """Whether every brace has its partner; else braces are ordinary characters."""
    depth, escaped = 0, False
    for char in pattern:
        if not escaped:
            depth += (char == "{") - (char == "}")
        escaped = char == "\\" and not escaped
        if depth < 0:
            return False
    return depth == 0
