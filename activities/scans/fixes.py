"""Suggested fixes of a scanned folder: what they would change, and writing them."""

from __future__ import annotations

import stat
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from activities.core.files import write_atomically
from activities.scans.merge import MAX_SOURCE_BYTES
from domain.core.errors import SluicewayError
from domain.scans.findings.hiding import bare
from domain.scans.findings.location import Source, located
from domain.scans.findings.model import FileClass, Finding, FindingKind, State, like
from domain.scans.fixes.patch import unified
from domain.scans.fixes.rewriting import fixed

CHANGED = "it is not as the scan has seen it"


@dataclass(frozen=True)
class Change:
    """One file, before and after its fixes."""

    path: str
    """Relative to the scanned folder."""
    before: str
    after: str
    done: tuple[Finding, ...]

    @property
    def patch(self) -> str:
        """For `git apply` in the scanned folder."""
        return unified(self.path, self.before, self.after)


@dataclass(frozen=True)
class Proposal:
    """What can be fixed, and what a person must do."""

    changes: tuple[Change, ...]
    left: tuple[tuple[Finding, str], ...]

    @property
    def patch(self) -> str:
        """Of all files."""
        return "".join(change.patch for change in self.changes)


def proposed(root: Path, findings: Iterable[Finding]) -> Proposal:
    """Fixes for findings in Python files of one's own, of a scan of this folder. Nothing is written."""
    of_file: dict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        if _ours(one):
            of_file[one.path].append(one)
    changes, left = list[Change](), list[tuple[Finding, str]]()
    for path, mine in sorted(of_file.items()):
        try:
            text = _read(root, path)
        except (OSError, ValueError) as wrong:
            left += [(one, str(wrong)) for one in mine]
            continue
        source = Source(path, text)
        same = [one for one in mine if _unchanged(one, source)]
        made = fixed(text, same)
        left += [*made.left, *((one, CHANGED) for one in mine if one not in same)]
        if made.text != text:
            changes.append(Change(path, text, made.text, made.done))
    return Proposal(tuple(changes), tuple(left))


def _unchanged(one: Finding, source: Source) -> bool:
    """Its statement is there as it was scanned; what shares its lines with a secret is known without texts only."""
    code = located(like(one, code=""), source).code
    return one.code in (code, bare(one.path, code)) or bool(one.secret and code)


def _ours(one: Finding) -> bool:
    """Not in notebooks and archives, nor in copies of others' code, nor what somebody has accepted."""
    return (
        one.kind is FindingKind.SAST
        and one.path.endswith(".py")
        and not one.cell
        and not one.member
        and one.file_class in (FileClass.OWN, FileClass.TEST)
        and one.state != State.SUPPRESSED
    )


def write(root: Path, changes: Sequence[Change]) -> None:
    """Writes all files, or none if one is not as it was shown.

    Raises:
        SluicewayError: SLW891, a file changed meanwhile, is outside of the folder, or cannot be written.
    """
    for change in changes:
        try:
            changed = _read(root, change.path) != change.before
        except (OSError, ValueError) as wrong:
            raise _refused(change, str(wrong)) from wrong
        if changed:
            raise _refused(change, CHANGED)
    for change in changes:
        file = root / change.path
        try:
            write_atomically(file, change.after.encode(), mode=stat.S_IMODE(file.stat().st_mode))
        except OSError as wrong:
            raise _refused(change, str(wrong)) from wrong


def _refused(change: Change, why: str) -> SluicewayError:
    return SluicewayError("SLW891", "a file is not fixed", where=change.path, why=why, fix="repeat the scan")


def _read(root: Path, path: str) -> str:
    """A regular file inside the folder, through no link.

    Raises:
        ValueError: it is something else, too long, or not UTF-8.
        OSError: it cannot be read.
    """
    file = root / path
    inside = not Path(path).is_absolute() and file.resolve() == root.resolve() / path
    if not inside or not stat.S_ISREG(file.lstat().st_mode):
        raise ValueError("it is no regular file inside of the folder")
    if file.lstat().st_size > MAX_SOURCE_BYTES:
        raise ValueError("it is too long")
    return file.read_bytes().decode()
