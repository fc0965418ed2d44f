"""A real scanner that looks once at the same image: what it has written then is its answer to later looks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from activities.core.process import Completed
from activities.docker.images import digest
from activities.scans.scanners.trivy.trivy import TrivyImage

WRITTEN = "*.json"
"""The report and the bills of materials, at the top of a look's scratch folder."""


class OneLook:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Path, Completed]] = {}

    async def run(self, scanner: TrivyImage, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        """Of an image as a file; the database is part of what is known of it."""
        known = f"{digest(target)} {sorted(scanner.digests().items())}"
        if known not in self._known:
            completed = await _REAL(scanner, target, scratch, key, timeout_s)
            self._known[known] = self._kept(target, scratch), completed
            return completed
        kept, completed = self._known[known]
        before = (kept / "target").read_bytes()
        for path in kept.glob(WRITTEN):  # a report names the file that was looked at
            (scratch / path.name).write_bytes(path.read_bytes().replace(before, str(target).encode()))
        return completed

    def _kept(self, target: Path, scratch: Path) -> Path:
        folder = self._folder / str(len(self._known))
        folder.mkdir()
        (folder / "target").write_text(str(target))
        for path in scratch.glob(WRITTEN):
            shutil.copyfile(path, folder / path.name)
        return folder


_REAL = TrivyImage.run


@pytest.fixture(scope="module")
def one_look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneLook]:
    """Within a module, trivy looks at each image once."""
    made = OneLook(tmp_path_factory.mktemp("one-look"))

    async def run(self: TrivyImage, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
        return await made.run(self, target, scratch, key, timeout_s)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrivyImage, "run", run)
        yield made
