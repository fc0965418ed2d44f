"""Which code that lies or is named like a test is part of the program: what its own code imports is no test.

Found by text, in favour of being used: imports, and strings with dots as frameworks name modules by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from domain.scans.findings.model import FileClass

_PYTHON = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<origin>\.*[\w.]*)[ \t]+import[ \t]+(?P<names>\([^)]{0,5000}\)|[^\n#;]{1,2000})"
    r"|import[ \t]+(?P<modules>[^\n#;]{1,2000}))",
    re.MULTILINE,
)
_NAMED = re.compile(r"""["']([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+)["']""")
_RELATIVE = re.compile(r"""(?:\bfrom|\bimport|\brequire|\bimport\()\s*\(?\s*["'](\.{1,2}/[^"'\n]{1,500})["']""")
_WORD = re.compile(r"[\w.]+(?=\s*(?:as\b|,|\)|$))|[\w.]+")
_SCRIPTS = frozenset({"javascript", "typescript"})
_WHOLE_FOLDER = re.compile(r"/(__init__|index)$")


def uses(path: str, language: str, text: str) -> frozenset[str]:
    """What the text of a file may load, as paths without a suffix; those that begin with `/` are from the root."""
    if language == "python":
        return frozenset(_python(path, text))
    return frozenset(_scripts(path, text)) if language in _SCRIPTS else frozenset()


def used_tests(classes: Mapping[str, FileClass], named: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The paths of class TEST that other code loads, directly or through one another. `named`: `uses` by path."""
    tests = _by_end(path for path, its in classes.items() if its is FileClass.TEST)
    found: set[str] = set()
    todo = [path for path in named if classes.get(path) is not FileClass.TEST]
    while todo:
        for name in named.get(todo.pop(), ()):
            fresh = tests.get(name, set()) - found
            found |= fresh
            todo.extend(fresh)
    return frozenset(found)


def _by_end(paths: Iterable[str]) -> dict[str, set[str]]:
    """Each path by all its ends of two names and more, and by the whole of it."""
    table: dict[str, set[str]] = {}
    for path in paths:
        module = _WHOLE_FOLDER.sub("", _without_suffix(path))
        parts = module.split("/")
        ends = {f"/{module}", module, *("/".join(parts[at:]) for at in range(len(parts) - 1))}
        for end in ends:
            table.setdefault(end, set()).add(path)
    return table


def _python(path: str, text: str) -> Iterator[str]:
    for found in _PYTHON.finditer(text):
        if found["modules"] is not None:
            yield from (each.replace(".", "/") for each in _WORD.findall(found["modules"]))
            continue
        base = _base(path, found["origin"])
        yield base
        yield from (f"{base}/{each}".replace("//", "/") for each in _WORD.findall(found["names"]))
    yield from (each.replace(".", "/") for each in _NAMED.findall(text))


def _base(path: str, origin: str) -> str:
    """`a.b` as `a/b`, and `..b` in `pkg/sub/x.py` as `/pkg/b`."""
    rest = origin.lstrip(".")
    dots = len(origin) - len(rest)
    if not dots:
        return rest.replace(".", "/")
    folders = path.split("/")[:-1]
    return "/" + "/".join([*folders[: len(folders) - dots + 1], *filter(None, rest.split("."))])


def _scripts(path: str, text: str) -> Iterator[str]:
    for named in _RELATIVE.findall(text):
        parts = path.split("/")[:-1]
        for step in named.split("/"):
            if step == "..":
                del parts[-1:]
            elif step not in ("", "."):
                parts.append(step)
        target = "/" + "/".join(parts)
        yield target
        yield _without_suffix(target)


def _without_suffix(path: str) -> str:
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0] or name}"
