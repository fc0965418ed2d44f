"""Every example says what it shows. That it runs: tests/workers/engine/test_examples.py."""

from pathlib import Path

import pytest

from pipeline_defs import schema
from pipeline_defs.documents import check
from pipeline_defs.pipelines.compile import pipeline_of

EXAMPLES = Path(__file__).parents[3] / "pipeline_defs" / "examples"
FILES = sorted(path for path in EXAMPLES.glob("*.yaml") if ".test." not in path.name)


def checked(file: Path):
    return check(file.read_bytes(), str(file), lambda p: (EXAMPLES.parent.parent / p).read_bytes())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_says_what_it_shows(file: Path):
    assert pipeline_of(checked(file)).description


def test_the_committed_schema_and_reference_are_current() -> None:
    root = EXAMPLES.parent
    assert (root / "schema.json").read_text() == schema.text()
    assert (root.parent / "docs" / "pipeline-reference.md").read_text() == schema.reference()
