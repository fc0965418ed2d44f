"""Scans without a server: a folder as it is, a commit or one file, optionally against a baseline."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from activities.docker import images
from activities.scans.formats import baseline
from activities.scans.merge import merge_reports
from activities.scans.port import History, Target
from activities.scans.running.progress import Progress, Silent
from activities.scans.running.scan_runner import Scanning
from activities.scans.view.tree import copied, walk
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.source.snapshot import ignored, in_repository
from domain.core.errors import SluicewayError
from domain.core.values import number
from domain.scans.files.model import Entry, FileKind
from domain.scans.findings.model import Finding, ScanReport
from domain.scans.units import UnitScopes

WHOLE = frozenset({"gitleaks", "govulncheck"})
"""Scanners that need the whole repository."""


@dataclass(frozen=True)
class ScanOptions:
    """The command-line options of a scan."""

    tools: tuple[str, ...]
    timeout_s: float = 3_600
    exclude: tuple[str, ...] = ()
    everything: bool = False
    """Includes files that git ignores."""
    changed: str = ""
    """A commit: changed files are scanned and reported first, then everything."""


@dataclass
class LocalScan:
    """Scans a git snapshot of the folder; with `everything` the folder itself, and without git a copy of it."""

    scanning: Scanning
    mirrors: Mirrors
    progress: Progress = Silent()

    async def scan(self, path: Path, wanted: ScanOptions) -> ScanReport:
        """Scans a path.

        Raises:
            SluicewayError: the path does not exist, or git fails.
        """
        first = await self._changed(path, wanted) if wanted.changed else ""
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            target = self._taken(path, Path(scratch) / "target", wanted)
            report = await self._of(target, Path(scratch), wanted)
        return replace(report, notes=(*report.notes, first)) if first else report

    async def _changed(self, path: Path, wanted: ScanOptions) -> str:
        """Scans only what differs from a commit, and reports findings at once; returns a text for people."""
        began, real = time.monotonic(), path.resolve()
        names = await asyncio.to_thread(git.differing, real, wanted.changed)
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            target = Path(scratch) / "target"
            count = sum(_copied(real, target, name) for name in names)
            if not count:
                return f"nothing differs from {wanted.changed}"
            report = await self._of(Target(target.resolve()), Path(scratch), replace(wanted, tools=_of_files(wanted)))
        for one in report.findings:
            self.progress.said(f"{one.severity} {one.path}:{one.line} {one.rule}: {one.message}")
        took = time.monotonic() - began
        found = number(len(report.findings), "finding")
        words = f"{found} after {took:.1f} s in what differs from {wanted.changed} ({number(count, 'file')})"
        self.progress.said(words)
        return words

    async def image(self, path: Path, wanted: ScanOptions) -> ScanReport:
        """Scans a Docker archive or an OCI layout.

        Raises:
            SluicewayError: SLW852, it is neither.
        """
        if not images.is_image(path):
            raise SluicewayError(
                "SLW852",
                "this is not an image archive",
                where=str(path),
                fix="write one with docker save IMAGE -o FILE",
            )
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            return await self._of(Target(path.resolve(), images.digest(path), source=False), Path(scratch), wanted)

    async def saved_image(self, name: str, wanted: ScanOptions) -> ScanReport:
        """Scans an image of the local Docker daemon.

        Raises:
            SluicewayError: SLW852, there is none.
        """
        with tempfile.TemporaryDirectory(prefix="sluiceway-image-") as scratch:
            images.save(name, Path(scratch) / "image.tar")
            return await self.image(Path(scratch) / "image.tar", wanted)

    async def remote_image(self, name: str, wanted: ScanOptions) -> ScanReport:
        """Scans an image in a registry, without a daemon."""
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            return await self._of(Target(Path(name), source=False), Path(scratch), wanted)

    async def process(self, pid: int, wanted: ScanOptions) -> ScanReport:
        """Scans the root file system of a running process, such as a container's.

        Raises:
            SluicewayError: SLW859, no such process, or its root is not accessible.
        """
        root = Path(f"/proc/{pid}/root")
        try:
            next(root.iterdir(), None)
        except OSError as wrong:
            fix = "name a running process of this machine, and run as root"
            raise SluicewayError(
                "SLW859", f"the root of process {pid} cannot be read", why=str(wrong), fix=fix
            ) from wrong
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            return await self._of(Target(root, source=False), Path(scratch), wanted)

    async def of_commit(self, folder: Path, revision: str, wanted: ScanOptions) -> ScanReport:
        """Scans the same folder at a commit.

        Raises:
            SluicewayError: unknown commit, or the folder is not in a repository.
        """
        top = git.top(folder)
        commit = git.resolve(top, revision)
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            if git.is_empty(top, commit):
                return ScanReport()
            self.mirrors.checkout(str(top), commit, Path(scratch) / "target")
            inside = (Path(scratch) / "target" / folder.resolve().relative_to(top)).resolve()
            if not inside.is_dir():
                return ScanReport()
            history = History(git.history(top, commit, Path(scratch) / "history.git"), commit)
            target = Target(inside, f"{commit} {folder.resolve().relative_to(top)}", history)
            return await self._of(target, Path(scratch), wanted)

    async def _of(self, target: Target, scratch: Path, wanted: ScanOptions) -> ScanReport:
        key = f"scan-{uuid.uuid4().hex[:12]}"
        target = replace(target, exclude=wanted.exclude)
        folder, limit_s = scratch / "tools", wanted.timeout_s
        reports = await self.scanning.scan_whole(wanted.tools, target, folder, key, limit_s, self.progress)
        return merge_reports(reports, wanted.exclude)

    def _taken(self, path: Path, target: Path, wanted: ScanOptions) -> Target:
        real = path.resolve()
        if real.is_file():
            target.mkdir()
            shutil.copyfile(real, target / real.name)
            return Target(target.resolve())
        _readable(real)
        if wanted.everything:
            return _filled(Target(real), real)
        if not in_repository(real):
            digest, absent = copied(real, target)
            folder = f"folder:{real}"
            made = Target(target.resolve(), digest, absent=absent, scopes=UnitScopes((folder,), folder))
            return _filled(made, real)
        repo, commit = self.mirrors.snapshot(real)
        if git.is_empty(self.mirrors.path(repo), commit):
            raise _nothing(real, ignored(self.mirrors.path(repo), real, commit))
        self.mirrors.checkout(repo, commit, target)
        return Target(
            target.resolve(),
            commit,
            _history(real, target.with_name("history.git")),
            absent=tuple(Entry(path, FileKind.SUBMODULE) for path, _ in self.mirrors.contents[repo, commit].links),
            ignored=ignored(self.mirrors.path(repo), real, commit),
            scopes=UnitScopes((repo,), repo),
        )


def _readable(folder: Path) -> None:
    """Raises:
    SluicewayError: SLW851, there is no such folder, or it cannot be read.
    """
    try:
        next(folder.iterdir(), None)
    except OSError as wrong:
        why = "there is no such file or folder" if isinstance(wrong, FileNotFoundError) else f"{wrong.strerror}"
        raise SluicewayError("SLW851", "nothing to scan", where=str(folder), why=why) from wrong


def _filled(target: Target, folder: Path) -> Target:
    """The target, if it has a file: of nothing no scanner can say that it is clean.

    Raises:
        SluicewayError: SLW851, it has none.
    """
    if target.absent or any(True for _ in walk(target.root)):
        return target
    raise _nothing(folder)


def _nothing(folder: Path, ignored: int = 0) -> SluicewayError:
    """`ignored`: files that git ignores."""
    why = f"git ignores all of its files ({ignored})" if ignored else "there is no file in it"
    fix = "sluiceway scan --all" if ignored else "name a folder with files, or a file"
    return SluicewayError("SLW851", "nothing to scan", where=str(folder), why=why, fix=fix)


def _of_files(wanted: ScanOptions) -> tuple[str, ...]:
    """Scanners that support single files."""
    return tuple(name for name in wanted.tools if name not in WHOLE)


def _copied(folder: Path, target: Path, name: str) -> bool:
    """Regular files only: links are not followed."""
    source = folder / name
    if source.is_symlink() or not source.is_file():
        return False
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target / name)
    return True


def _history(folder: Path, made: Path) -> History | None:
    """The committed history; None where the folder is not the top of a repository with a commit."""
    if not (folder / ".git").exists():
        return None
    try:
        commit = git.resolve(folder, "HEAD")
    except SluicewayError:
        return None
    return History(git.history(folder, commit, made), commit)


def from_file(path: Path) -> list[Finding]:
    """The baseline in a file.

    Raises:
        SluicewayError: SLW853, not a report.
    """
    try:
        return baseline.read(path.read_bytes(), str(path))
    except OSError as wrong:
        why = wrong.strerror or str(wrong)
        raise SluicewayError("SLW853", "the baseline cannot be read", where=str(path), why=why) from wrong
