"""Real trivy, that looks once at the same thing: what it has written then is its answer to later looks."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from activities.core.port import Completed
from activities.scans.running.sandbox import files
from activities.scans.scanners.trivy.trivy import Trivy, TrivyImage, TrivySbom

WRITTEN = "*.json"
"""The report and the bills of materials, at the top of a look's scratch folder."""
DEFINITION = "sluiceway.yaml"
"""Each test has one of its own, and trivy has nothing to say of it."""
Run = Callable[[Trivy, Path, Path, str, float], Awaitable[Completed]]


class OneLook:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Path, Completed]] = {}

    def instead_of(self, real: Run) -> Run:
        """The same, for what was not looked at yet; the scanner, its database and the target's content say what that is."""

        async def run(scanner: Trivy, target: Path, scratch: Path, key: str, timeout_s: float) -> Completed:
            known = f"{scanner.name} {content(target)} {sorted(scanner.digests().items())}"
            if known not in self._known:
                completed = await real(scanner, target, scratch, key, timeout_s)
                self._known[known] = self._kept(target, scratch), completed
                return completed
            kept, completed = self._known[known]
            before = (kept / "target").read_bytes()
            for path in kept.glob(WRITTEN):  # a report names what was looked at
                (scratch / path.name).write_bytes(path.read_bytes().replace(before, str(target).encode()))
            return completed

        return run

    def _kept(self, target: Path, scratch: Path) -> Path:
        folder = self._folder / str(len(self._known))
        folder.mkdir()
        (folder / "target").write_text(str(target))
        for path in scratch.glob(WRITTEN):
            shutil.copyfile(path, folder / path.name)
        return folder


def content(target: Path) -> str:
    """Of a file, or of the files of a folder by their names."""
    total = hashlib.sha256()
    for path in files(target) if target.is_dir() else [target]:
        if path.name != DEFINITION:
            name = path.relative_to(target) if target.is_dir() else ""
            total.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
    return total.hexdigest()


@pytest.fixture(scope="module")
def one_look(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneLook]:
    """Within a module, trivy looks at each thing once."""
    made = OneLook(tmp_path_factory.mktemp("one-look"))
    with pytest.MonkeyPatch.context() as patch:
        for kind in (Trivy, TrivyImage, TrivySbom):
            patch.setattr(kind, "run", made.instead_of(kind.run))
        yield made
