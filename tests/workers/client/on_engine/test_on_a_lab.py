"""The ports on a real Temporal: a run is started in the name of whoever may, and followed."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from domain.access.principal import Caller, Principal, PrincipalKind
from domain.core.documents import Node
from domain.core.errors import SluicewayError
from tests.support.given import developers
from tests.support.guards import OpenGuard
from tests.support.lab import HEAD, Lab
from workers.client.on_engine.parts import EngineParts
from workers.client.on_engine.runs.runs import EngineRuns
from workers.client.ports.runs import StartRun

ANN = Caller(principal=Principal(kind=PrincipalKind.PERSON, name="ann"), channel="api")
GREETS = "params: {who: {default: world}}\njobs:\n  greet: {run: echo hello $WHO, env: {WHO: '${{ params.who }}'}}\n"


def parts_of(lab: Lab) -> EngineParts:
    parts = EngineParts(lab.settings, lab.records.database, lambda: lab.wired.store, opened=lab.records)
    parts._engine = lab.engine
    return parts


async def _ended(lab: Lab, run: str) -> Mapping[str, object]:
    await lab.result(run)
    return lab.recorded(run)


async def test_a_run_is_started_once_for_a_key_in_the_name_of_whoever_started_it(lab: Lab) -> None:
    lab.identity("ann")
    developers(lab, "ann")
    repo = lab.repo({"sluiceway.yaml": HEAD.format(name="greets") + GREETS})
    await _ended(lab, (await lab.deliver(repo, "greets")).run)
    runs = EngineRuns(parts_of(lab), OpenGuard(ANN))
    what = StartRun(pipeline="greets", params={"who": "Bob"})

    started = [await runs.start(what, key) for key in ("one", "one", "two")]
    assert started == ["run/greets/2", "run/greets/2", "run/greets/3"]
    for run in started:
        await _ended(lab, run)
    event = Node(json.loads(lab.recorded(started[0])["event"]))
    assert (event["actor"].text(), event["actor_from"].text()) == ("ann", "server")
    log = await runs.log(started[0], "greet")
    assert "hello Bob" in [line.text for line in log.lines]
    details = await runs.show(started[0])
    assert ([job.status for job in details.jobs], details.has_report) == (["passed"], True)


async def test_what_does_not_fit_the_definition_starts_nothing(lab: Lab) -> None:
    repo = lab.repo({"sluiceway.yaml": HEAD.format(name="strict") + GREETS})
    await _ended(lab, (await lab.deliver(repo, "strict")).run)
    runs = EngineRuns(parts_of(lab), OpenGuard(ANN))
    with pytest.raises(SluicewayError) as refused:
        await runs.start(StartRun(pipeline="strict", params={"whom": "Bob"}), "key")
    assert refused.value.code == "SLW501"
    assert lab.records.runs.last_number("strict") == 1
