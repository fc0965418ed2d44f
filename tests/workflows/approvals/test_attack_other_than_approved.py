"""What was approved is what happens: not another definition, not a later artifact, not under another rule."""

import json
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.releases.metric_sources.memory import MemorySource
from activities.releases.targets.memory import MemoryTarget
from activities.runs.port import Rerun
from domain.approvals.request import DecisionReason
from domain.runs.rerun import From, RerunRequest
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from tests.support.fakes import on_memory
from tests.support.lab import HEAD, Lab, prepared, until
from tests.support.profile import first_of
from workers.client import approvals, runs

ALL = {"author": True, "committer": True, "starter": True}
RULE = {"users": [], "groups": ["managers"], "quorum": 1, "per_group": {}, "max_expires": 0, "allow": ALL}
DEFINITION = """jobs:
  build:
    needs: {build}
    run: echo {word} > app
    artifacts: {{out: {{app: app}}, times: commit}}
  ok:
    needs: {ok}
    environment: {env}
    approval: {{groups: [managers], allow: {{author: true, committer: true, starter: true}}}}
  ship:
    needs: [ok, build]
    environment: {env}
    deploy: {{service: web, version: "{version}", command: [{command}], artifact: build.app}}
"""
FIRST = {"env": "ENV", "build": "[]", "ok": "build", "word": "good", "version": "1", "command": "good"}
DEPLOYED = ["start r1", "route r1"]


def definition(**changes: str) -> str:
    return DEFINITION.format(**{**FIRST, **changes})


@pytest.fixture
async def memory(temporal_address: str, tmp_path: Path) -> AsyncIterator[tuple[Lab, MemoryTarget]]:
    """An engine with a protected production, and two people who may decide."""
    platform, plain = MemoryTarget(), prepared(temporal_address, tmp_path)
    async with Lab.on(temporal_address, tmp_path, on_memory(plain, platform, MemorySource())) as lab:
        environment(lab)
        lab.identity("lead", "managers")
        lab.identity("second", "managers")
        yield lab, platform


def name_of(lab: Lab) -> str:
    """The tests share a server: each has its own environment."""
    return f"production-{zlib.crc32(str(lab.settings.home).encode()):x}"


def environment(lab: Lab, **changes: int) -> None:
    name = name_of(lab)
    body = {"name": name, "trust": "signed", "approval": {**RULE, **changes, "trust": "signed"}}
    lab.environment(name, json.dumps(body))


async def started(lab: Lab, text: str, name: str = "") -> str:
    return await lab.start(text.replace("ENV", name_of(lab)), name=name)


async def approve(lab: Lab, run: str, who: str = "lead") -> str:
    """The rule by which a decision on what is asked right now counts or not."""
    job = await lab.until_asked(run)
    decision = await approvals.sign(lab.engine, run, job, who, True, "", lab.settings.keys)
    return (await approvals.decide(lab.engine, run, job, decision)).rule


async def approved(lab: Lab, text: str, name: str) -> str:
    run = await started(lab, text, name=name)
    assert await approve(lab, run) == DecisionReason.COUNTED
    assert (await lab.result(run)).status == "passed"
    return run


async def again(lab: Lab, run: str, text: str, wish: RerunRequest):
    """A rerun by a definition that may have changed."""
    pipeline, number = run.removeprefix("run/").split("/")
    repo = lab.repo(
        {"sluiceway.yaml": HEAD.format(name=pipeline) + text.replace("ENV", name_of(lab))}, f"again-{pipeline}"
    )
    event = Event(EventKind.MANUAL, str(repo.path), repo.head)
    changed = Delivery("definition", event, "sluiceway.yaml", SourceRef(str(repo.path), repo.head), pipeline)
    return await runs.rerun(lab.engine, Rerun(pipeline, int(number), wish, "somebody", changed))


@pytest.mark.parametrize("changes", first_of({"command": "evil"}, {"version": "2"}))
async def test_a_rerun_with_anything_changed_after_the_approval_asks_again(memory, changes):
    lab, platform = memory
    run = await approved(lab, definition(), f"changed-{next(iter(changes))}")
    answer = await again(lab, run, definition(**changes), RerunRequest(From.JOB, "ship"))

    assert "job ship changed since it was granted" in answer.again["ok"]
    assert await lab.until_asked(answer.run) == "ok"
    await runs.cancel(lab.engine, answer.run, "enough")
    assert platform.actions == DEPLOYED


async def test_a_rerun_of_exactly_what_was_approved_asks_nobody(memory):
    lab, _ = memory
    run = await approved(lab, definition(), "same-again")
    answer = await again(lab, run, definition(), RerunRequest(From.JOB, "ship"))

    assert list(answer.again) == ["ship"]
    assert (await lab.result(answer.run)).status == "passed"


@pytest.mark.system
async def test_a_rerun_with_another_artifact_asks_again(memory):
    lab, platform = memory
    run = await approved(lab, definition(word="$SLUICEWAY_RUN_ATTEMPT"), "other-artifact")
    answer = await again(lab, run, definition(word="$SLUICEWAY_RUN_ATTEMPT"), RerunRequest(From.JOB, "build"))

    assert await lab.until_asked(answer.run) == "ok"
    await runs.cancel(lab.engine, answer.run, "enough")
    assert platform.actions == DEPLOYED


