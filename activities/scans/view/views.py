"""The view of one scan: made when the first scanner needs it, and what of the target is in none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from threading import Event

from activities.core.threads import finished
from activities.scans.port import ScannerResult, Target
from activities.scans.running.sandbox import digest_of
from activities.scans.running.unit_cache import contents
from activities.scans.view.view import View, build
from domain.core import globs
from domain.scans import files
from domain.scans.files.classes import class_of
from domain.scans.files.coverage import expected_by, gap_of, inventory, shown
from domain.scans.findings.model import Finding, FindingKind, ScanState, ToolReport

COVERAGE = "coverage"
"""The name of the report that says what no scanner has looked at."""
_OWN = re.compile(r"_/[0-9a-f]{24}(\.[a-z0-9_]+)?")


@dataclass
class Views:
    """Shared by the scanners of one scan."""

    target: Target
    folder: Path
    _view: View | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _contents: dict[Path, dict[str, str] | None] = field(default_factory=dict)

    def excluded(self, path: str) -> bool:
        """Whether the scan's own patterns leave a path of the target out."""
        return bool(self.target.exclude) and globs.matches(path, self.target.exclude)

    async def view(self) -> View:
        """The same for all of them."""
        async with self._turn:
            if self._view is None:
                ended = Event()
                made = partial(build, self.target.root, self.folder, self.target.absent, ended.is_set)
                self._view = await finished(made, ended.set)
            return self._view

    async def contents(self, root: Path) -> dict[str, str] | None:
        """Digests of the target's files or of the view's (`unit_cache.contents`), read once for all scanners."""
        async with self._turn:
            if root not in self._contents:
                self._contents[root] = await asyncio.to_thread(contents, root)
            return self._contents[root]

    async def coverage(self, asked: Iterable[str]) -> ToolReport:
        """Compares the target's files with what the scanners of this scan are held to."""
        view = await self.view()
        found = inventory(view.entries, view.unscanned, view.inner, asked, self.excluded)
        found = replace(found, ignored=self.target.ignored)
        return ToolReport(
            tool=COVERAGE,
            version="1",
            state=ScanState.INCOMPLETE if found.gaps else ScanState.COMPLETE,
            reason=gap_of(found),
            files_scanned=found.files - found.gaps,
            files_expected=found.files,
            inventory=found,
        )


@cache
def version() -> str:
    """Digest of the code that makes views: what is known of a tree was said of the view of that code."""
    here = Path(__file__).parent
    made = [here / name for name in ("archives.py", "reading.py", "tree.py", "view.py", "views.py")]
    return digest_of([*made, *sorted(Path(files.__file__).parent.glob("*.py"))])


def held(name: str, found: ScannerResult, names: Iterable[str]) -> ScannerResult:
    """The result with all of these files that the scanner must have read, whether or not it expected that itself."""
    return replace(found, expected=found.expected | expected_by(name, names))


def placed(findings: Iterable[Finding], view: View | None, inside: bool) -> tuple[Finding, ...]:
    """Findings at their places in the target, with the classes of their files. `inside`: they are of the view."""
    return brought_back(findings, view) if view and inside else classed(findings, view)


def brought_back(findings: Iterable[Finding], view: View) -> tuple[Finding, ...]:
    """Findings of the view at their places in the target, each once."""
    moved = (view.original(one) for one in findings)
    told = (replace(one, path=shown(one.path), member=shown(one.member)) for one in moved)
    return tuple({_once(one): one for one in told}.values())


def _once(one: Finding) -> Finding | tuple[str, ...]:
    """A marker in a script stands in the page and in the script."""
    if one.kind is not FindingKind.SUPPRESSION:
        return one
    return (one.rule, one.path, one.member, str(one.line))


def classed(findings: Iterable[Finding], view: View | None) -> tuple[Finding, ...]:
    """Findings of scanners of the target itself, with the classes of their files."""
    classes = {one.path: one.file_class for one in view.entries} if view else {}
    return tuple(replace(one, file_class=classes.get(one.path) or class_of(one.path)) for one in findings)


def told(text: str, view: View) -> str:
    """A scanner's words, with the names of the target's files."""
    return _OWN.sub(lambda found: shown(view.told(found[0])), text)
