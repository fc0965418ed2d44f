"""Every example runs, and ends as its readers would expect."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline_defs import schema
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import pipeline_of
from tests.support.lab import Lab
from workers.core.settings import Settings
from workers.engine import embedded as engine

EXAMPLES = Path(__file__).parents[3] / "pipeline_defs" / "examples"
FILES = sorted(path for path in EXAMPLES.glob("*.yaml") if ".test." not in path.name)
ELSEWHERE = {"19-containers"}
"""Needs images: tests/workflows/jobs/test_containers.py has some."""


@pytest.fixture
async def routed(temporal_address: str, tmp_path: Path) -> AsyncIterator[Lab]:
    """An engine with a router; what it deployed ends with it."""
    settings = Settings(tmp_path / "home", tmp_path)
    settings.home.mkdir()
    engine.choose_ports(settings)
    async with Lab.on(temporal_address, tmp_path) as made:
        yield made
    engine.down(settings)


def checked(file: Path):
    return check(file.read_bytes(), str(file), lambda p: (EXAMPLES.parent.parent / p).read_bytes())


@pytest.mark.parametrize("file", [file for file in FILES if file.stem not in ELSEWHERE], ids=lambda file: file.stem)
async def test_an_example_passes(routed: Lab, file: Path, monkeypatch):
    monkeypatch.setenv("SLUICEWAY_EXAMPLE_TOKEN", "an-example-token")
    files = {
        str(path.relative_to(EXAMPLES)): path.read_text()
        for path in EXAMPLES.rglob("*")
        if path.is_file() and path.suffix in (".yaml", ".py", ".txt") and path not in FILES
    }
    name = pipeline_of(checked(file)).name
    repo = routed.repo({**files, "sluiceway.yaml": file.read_text()})
    answer = await routed.deliver(repo, name)

    assert (await routed.result(answer.run)).status == "passed"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_says_what_it_shows(file: Path):
    assert pipeline_of(checked(file)).description


def test_the_committed_schema_and_reference_are_current() -> None:
    root = EXAMPLES.parent
    assert (root / "schema.json").read_text() == schema.text()
    assert (root.parent / "docs" / "pipeline-reference.md").read_text() == schema.reference()
