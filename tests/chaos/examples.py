"""The examples of the project, one beside each run of the pipeline: whatever is hurt, they pass."""

from __future__ import annotations

from pathlib import Path

from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import pipeline_of
from tests.chaos.world import World
from tests.support.lab import Repo, until
from workers.client import runs, triggers

ROOT = Path(__file__).parents[2] / "pipeline_defs" / "examples"


def _files() -> list[Path]:
    """Those that deploy nothing, ask nobody, and need no scanner with a database and no image from a registry."""
    plain = [path for path in sorted(ROOT.glob("*.yaml")) if ".test." not in path.name]
    return [
        path
        for path in plain
        if not any(word in path.read_text() for word in ("deploy:", "approval:", "scan:", "container:"))
    ]


class Examples:
    def __init__(self, world: World) -> None:
        self._world, self._files = world, _files()
        shared = {
            str(path.relative_to(ROOT)): path.read_text()
            for path in ROOT.rglob("*")
            if path.is_file() and path.suffix in (".yaml", ".py", ".txt") and path.parent != ROOT
        }
        self._repo = Repo.create(world.folder / "examples", shared)
        self.runs: dict[str, str] = {}
        """Run to the example's name."""

    async def start(self, number: int) -> None:
        file = self._files[number % len(self._files)]
        head = self._repo.commit({"sluiceway.yaml": file.read_text()}, f"{file.stem} {number}")
        checked = check(file.read_bytes(), str(file), lambda p: (ROOT.parents[1] / p).read_bytes())
        event = Event(EventKind.MANUAL, str(self._repo.path), head, branch="main", author="developer")
        source = SourceRef(str(self._repo.path), head)
        delivery = Delivery(f"example-{head}", event, "sluiceway.yaml", source, pipeline_of(checked).name)
        self.runs[(await triggers.deliver(self._world.engine, delivery)).run] = file.stem

    async def wrong(self) -> list[str]:
        found = []
        for run, name in self.runs.items():

            async def ended(run: str = run) -> str:
                return str((await runs.result(self._world.engine, run)).status)

            try:
                status = await until(ended, 120)
            except TimeoutError:
                status = "not ended"
            if status != "passed":
                found.append(f"example {name} ({run}) is {status}")
        return found
