"""The language of a file: by the end of its name in any case, by its whole name, or by its shebang."""

from __future__ import annotations

import re

_SUFFIXES = {
    "python": "py pyw pyi py3 py2 wsgi pyde",
    "javascript": "js mjs cjs jsx es6 es es5 jsm sjs ssjs xsjs xsjslib gs wxs jsb",
    "typescript": "ts mts cts tsx",
    "go": "go",
    "c": "c h",
    "c++": "cc cpp cxx hh hpp hxx",
    "c#": "cs csx",
    "cython": "pyx pxd",
    "java": "java jsp",
    "kotlin": "kt kts",
    "lua": "lua",
    "perl": "pl pm t",
    "php": "php php3 php4 php5 phtml phar",
    "powershell": "ps1 psm1",
    "r": "r",
    "ruby": "rb rake gemspec",
    "rust": "rs",
    "scala": "scala sc",
    "snakemake": "smk",
    "xonsh": "xsh",
    "shell": "sh bash zsh ksh fish bats",
    "sql": "sql",
    "swift": "swift",
}
_BY_SUFFIX = {suffix: language for language, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
_BY_NAME = {
    "sconstruct": "python",
    "sconscript": "python",
    "snakefile": "snakemake",
    "wscript": "python",
    "jakefile": "javascript",
    "rakefile": "ruby",
    "gemfile": "ruby",
    "vagrantfile": "ruby",
}
_INTERPRETERS = (
    (re.compile(r"python[\d.]*w?|pypy[\d.]*|uv|pipx|jython"), "python"),
    (re.compile(r"node(js)?|bun|zx"), "javascript"),
    (re.compile(r"deno|ts-node|tsx"), "typescript"),
    (re.compile(r"(ba|da|z|k|a|fi)?sh"), "shell"),
    (re.compile(r"perl[\d.]*"), "perl"),
    (re.compile(r"ruby[\d.]*"), "ruby"),
    (re.compile(r"php[\d.]*"), "php"),
)
_SHEBANG = re.compile(rb"(?:\xef\xbb\xbf)?#![^\r\n]{0,500}")

CANONICAL = {"python": (".py",), "javascript": (".js", ".jsx"), "typescript": (".ts", ".tsx"), "go": (".go",)}
"""Languages that a code scanner here has rules for, and the suffixes by which it knows them; the first is the rule."""
SCRIPT = "script"
"""The language of a file with a shebang that nobody here knows."""


def suffix_of(path: str) -> str:
    """The last suffix in lower case, without the dot; empty: none. Of `.py` it is `py`, and of `a.py ` too."""
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2].strip().lower() if "." in name else ""


def language_of(path: str, head: bytes) -> str:
    """Empty: no code, as far as this shows."""
    name = path.rpartition("/")[2].lower()
    known = _BY_NAME.get(name) or _BY_SUFFIX.get(suffix_of(path), "")
    return "" if known == "typescript" and _no_script(head) else known or by_shebang(head)


def by_shebang(head: bytes) -> str:
    """The language of the interpreter in the first line; SCRIPT: an unknown one; empty: there is no such line."""
    found = _SHEBANG.match(head)
    if not found:
        return ""
    words = found[0].decode("latin-1").lstrip("\u00ef\u00bb\u00bf")[2:].split()
    for word in words:
        name = word.rpartition("/")[2]
        for pattern, language in _INTERPRETERS:
            if pattern.fullmatch(name):
                return language
    return SCRIPT


def canonical(path: str, language: str) -> str:
    """The suffix under which a scanner reads this file; empty: no scanner here has rules for the language."""
    known = CANONICAL.get(language, ())
    if f".{suffix_of(path)}" in known:
        return f".{suffix_of(path)}"
    return known[0] if known else ""


def _no_script(head: bytes) -> bool:
    """Films (MPEG transport streams) and translations (Qt) end in `.ts` too."""
    return _is_film(head) or head[:200].lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<!DOCTYPE TS"))


def _is_film(head: bytes) -> bool:
    """A packet begins every 188 bytes, and most of them are no letters: a script could have the first alone."""
    if len(head) <= 376 or head[0 : 64 * 188 : 188].strip(b"\x47"):
        return False
    return len(head.translate(None, _LETTERS)) > 0.25 * len(head)


_LETTERS = bytes((*range(0x20, 0x7F), 0x09, 0x0A, 0x0D))
