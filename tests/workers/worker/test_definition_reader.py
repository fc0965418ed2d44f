"""What changes mean in runs that come without a commit to compare with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from activities.source import git
from activities.source.mirrors import Mirrors
from activities.triggers.port import ScheduledDelivery
from activities.triggers.schedules import delivery_of
from domain.triggers.events import UNCOMPARED, Event, EventKind
from pipeline_defs.core.expressions import evaluate
from pipeline_defs.simulation.model import Given, GivenEvent
from tests.support.lab import Lab, Repo
from workers.client.deliveries import by_hand
from workers.simulation.stand_ins import event_of
from workers.worker.definition_reader import YamlReader

TEXT = """
apiVersion: sluiceway/v1
kind: Pipeline
name: web
on: {push: {}, schedule: [{cron: "0 2 * * *"}]}
jobs:
  unit: {when: "changed('src/**')", run: "true"}
  page: {when: "changed('docs/**')", run: "true"}
  last: {needs: [unit, page], when: "always() && changed('nowhere')", run: "true"}
"""


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo.create(tmp_path / "repo", {"sluiceway.yaml": TEXT, "src/a.py": "1", "docs/a.md": "1"})


def skipped(event: Event) -> tuple[list[str], str]:
    read = YamlReader().read(TEXT.encode(), "sluiceway.yaml", event, lambda _: None)
    assert read.plan is not None
    return [job.id for job in read.plan.jobs if job.skip], read.reason


def test_by_hand_every_file_has_changed_and_the_reason_says_so(tmp_path: Path, repo: Repo) -> None:
    event = by_hand(repo.path / "sluiceway.yaml", Mirrors(tmp_path / "m"), {}, "x").event

    assert skipped(event) == ([], f"started manually by {event.actor}; {UNCOMPARED}")


def test_by_hand_with_a_base_what_differs_from_it_has_changed(tmp_path: Path, repo: Repo) -> None:
    (repo.path / "docs" / "new.md").write_text("not committed")
    event = by_hand(repo.path / "sluiceway.yaml", Mirrors(tmp_path / "m"), {}, "x", "main").event
    jobs, reason = skipped(event)

    assert (event.changed_files, event.base) == (("docs/new.md",), repo.head)
    assert jobs == ["unit"]
    assert UNCOMPARED not in reason


def test_by_schedule_every_file_has_changed_and_the_reason_says_so(repo: Repo) -> None:
    event = delivery_of(ScheduledDelivery("web", str(repo.path), "sluiceway.yaml", "main"), "x").event
    jobs, reason = skipped(event)

    assert jobs == []
    assert reason.endswith(UNCOMPARED)


def test_a_push_is_compared_and_an_event_of_an_earlier_version_too() -> None:
    assert skipped(Event(EventKind.PUSH, branch="main", changed_files=("src/b.py",)))[0] == ["page"]
    assert evaluate("changed('**')", {"event": {"kind": "manual", "changed_files": []}}) is False


def test_a_pipeline_that_asks_for_no_change_is_told_nothing() -> None:
    text = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\njobs: {a: {run: echo}}\n"
    read = YamlReader().read(text.encode(), "p.yaml", Event(EventKind.MANUAL, compared=False), lambda _: None)

    assert UNCOMPARED not in read.reason


@pytest.mark.parametrize(
    ("given", "compared"),
    [
        ({}, False),
        ({"kind": "schedule"}, False),
        ({"changed": ["a"]}, True),
        ({"changed": []}, True),
        ({"kind": "push"}, True),
    ],
)
def test_a_rehearsed_event_is_compared_as_a_real_one(given: dict[str, str], compared: bool) -> None:
    assert event_of(Given(event=GivenEvent.model_validate(given))).compared is compared


@pytest.mark.parametrize(
    ("file", "text", "word"),
    [(".gitmodules", b"[submodule]", "submodules"), (".gitattributes", b"*.bin filter=lfs", "LFS")],
)
@pytest.mark.parametrize(
    ("checkout", "told"), [("", True), ("checkout: {submodules: false, lfs: false}, ", False), ("defaults", False)]
)
def test_what_a_commit_has_and_no_job_speaks_of_is_told_with_the_plan(
    file: str, text: bytes, word: str, checkout: str, told: bool
) -> None:
    head = "apiVersion: sluiceway/v1\nkind: Pipeline\nname: web\n"
    if checkout == "defaults":
        head, checkout = f"{head}defaults: {{checkout: {{submodules: recursive, lfs: true}}}}\n", ""
    jobs = f"jobs: {{a: {{{checkout}run: echo}}}}\n"
    read = YamlReader().read((head + jobs).encode(), "p.yaml", Event(EventKind.MANUAL), {file: text}.get)

    assert (word in read.reason) is told


async def test_what_is_left_out_of_a_checkout_is_in_the_log_of_the_job(lab: Lab) -> None:
    repo = lab.repo(
        {"sluiceway.yaml": "apiVersion: sluiceway/v1\nkind: Pipeline\nname: linked\njobs: {a: {run: ls}}\n"}
    )
    git.git("update-index", "--add", "--cacheinfo", f"160000,{repo.head},vendor/dep", cwd=repo.path)
    git.git("-c", "user.name=d", "-c", "user.email=d@example.org", "commit", "-q", "-m", "linked", cwd=repo.path)
    repo.head = git.resolve(repo.path, "HEAD")
    answer = await lab.deliver(repo, "linked")
    await lab.result(answer.run)
    (job,) = lab.records.runs.jobs(answer.run)
    log = lab.stored_file(json.loads(job["result"])["log"]).read_text()

    assert "submodules left out: vendor/dep (checkout: {submodules: true})" in log


async def test_a_condition_that_is_evaluated_in_the_run_knows_it_too(lab: Lab) -> None:
    jobs = TEXT.partition("jobs:")[2]
    result, view = await lab.run(f"jobs:{jobs}", compared=False)

    assert (result.status, {job.status for job in view.jobs}) == ("passed", {"passed"})
