"""Each effect has an intent before it, and an outcome after it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.access.audit_log import AuditLog
from activities.storage.opening import open_database
from domain.access.audit import AuditEntry, AuditKind, AuditOutcome, entry_of
from domain.authority.permit import Claim, Effect
from domain.core.errors import RefusedError, SluicewayError
from tests.support.signers import JOBS, Signing, execution, release
from workers.worker.effect_audit import AuditedAuthority, EffectOutcomes

ROOT = Path(__file__).parents[3]
INPUT: Any = SimpleNamespace(args=())


class Activity(ActivityInboundInterceptor):
    """The end of the chain: an activity that asks for permits in a thread, as ours do."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        return await asyncio.to_thread(self.work)


class Scene:
    def __init__(self, folder: Any) -> None:
        self.signing, self.log = Signing(), AuditLog(open_database(folder / "records.db"))
        self.signing.begun()
        self.signing.judged()
        self.signing.decided()
        signing = self.signing
        self.authority = AuditedAuthority(signing.authority.answer, signing.blobs.__getitem__, self.log)

    def run(self, work: Callable[[], Any]) -> Any:
        chain = EffectOutcomes(self.log).intercept_activity(Activity(work))
        return asyncio.run(asyncio.wait_for(chain.execute_activity(INPUT), 120))

    def entries(self) -> list[AuditEntry]:
        return [entry_of(one.body.encode()) for one in self.log.store.entries()]

    def told(self) -> list[tuple[str, str, str]]:
        return [(one.event.kind.value, one.event.outcome.value, one.event.resource) for one in self.entries()]


@pytest.fixture
def scene(tmp_path: Any) -> Scene:
    return Scene(tmp_path)


def test_an_effect_that_goes_well_has_both_and_they_name_each_other(scene: Scene) -> None:
    def job() -> object:
        scene.authority.permit(execution(JOBS[0]))
        return SimpleNamespace(status="passed")

    scene.run(job)
    assert scene.told() == [("intent", "begun", "run:run/shop/1"), ("outcome", "done", "run:run/shop/1")]
    intent, outcome = scene.entries()
    assert outcome.event.details["intent"] == intent.seq
    assert intent.event.details["permit"]
    assert (intent.event.actor, intent.event.rule, intent.event.channel) == ("owner:owner", "owner/home", "effect")


@pytest.mark.parametrize(
    "end", [SimpleNamespace(status="failed"), SimpleNamespace(ok=False), SluicewayError("SLW801", "gone"), OSError()]
)
def test_an_effect_that_goes_wrong_is_told_as_such(scene: Scene, end: Any) -> None:
    def action() -> object:
        scene.authority.permit(release())
        if isinstance(end, Exception):
            raise end
        return end

    with contextlib.suppress(SluicewayError, OSError):
        scene.run(action)
    assert scene.told()[-1] == ("outcome", "failed", "environment:prod")


def test_a_refused_effect_is_recorded_and_has_no_outcome(scene: Scene) -> None:
    def other() -> None:
        scene.authority.permit(Claim(effect=Effect.EXEC, subject="x", what={}, run="run/shop/1"))

    with pytest.raises(RefusedError):
        scene.run(other)
    assert [one[:2] for one in scene.told()] == [("intent", "denied")]
    assert scene.entries()[0].event.rule.startswith("SLW01")


def test_a_secret_is_recorded_by_its_reference(scene: Scene) -> None:
    scene.signing.decided()
    claim = Claim(effect=Effect.SECRET, subject="store:mail", what={}, run="run/shop/1", job="tell")
    scene.run(lambda: scene.authority.permit(claim))
    assert scene.told() == [("secret", "allowed", "secret:store:mail")]


def test_what_cannot_be_recorded_is_not_done(scene: Scene) -> None:
    done: list[str] = []

    def job() -> None:
        scene.authority.permit(execution(JOBS[0]))
        done.append("job")

    with scene.log.store._database.write() as connection:
        connection.exec_driver_sql("drop table audit_entries")
    with pytest.raises(SluicewayError, match="SLW480"):
        scene.run(job)
    assert done == []


def test_a_decision_is_recorded_once_with_whom_the_signer_verified(scene: Scene) -> None:
    made = scene.signing.decided(approver="ada")
    for _ in range(3):
        scene.authority.decision(made)
    (entry,) = scene.entries()
    event = entry.event
    assert (event.kind, event.outcome, event.actor) == (AuditKind.APPROVAL, AuditOutcome.DONE, "person:ada")
    assert (event.resource, event.details["approve"]) == ("environment:prod", True)


def test_a_decision_in_somebody_elses_name_is_recorded_as_nobodys(scene: Scene) -> None:
    made = replace(scene.signing.decided(), approver="mallory", signature="forged", comment="x" * 10_000)
    scene.authority.decision(made)
    event = scene.entries()[0].event
    assert (event.outcome, event.actor) == (AuditOutcome.DENIED, "anonymous:anonymous")
    assert (event.details["claimed"], event.details["signed"]) == ("mallory", True)


def test_a_signature_that_was_seen_before_hides_no_other_decision(scene: Scene) -> None:
    made = scene.signing.decided(approver="ada")
    forged = replace(made, approver="mallory", comment="another one")
    for one in (forged, made, forged, made):
        scene.authority.decision(one)
    assert [(one.event.outcome, one.event.actor) for one in scene.entries()] == [
        (AuditOutcome.DENIED, "anonymous:anonymous"),
        (AuditOutcome.DONE, "person:ada"),
    ]


def test_every_kind_of_entry_is_recorded_by_something() -> None:
    """docs/audit.md lists them: a kind that nothing records would be a promise that nobody keeps."""
    text = "".join(file.read_text() for part in ("workers", "activities") for file in (ROOT / part).rglob("*.py"))
    assert [kind.name for kind in AuditKind if f"AuditKind.{kind.name}" not in text] == []
    page = (ROOT / "docs" / "audit.md").read_text()
    assert [kind.value for kind in AuditKind if f"`{kind.value}`" not in page] == []
