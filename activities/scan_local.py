"""A scan without a server: of a folder as it is now, of a commit, or of one file, and against a baseline."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from activities import git, images
from activities.formats import baseline
from activities.git import Mirrors
from activities.scanning import History, Scanning, Target, together
from domain.errors import SluicewayError
from domain.findings.model import Finding, ScanReport


@dataclass(frozen=True)
class Wanted:
    tools: tuple[str, ...]
    timeout_s: float = 3_600
    exclude: tuple[str, ...] = ()
    everything: bool = False
    """Files that git ignores too."""


@dataclass
class LocalScan:
    scanning: Scanning
    mirrors: Mirrors
    told: Callable[[str], None] = lambda text: None

    async def scan(self, path: Path, wanted: Wanted) -> ScanReport:
        """Raises:
        SluicewayError: there is nothing at the path, or git fails.
        """
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            target = self._taken(path, Path(scratch) / "target", wanted)
            return await self._of(target, Path(scratch), wanted)

    async def image(self, path: Path, wanted: Wanted) -> ScanReport:
        """Of a docker archive or an OCI layout.

        Raises:
            SluicewayError: SLW852, it is neither.
        """
        if not images.is_image(path):
            raise SluicewayError("SLW852", "this is no image", where=str(path), fix="docker save it to a file")
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            return await self._of(Target(path.resolve(), images.digest(path)), Path(scratch), wanted)

    async def saved_image(self, name: str, wanted: Wanted) -> ScanReport:
        """Of an image in the local Docker daemon.

        Raises:
            SluicewayError: SLW852, there is none.
        """
        with tempfile.TemporaryDirectory(prefix="sluiceway-image-") as scratch:
            images.save(name, Path(scratch) / "image.tar")
            return await self.image(Path(scratch) / "image.tar", wanted)

    async def of_commit(self, folder: Path, revision: str, wanted: Wanted) -> ScanReport:
        """The same folder as it was in a commit.

        Raises:
            SluicewayError: there is no such commit, or the folder is in no repository.
        """
        top = Path(git.git("rev-parse", "--show-toplevel", cwd=folder).decode().strip())
        commit = git.resolve(top, revision)
        with tempfile.TemporaryDirectory(prefix="sluiceway-scan-") as scratch:
            self.mirrors.checkout(str(top), commit, Path(scratch) / "target")
            inside = (Path(scratch) / "target" / folder.resolve().relative_to(top)).resolve()
            if not inside.is_dir():
                return ScanReport()
            history = History(git.history(top, commit, Path(scratch) / "history.git"), commit)
            target = Target(inside, f"{commit} {folder.resolve().relative_to(top)}", history)
            return await self._of(target, Path(scratch), wanted)

    async def _of(self, target: Target, scratch: Path, wanted: Wanted) -> ScanReport:
        key = f"scan-{uuid.uuid4().hex[:12]}"
        reports = await self.scanning.scan(wanted.tools, target, scratch / "tools", key, wanted.timeout_s, self.told)
        return together(reports, wanted.exclude)

    def _taken(self, path: Path, target: Path, wanted: Wanted) -> Target:
        real = path.resolve()
        if real.is_file():
            target.mkdir()
            shutil.copyfile(real, target / real.name)
            return Target(target.resolve())
        if not real.is_dir():
            raise SluicewayError("SLW851", "there is nothing to scan", where=str(path))
        if wanted.everything:
            return Target(real)
        repo, commit = self.mirrors.snapshot(real)
        self.mirrors.checkout(repo, commit, target)
        return Target(target.resolve(), commit, _history(real, target.with_name("history.git")))


def _history(folder: Path, made: Path) -> History | None:
    """Of what is committed; None where the folder is not the top of a repository with a commit."""
    if not (folder / ".git").exists():
        return None
    try:
        commit = git.resolve(folder, "HEAD")
    except SluicewayError:
        return None
    return History(git.history(folder, commit, made), commit)


def from_file(path: Path) -> list[Finding]:
    """Raises:
    SluicewayError: SLW853, it is no report.
    """
    try:
        return baseline.read(path.read_bytes(), str(path))
    except OSError as wrong:
        raise SluicewayError("SLW853", "the baseline cannot be read", where=str(path), why=str(wrong)) from wrong
