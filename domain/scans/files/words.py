"""An inventory in words, for terminals, pages and pull requests."""

from __future__ import annotations

from collections.abc import Mapping

from domain.core.values import number
from domain.scans.files.report import Inventory, Unscanned

MAX_LANGUAGES = 5
_APART = ("test", "generated", "vendored", "minified")


def lines(found: Inventory, named: int = 10) -> list[str]:
    """What there is, what git ignores, and what was not looked at: at most `named` of those. Empty without files."""
    if not found.files:
        return []
    apart = {name: found.classes[name] for name in _APART if found.classes.get(name)}
    told = [
        f"{number(found.files, 'file')}: {_parts(found.kinds)}"
        + (f"; code in {_parts(found.languages, MAX_LANGUAGES)}" if found.languages else "")
        + (f"; apart: {_parts(apart)}" if apart else "")
        + (f"; {number(found.inner, 'piece')} within them" if found.inner else "")
    ]
    if found.ignored:
        verb = "was" if found.ignored == 1 else "were"
        told.append(f"{number(found.ignored, 'file')} ignored by .gitignore {verb} not scanned; --all")
    shown = found.unscanned[:named]
    told += [f"not scanned: {one_line(one)}" for one in shown]
    if found.unscanned_count > len(shown):
        told.append(f"not scanned: {number(found.unscanned_count - len(shown), 'other')}")
    return told


def one_line(one: Unscanned) -> str:
    """A file with the reason; a group of files has no path."""
    return f"{one.path}: {one.reason}" if one.path else one.reason


def _parts(counts: Mapping[str, int], most: int = 20) -> str:
    """The biggest first."""
    ordered = sorted(counts.items(), key=lambda part: (-part[1], part[0]))
    rest = sum(count for _, count in ordered[most:])
    return ", ".join([*(f"{count:,} {name}" for name, count in ordered[:most]), *([f"{rest:,} other"] if rest else [])])
