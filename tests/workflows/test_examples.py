"""Every example runs, and ends as its readers would expect."""

from pathlib import Path

import pytest

from domain.event import Event, EventKind
from pipeline_defs import planning, schema
from tests.lab import Lab

EXAMPLES = Path(__file__).parents[2] / "pipeline_defs" / "examples"
FILES = sorted(EXAMPLES.glob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_an_example_passes(lab: Lab, file: Path, monkeypatch):
    monkeypatch.setenv("SLUICEWAY_EXAMPLE_TOKEN", "an-example-token")
    files = {
        str(path.relative_to(EXAMPLES)): path.read_text()
        for path in EXAMPLES.rglob("*")
        if path.is_file() and path.suffix in (".yaml", ".py", ".txt") and path not in FILES
    }
    name = planning.read_pipeline(file.read_bytes(), str(file), lambda p: (EXAMPLES.parent.parent / p).read_bytes())[
        0
    ].name
    repo = lab.repo({**files, "sluiceway.yaml": file.read_text()})
    answer = await lab.deliver(repo, name)

    assert (await lab.result(answer.run)).status == "passed"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_says_what_it_shows(file: Path):
    assert planning.plan(
        file.read_bytes(), str(file), Event(EventKind.MANUAL), lambda p: Path(p).read_bytes()
    ).pipeline.description


def test_the_committed_schema_and_reference_are_current():
    root = EXAMPLES.parent
    assert (root / "schema.json").read_text() == schema.text()
    assert (root.parent / "docs" / "pipeline-reference.md").read_text() == schema.reference()