async def test_an_artifact_that_is_made_after_the_approval_is_not_deployed(memory):
    """Redteam 07; its positive control is every test here that passes: the artifact first, then the approval."""
    lab, platform = memory
    run = await started(lab, definition(build="ok", ok="[]", word="evil"))
    assert await approve(lab, run) == DecisionReason.COUNTED
    result = await lab.result(run)

    assert (result.status, result.stopped_by) == ("refused", "ship")
    assert f"SLW021: ship of web to {name_of(lab)}: artifact build.app was made after ok" in result.reason
    assert platform.actions == []


LATE_VERSION = """jobs:
  ok:
    environment: ENV
    approval: {groups: [managers], allow: {author: true, committer: true, starter: true}}
  name:
    needs: ok
    run: echo "version=evil" >> "$SLUICEWAY_OUTPUT"
    outputs: {version: string}
  ship:
    needs: [ok, name]
    environment: ENV
    deploy: {service: web, version: "${{ needs.name.outputs.version }}", command: [x]}
"""


async def test_a_version_that_only_a_later_job_knows_is_not_deployed(memory):
    lab, platform = memory
    run = await started(lab, LATE_VERSION)
    await approve(lab, run)
    result = await lab.result(run)

    assert (result.status, "SLW021" in result.reason) == ("refused", True)
    assert platform.actions == []


async def test_a_tightened_environment_reaches_an_open_approval(memory):
    lab, platform = memory
    run = await started(lab, definition(), name="tightened")
    job = await lab.until_asked(run)
    seen_before = await approvals.sign(lab.engine, run, job, "lead", True, "", lab.settings.keys)
    environment(lab, quorum=2)
    told = await approvals.decide(lab.engine, run, job, seen_before)

    assert (told.counted, told.rule) == (False, DecisionReason.RULE)
    assert await approve(lab, run) == DecisionReason.COUNTED
    assert (await approvals.view(lab.engine, run, job)).outcome == "pending"
    assert platform.actions == []
    assert await approve(lab, run, "second") == DecisionReason.COUNTED
    assert (await lab.result(run)).status == "passed"


async def test_a_decision_under_the_rule_before_helps_to_grant_nothing(memory):
    lab, _ = memory
    environment(lab, quorum=2)
    run = await started(lab, definition(), name="tightened-between")
    assert await approve(lab, run) == DecisionReason.COUNTED
    environment(lab, quorum=2, max_expires=3600)
    job = await lab.until_asked(run)
    assert await approve(lab, run, "second") == DecisionReason.RULE
    view = await approvals.view(lab.engine, run, job)

    assert [one.rule for one in view.records] == [DecisionReason.RULE, DecisionReason.RULE]
    assert "2 of 2 approvals" in view.waiting_for
    await runs.cancel(lab.engine, run, "enough")


HOLD = "  hold: {needs: ok, approval: {groups: [managers], allow: {author: true, committer: true, starter: true}}}\n"


async def test_a_rule_that_changes_before_the_deployment_refuses_it(memory):
    lab, platform = memory
    text = definition().replace("  ship:", HOLD + "  ship:").replace("[ok, build]", "[ok, build, hold]")
    run = await started(lab, text, name="tightened-after")
    assert await approve(lab, run) == DecisionReason.COUNTED
    await until(lambda: _asks(lab, run, "hold"))
    environment(lab, quorum=2)
    assert await approve(lab, run) == DecisionReason.COUNTED
    result = await lab.result(run)

    assert result.status == "refused"
    assert f"SLW023: the rule of environment {name_of(lab)} changed" in result.reason
    assert platform.actions == []


async def _asks(lab: Lab, run: str, job: str) -> bool:
    return await approvals.pending(lab.engine, run) == [job]


THIEF = """jobs:
  thief:
    run: find "$(dirname "$(dirname "$(dirname "$SLUICEWAY_WORKSPACE")")")" -name 'lead*' -o -name 'second*' > found 2>/dev/null || true; ! test -s found
"""


async def test_a_job_that_looks_for_keys_of_people_in_the_home_finds_none(memory, tmp_path):
    """Redteam 08; its positive control is every approval here, whose key is in the person's own folder."""
    lab, _ = memory

    assert (await lab.result(await started(lab, THIEF))).status == "passed"
    assert [one.name for one in sorted(lab.settings.keys.iterdir())] == ["lead.key", "second.key"]


@pytest.mark.system
async def test_an_approval_under_the_rule_before_is_asked_again_by_a_rerun(memory):
    lab, _ = memory
    run = await approved(lab, definition(), "tightened-rerun")
    environment(lab, max_expires=3600)
    answer = await again(lab, run, definition(), RerunRequest(From.JOB, "ship"))

    assert "environment's rule changed" in answer.again["ok"]
    await runs.cancel(lab.engine, answer.run, "enough")
