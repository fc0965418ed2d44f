"""What of a scan's files nothing that fits has looked at: by sets of files, never by numbers.

Each readable file is in one of two places. It is in the list that a scanner is held to (`expected_by`), which the
runner compares with what that scanner says it has read; or it is named here, with the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from domain.core.values import number
from domain.scans.files.kinds import claims_code
from domain.scans.files.languages import CANONICAL
from domain.scans.files.model import READABLE, Entry, FileKind
from domain.scans.files.report import MAX_UNSCANNED, Inventory, Unscanned
from domain.scans.findings.model import FileClass

CODE_TOOLS = {
    "python": ("bandit", "semgrep", "dataflow"),
    "javascript": ("semgrep",),
    "typescript": ("semgrep",),
    "go": ("semgrep",),
}
"""Language to the scanners with rules for it: code in one of these is not looked at before one of them has read it."""
BYTE_TOOLS = ("secrets",)
"""Scanners that read every byte of every file: enough for text, data, and code in languages without rules here."""
_EXPECTED = {
    tool: tuple(suffix for language, tools in CODE_TOOLS.items() if tool in tools for suffix in CANONICAL[language])
    for tool in ("bandit", "semgrep", "dataflow")
}
_NO_CONTENT = {
    FileKind.SUBMODULE: "a submodule: its files are of another repository",
    FileKind.LFS_POINTER: "its content is in LFS, and only its address is here",
    FileKind.SPECIAL: "a pipe, a socket or a device",
    FileKind.UNREADABLE: "it cannot be read",
    FileKind.HUGE: "it is too big to be copied",
}
_SHOWN_LETTERS = 300


def expected_by(tool: str, names: Iterable[str]) -> frozenset[str]:
    """The files of the view that a scanner of code must have read, whatever it expects itself."""
    suffixes = _EXPECTED.get(tool, ())
    return frozenset(name for name in names if suffixes and name.endswith(suffixes))


def inventory(
    entries: Sequence[Entry],
    left_out: Sequence[Unscanned],
    inner: int,
    asked: Iterable[str],
    excluded: Callable[[str], bool] = lambda path: False,
) -> Inventory:
    """What was scanned and what was not. `left_out`: what the view could not take; `asked`: the scanners that run.

    A file that is excluded by the scan's own patterns leaves no gap, but is named.
    """
    tools = frozenset(asked)
    every = [*_unopened(entries), *left_out]
    judged = [
        replace(one, gap=False, reason=f"{one.reason} (excluded)") if excluded(one.path) else one for one in every
    ]
    told = [replace(one, path=shown(one.path)) for one in (*judged, *_not_asked(entries, tools))]
    told.sort(key=lambda one: (not one.gap, one.path))
    return Inventory(
        files=len(entries),
        kinds=_counted(one.kind.value for one in entries),
        classes=_counted(one.file_class.value for one in entries),
        languages=_counted(one.language for one in entries if one.kind is FileKind.CODE),
        inner=inner,
        unscanned=tuple(told[:MAX_UNSCANNED]),
        unscanned_count=len(told),
        gaps=sum(one.gap for one in told),
    )


def gap_of(found: Inventory, named: int = 5) -> str:
    """Why a scan is incomplete, in words; empty: no file was overlooked."""
    if not found.gaps:
        return ""
    first = [f"{one.path}: {one.reason}" for one in found.unscanned[: min(named, found.gaps)]]
    more = f"; and {number(found.gaps - len(first), 'other')}" if found.gaps > len(first) else ""
    return f"{number(found.gaps, 'file')} that nothing has looked at: {'; '.join(first)}{more}"


def shown(path: str) -> str:
    """A path that can be printed and stored: bytes that are not UTF-8 and control characters as escapes."""
    if path.isprintable():
        return path
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in path)


def _unopened(entries: Iterable[Entry]) -> Iterator[Unscanned]:
    """Files whose content is not here."""
    for one in entries:
        if reason := _NO_CONTENT.get(one.kind):
            yield Unscanned(one.path, reason, _leaves_a_gap(one))


def _leaves_a_gap(one: Entry) -> bool:
    """A file that cannot be read does; one in LFS if its name says code or archive."""
    if one.kind is FileKind.LFS_POINTER:
        return claims_code(one.path)
    return one.kind in READABLE


def _not_asked(entries: Iterable[Entry], tools: frozenset[str]) -> Iterator[Unscanned]:
    """What is the business of scanners that this scan does not use, by language and kind: its author chose them."""
    read = bool(tools.intersection(BYTE_TOOLS))
    rest: Counter[str] = Counter()
    for one in entries:
        fitting = CODE_TOOLS.get(one.language, ()) if one.kind is FileKind.CODE else ()
        if fitting and not tools.intersection(fitting):
            rest[f"of {one.language}: the scan uses none of {', '.join(fitting)}"] += 1
        elif one.kind is FileKind.CODE and not fitting and read:
            rest[f"of {one.language}: searched for secrets only, there are no rules for the language here"] += 1
        elif one.kind in (FileKind.TEXT, FileKind.BINARY, FileKind.IMAGE, FileKind.CODE) and not fitting and not read:
            rest[f"of kind {one.kind}: the scan does not use {', '.join(BYTE_TOOLS)}"] += 1
    for reason, count in rest.items():
        yield Unscanned("", f"{number(count, 'file')} {reason}"[:_SHOWN_LETTERS], gap=False)


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(sorted(value for value in values if value)))


CLASSES_APART = tuple(one for one in FileClass if one is not FileClass.OWN)
"""Classes that a report counts apart from the project's own code."""
