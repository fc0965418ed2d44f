"""A run is started from the repository that the pipeline's runs came from, at the head of a branch."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.runs.run_lists import ListedPipeline
from activities.source import git
from domain.core.errors import DefinitionError, SluicewayError
from domain.triggers.events import EventKind, EventSource
from workers.client.on_engine.runs import named_starts
from workers.client.ports.runs import ParamField

TEXT = """
apiVersion: sluiceway/v1
kind: Pipeline
name: web
params:
  who: {default: world, description: Who is greeted.}
  times: {type: integer, required: true}
  loud: {type: boolean, default: true}
  tone: {type: choice, choices: [plain, warm], default: warm}
jobs:
  only: {run: "true"}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    repo = tmp_path / "repo"
    (repo / ".sluiceway").mkdir(parents=True)
    (repo / "sluiceway.yaml").write_text(TEXT.replace("web", "another"))
    (repo / ".sluiceway" / "web.yaml").write_text(TEXT)
    git.git("init", "-q", "-b", "trunk", cwd=repo)
    git.git("add", "-A", cwd=repo)
    git.git("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "-qm", "First", cwd=repo)
    return repo


def _known(repository: Path | str) -> ListedPipeline:
    return ListedPipeline(name="web", repository=str(repository), path="sluiceway.yaml", last_run="run/web/1", runs=1)


def test_the_definition_is_found_by_its_name_on_the_default_branch(repository: Path, tmp_path: Path) -> None:
    found = named_starts.find(_known(repository), "", tmp_path / "mirrors")
    assert (found.branch, found.path) == ("trunk", ".sluiceway/web.yaml")
    assert named_starts.fields(found.data, found.path) == (
        ParamField(name="who", kind="text", default="world", about="Who is greeted."),
        ParamField(name="times", kind="number", required=True),
        ParamField(name="loud", kind="yes-no", default="true"),
        ParamField(name="tone", kind="choice", default="warm", choices=("plain", "warm")),
    )


def test_a_start_says_who_started_it_and_how_that_is_known(repository: Path, tmp_path: Path) -> None:
    found = named_starts.find(_known(repository), "trunk", tmp_path / "mirrors")
    made = named_starts.delivery_of(found, "web", {"times": 3}, "manual-1", ("ann", EventSource.SERVER))
    event = made.event
    assert (event.kind, event.actor, event.actor_from) == (EventKind.MANUAL, "ann", EventSource.SERVER)
    assert (event.branch, event.params, event.compared) == ("trunk", {"times": 3}, False)
    assert (made.pipeline, made.path, made.source.commit) == ("web", ".sluiceway/web.yaml", event.commit)


@pytest.mark.parametrize("branch", ["none", "--upload-pack=x", "trunk~1", "refs/heads/trunk", "a" * 5_000])
def test_a_branch_that_is_not_there_is_named(repository: Path, tmp_path: Path, branch: str) -> None:
    with pytest.raises(SluicewayError) as missing:
        named_starts.find(_known(repository), branch, tmp_path / "mirrors")
    assert missing.value.code == "SLW927"
    assert len(str(missing.value)) < 1_000


def test_a_branch_without_the_definition_starts_nothing(repository: Path, tmp_path: Path) -> None:
    git.git("rm", "-q", ".sluiceway/web.yaml", cwd=repository)
    git.git("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "-qm", "Gone", cwd=repository)
    with pytest.raises(SluicewayError) as missing:
        named_starts.find(_known(repository), "", tmp_path / "mirrors")
    assert missing.value.code == "SLW927"


def test_more_parameters_than_any_definition_takes_are_refused() -> None:
    for params in ({str(number): 1 for number in range(201)}, {"a": "x" * 10_001}, {"x" * 10_001: 1}):
        with pytest.raises(DefinitionError) as refused:
            named_starts.checked(params)
        assert refused.value.code == "SLW501"
