"""What a cell of a notebook is for its kernel: Python without magics, a script of another interpreter, or a page.

Source: ipython.readthedocs.io/en/stable/interactive/magics.html
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from domain.scans.files.languages import CANONICAL, SCRIPT, by_shebang, canonical, language_of
from domain.scans.files.scripts import is_python

MAX_CELL_LETTERS = 200_000
"""A longer cell is a piece of its own: only its scanner parses it, and that has limits."""
PYTHON = re.compile(r"(?:[\w-]+-)?(?:i?python|pypy|py|xpython)[\d.]*(?:-\w+)?", re.I)
"""A kernel, a language or an interpreter."""
_INSTALLERS = r"(?:pip3?|conda|mamba) (?:install|uninstall|list|show|freeze|download|config|create|update)\b.*"
"""IPython takes them for magics without a percent sign; no statement of Python begins like that."""
_MAGIC = re.compile(rf"^(\s*+)(?:[%!?].*|[\w.]+\?{{1,2}}|{_INSTALLERS})$")
_ASSIGNED = re.compile(r"^(?P<name>\s*+[\w, .\[\]'\"]+=\s*)(?P<magic>[%!].*)$")
_OF_CELL = re.compile(r"^\s*%%(?P<name>!|\w+)(?P<rest>.*)$")
_RUNS = re.compile(r"^%%?(?:time|timeit|prun|memit|mprun|lprun|debug|scalene|pinfo)\b(?P<rest>.*)$")
"""Magics that run what stands behind them."""
_BRACES = re.compile(r"\{([^{}\n]{1,1000})\}")
_SHELL = re.compile(r"^(?:!+|%%?(?:sx|system|bash|sh|script|cmd)\b)")
_SHELLS = frozenset(str.split("bash sh zsh system sx cmd ! powershell"))
_PAGES = {"html": "a.html", "svg": "a.svg", "HTML": "a.html"}
_FILES = frozenset({"writefile", "file"})
_SUFFIXES = {"javascript": ".js", "js": ".js", "typescript": ".ts", "ts": ".ts"}
_OTHERS = frozenset(str.split("latex markdown perl ruby sql bigquery R r julia cython sparksql scala octave cpp"))
MAX_WORDS = 12
"""Words before the statement of a magic: its options."""


@dataclass(frozen=True)
class Taken:
    """What a cell holds."""

    suffix: str
    """Of its language; `.html` and `.svg`: a page; empty: one without rules here."""
    lines: list[str]
    """As many as the cell has; without what only the notebook reads."""
    shell: tuple[tuple[int, str], ...] = ()
    """Commands of a shell, each with the index of its first line."""
    language: str = ""
    """Where the suffix is empty."""


def taken(code: Sequence[str]) -> Taken:
    """A cell of a kernel of Python."""
    lines = [line.rstrip("\r").replace("\x00", "\ufffd") for line in code]
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    if lines and (found := _OF_CELL.match(lines[first])):
        return _of_magic(lines, first, found["name"], found["rest"].strip())
    return _python(lines)


def parses(text: str) -> bool:
    """Whether it is Python, and short enough to be tried."""
    if len(text) > MAX_CELL_LETTERS:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return False
    return True


def _of_magic(lines: list[str], first: int, name: str, rest: str) -> Taken:
    """A cell that begins with a magic of the whole cell."""
    below = [""] * (first + 1) + lines[first + 1 :]
    suffix, language = _SUFFIXES.get(name, ""), name
    if name in _PAGES:
        return Taken(_PAGES[name][1:], below)
    if name == "script":
        language = by_shebang(f"#!{rest}".encode()[:500])
        suffix = CANONICAL.get(language, ("",))[0]
    elif name in _FILES:
        path = rest.strip("'\" ").rpartition(" ")[2]
        language = language_of(path, b"") or "text"
        suffix = canonical(path, language)
    elif name not in _SHELLS | _OTHERS and not suffix:
        below[first] = _statement(lines[first].lstrip())
        return _python(below)
    if suffix == ".py":
        return _python(below)
    if not suffix and is_python("\n".join(below).encode("utf-8", "replace")):
        return Taken(".py", below)
    shell = ((0, "\n".join(below)),) if not suffix and (name in _SHELLS or language in ("shell", SCRIPT)) else ()
    return Taken(suffix, below, shell, "" if suffix else language)


def _python(lines: list[str]) -> Taken:
    """A cell of Python: as it is if that parses, else without magics and commands."""
    if parses("\n".join(lines)):
        return Taken(".py", lines)
    made, shell, at = [], [], 0
    while at < len(lines):
        end = at + 1
        assigned = _ASSIGNED.match(lines[at])
        magic = assigned["magic"] if assigned else lines[at].strip() if _MAGIC.match(lines[at]) else ""
        while magic and lines[end - 1].endswith("\\") and end < len(lines):
            end += 1
        if magic and _SHELL.match(magic):
            shell.append((at, "\n".join([magic.lstrip("!"), *lines[at + 1 : end]])))
        made += [_without(lines[at], magic, assigned), *([""] * (end - at - 1) if magic else lines[at + 1 : end])]
        at = end
    return Taken(".py", made, tuple(shell))


def _without(line: str, magic: str, assigned: re.Match[str] | None) -> str:
    """A line without its magic, but with the statement that this runs."""
    if not magic:
        return line
    before = assigned["name"] if assigned else line[: len(line) - len(line.lstrip())]
    return before + (_statement(magic) or _put_in(magic) or ("None" if assigned else "pass"))


def _put_in(magic: str) -> str:
    """What is computed to be put into a command or a magic."""
    return "; ".join(found[1] for found in _BRACES.finditer(magic) if parses(found[1]) and parses(f"({found[1]})"))


def _statement(magic: str) -> str:
    """The Python that a magic runs; empty: none."""
    found = _RUNS.match(magic)
    words = found["rest"].strip().split(" ") if found else []
    for index in range(min(len(words), MAX_WORDS)):
        text = " ".join(words[index:])
        if not text.startswith("-") and parses(text):
            return text
    return ""
