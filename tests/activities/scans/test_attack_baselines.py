"""What is old is what stood on the default branch: nobody makes their own findings old, by no run, row or report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from activities.access.identity_store import Identity
from activities.core import serialization as serial
from activities.evidence.garbage_collector import Collector
from activities.jobs.port import JobInput
from activities.scans.baselines.signed_baseline_store import SignedBaselineRecord
from activities.scans.gate import GateActivities
from activities.source import git
from domain.evidence.retention import Retention
from domain.jobs.result import Status
from domain.pipelines.job import Job, JobKind
from domain.policy.policy import Policy, PolicyFor, Rules, Scope, SuppressionRule
from domain.scans import gate
from domain.scans.findings.model import ScanReport, ScanState, State
from domain.scans.findings.pull_request import brought
from domain.scans.spec import GateSpec
from domain.supply_chain import attestation
from domain.triggers.events import EventKind, EventRef
from domain.triggers.source import SourceRef
from tests.support.known import MAIN, PULL_REQUEST, Installation, weak

AUTO = GateSpec(accepted=True)


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def passes(here: Installation, input: JobInput, report: ScanReport, digest: str = "") -> bool:
    accepted = {"scan": here.known.set_for(input, "scan").accepted(digest)}
    return gate.judge(AUTO, {"scan": report}, accepted=accepted).passed


def with_baseline(here: Installation) -> tuple[JobInput, str, SignedBaselineRecord]:
    """A commit of main with one old finding, and the baseline that a person has signed of it."""
    input = here.input(here.commit("one"))
    _, digest = here.scan(input, weak("call(a)"))
    return input, digest, here.sign(input, digest)


def test_what_a_signed_baseline_has_passes_and_what_is_new_does_not(here: Installation) -> None:
    first = here.input(here.commit("one"))
    report, digest = here.scan(first, weak("call(a)"))
    assert not passes(here, first, report)
    here.sign(first, digest)
    request = here.input(here.commit("two", "topic"), PULL_REQUEST)
    same, _ = here.scan(request, weak("call(a)", line=9))
    more, _ = here.scan(request, weak("call(a)"), weak("call(b)"))

    assert passes(here, first, report, digest)  # the gate alone runs again
    assert not passes(here, first, report)
    assert passes(here, request, same)
    assert not passes(here, request, more)


@pytest.mark.parametrize(
    "event",
    [
        PULL_REQUEST,
        EventRef(EventKind.PUSH, "topic"),
        EventRef(EventKind.MANUAL, "main"),
        EventRef(EventKind.PUSH, "", "v1"),
    ],
)
def test_attack_no_run_of_another_branch_says_what_is_old(here: Installation, event: EventRef) -> None:
    here.scan(here.input(here.commit("one")))
    hostile = here.input(here.commit("two", "topic"), event)
    _, digest = here.scan(hostile, weak("call(b)"))

    assert not here.known.keep(hostile, "scan", digest)
    assert here.known.baselines.of(here.scanned())[0] is None
    last = here.known.scans.last(here.scanned())
    assert last
    assert last["commit_id"] != hostile.source.commit


def test_attack_a_rerun_of_an_old_commit_does_not_bring_back_what_was_fixed(here: Installation) -> None:
    old = here.input(here.commit("one"))
    _, before = here.scan(old, weak("call(a)"))
    assert here.known.keep(old, "scan", before)
    new = here.input(here.commit("two"))
    _, now = here.scan(new)
    assert here.known.keep(new, "scan", now)
    _, again = here.scan(old, weak("call(a)"))

    assert not here.known.keep(old, "scan", again)
    report, _ = here.scan(here.input(here.commit("three")), weak("call(a)"))
    assert [one.state for one in report.findings] == [State.NEW]


def test_attack_a_scan_of_uncommitted_files_says_nothing_of_the_branch(here: Installation) -> None:
    commit = here.commit("one")
    snapshot = replace(here.input(commit), source=SourceRef(f"snapshot:{here.repo}", commit))
    report, digest = here.scan(snapshot, weak("call(a)"))

    assert report.trend == ()
    assert not here.known.keep(snapshot, "scan", digest)
    assert here.known.scans.last(here.scanned()) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"commit_id": "f" * 40},
        {"report": "0" * 64},
        {"person": "eve"},
        {"signature": ""},
        {"signature": "x"},
        {"findings": 9},
        {"reason": "another"},
    ],
)
def test_attack_a_changed_or_unsigned_record_is_no_baseline(here: Installation, changed: dict[str, str]) -> None:
    input, _, row = with_baseline(here)
    here.records.signed_baselines.add({**row, **changed, "made_at": row["made_at"] + 1})  # type: ignore[typeddict-item]
    found = here.known.set_for(input, "scan")

    assert found.report is None
    assert "SLW039" in found.words


@pytest.mark.parametrize(
    "signed",
    [{"branch": "topic"}, {"repository": "/srv/other"}, {"pipeline": "other"}, {"job": "other"}, {"made_at": 2**40}],
)
def test_attack_a_signature_for_something_else_is_no_baseline(here: Installation, signed: dict[str, str]) -> None:
    input = here.input(here.commit("one"))
    _, digest = here.scan(input, weak("call(a)"))
    row = here.sign(input, digest, **signed)
    ours = {"pipeline": "web", "branch": "main", "job": "scan", "made_at": row["made_at"] - 1}
    here.records.signed_baselines.add({**row, **ours})  # type: ignore[typeddict-item]

    assert here.known.set_for(input, "scan").report is None


def test_attack_a_person_who_left_or_who_may_not_accept_risks_has_set_none(here: Installation) -> None:
    input, _, _ = with_baseline(here)
    assert here.known.set_for(input, "scan").report
    strict = Rules(suppressions=SuppressionRule(groups=frozenset({frozenset({"chiefs"})})))
    here.rule = lambda push: PolicyFor(push, (Policy(name="strict", digest="d", scope=Scope(), rules=strict),))
    assert "of no group" in here.known.set_for(input, "scan").words
    here.rule = PolicyFor
    here.records.identities.save(Identity("lead", "x" * 43 + "="))
    assert "has not signed it" in here.known.set_for(input, "scan").words
    here.records.identities.remove("lead")
    assert "no registered identity" in here.known.set_for(input, "scan").words


def test_attack_a_policy_of_pushes_says_who_may_accept_for_pull_requests_too(here: Installation) -> None:
    with_baseline(here)
    chiefs = Rules(suppressions=SuppressionRule(groups=frozenset({frozenset({"chiefs"})})))
    strict = Policy(name="strict", digest="d", rules=chiefs)
    here.rule = lambda push: PolicyFor(push, (strict,) if push.event is EventKind.PUSH else ())
    request = here.input(here.commit("two", "topic"), PULL_REQUEST)

    assert "of no group" in here.known.set_for(request, "scan").words


def test_attack_a_report_that_no_scan_here_made_is_no_baseline(here: Installation) -> None:
    input = here.input(here.commit("one"))
    forged = here.store.put(serial.dump(ScanReport(merged=(weak("call(a)", fingerprint="f"),))))
    here.sign(input, forged)
    assert "not of a scan of this commit" in here.known.set_for(input, "scan").words

    topic = here.input(here.commit("two", "topic"), EventRef(EventKind.PUSH, "topic"))
    _, digest = here.scan(topic, weak("call(b)"))
    here.sign(topic, digest, made_at=2**31 - 1)
    assert here.known.set_for(topic, "scan").report is None
    here.sign(topic, digest, branch="main")
    assert here.known.set_for(topic, "scan").report is None


def test_attack_a_commit_that_was_taken_off_the_branch_is_no_baseline(here: Installation) -> None:
    here.commit("zero")
    with_baseline(here)
    git.git("reset", "-q", "--hard", "HEAD~1", cwd=Path(here.repo))
    later = here.input(here.commit("other history"))
    here.known.scans.branches.mirrors.refresh(here.repo)

    assert "its commit is not on main" in here.known.set_for(later, "scan").words


def test_attack_another_repository_with_the_same_pipeline_has_no_part_in_it(here: Installation) -> None:
    with_baseline(here)
    other = here.made_repo("other")
    hostile = here.input(here.commit("one", repo=other), repo=other)

    assert "nobody has set a baseline" in here.known.set_for(hostile, "scan").words
    report, _ = here.scan(hostile, weak("call(a)"))
    assert not passes(here, hostile, report)


def test_attack_a_report_that_the_repository_brings_announces_no_weakness_to_come(here: Installation) -> None:
    input = here.input(here.commit("one"))
    _, digest = here.scan(input, weak("call(a)", imported=True))
    here.sign(input, digest)
    later = here.input(here.commit("two"))
    report, _ = here.scan(later, weak("call(a)"))
    both, _ = here.scan(later, weak("call(a)"), weak("call(a)", path="b.py", imported=True))

    assert [one.state for one in report.findings] == [State.NEW]
    assert not passes(here, later, report)
    assert not passes(here, later, both)


def test_attack_a_loosened_gate_accepts_nothing_that_a_person_has_not(here: Installation) -> None:
    with_baseline(here)
    loose = here.input(here.commit("two"))
    _, digest = here.scan(loose, weak("call(a)"), weak("call(b)"))
    assert here.known.keep(loose, "scan", digest)  # its gate was open for everything
    strict = here.input(here.commit("three"))
    report, _ = here.scan(strict, weak("call(a)"), weak("call(b)"))

    assert [one.state for one in report.findings] == [State.EXISTING, State.EXISTING]
    assert not passes(here, strict, report)


def test_attack_a_row_that_somebody_else_has_written_is_no_scan_of_the_branch(here: Installation) -> None:
    here.scan(here.input(here.commit("one")), weak("call(a)"))
    row = here.known.scans.last(here.scanned())
    assert row
    here.records.branch_scans.save({**row, "counts": {}, "made_at": row["made_at"] + 1})

    assert here.known.scans.last(here.scanned()) is None
    assert here.known.scans.newest() == []


def test_a_finding_keeps_its_first_day_although_no_gate_was_ever_green(here: Installation) -> None:
    first = here.input(here.commit("one"))
    here.scan(first, weak("call(a)"))
    report, _ = here.scan(here.input(here.commit("two")), weak("call(a)"), weak("call(b)"))
    days = {one.code: (one.since, one.since_commit) for one in report.findings}

    assert days["call(a)"][1] == first.source.commit
    assert days["call(a)"][0] < days["call(b)"][0]


def test_the_trend_says_what_was_opened_and_fixed_on_the_default_branch(here: Installation) -> None:
    here.scan(here.input(here.commit("one")), weak("call(a)"))
    report, _ = here.scan(here.input(here.commit("two")), weak("call(b)"), weak("call(c)"))
    request, _ = here.scan(here.input(here.commit("three", "topic"), PULL_REQUEST))

    assert [(one.total, one.opened, one.fixed) for one in report.trend] == [(1, 0, 0), (2, 2, 1)]
    assert request.trend == report.trend


def test_a_pull_request_does_not_bring_what_a_red_default_branch_has(here: Installation) -> None:
    here.scan(here.input(here.commit("one")), weak("call(a)"))
    report, _ = here.scan(here.input(here.commit("two", "topic"), PULL_REQUEST), weak("call(a)"), weak("call(b)"))

    assert [one.state for one in report.findings] == [State.NEW, State.NEW]
    assert [one.code for one in brought(report).findings] == ["call(b)"]


def test_owners_come_from_the_default_branch(here: Installation) -> None:
    (Path(here.repo) / "CODEOWNERS").write_text("*.py @web\n")
    here.scan(here.input(here.commit("one")))
    topic = here.input(here.commit("two", "topic"), PULL_REQUEST)
    report, _ = here.scan(topic, weak("call(a)"), weak("call(b)", path="b.txt"))

    assert sorted(one.owner for one in report.findings) == ["", "@web"]


def test_an_incomplete_scan_is_remembered_as_such(here: Installation) -> None:
    here.scan(here.input(here.commit("one"), MAIN), state=ScanState.INCOMPLETE)
    row = here.known.scans.last(here.scanned())

    assert row
    assert not row["complete"]


def test_what_makes_a_baseline_count_is_not_collected(here: Installation) -> None:
    _, digest, _ = with_baseline(here)
    kept = {one.digest for one in Collector(here.records, here.store, here.folder, Retention()).references()}

    assert {digest, here.records.attestations.get(digest, attestation.SCAN)} <= kept


def test_attack_a_plan_from_before_the_upgrade_excuses_nothing_that_only_passed_once(here: Installation) -> None:
    scan = here.input(here.commit("one"))
    _, digest = here.scan(scan, weak("call(a)"))
    assert here.known.keep(scan, "scan", digest)  # an advisory gate let it pass
    later = here.input(here.commit("two"))
    report, digest = here.scan(later, weak("call(a)"))
    gates = GateActivities(here.store, Unrecorded(), SimpleNamespace(), here.known)  # type: ignore[arg-type]
    job = Job(id="gate", kind=JobKind.GATE, gate=GateSpec(new_only=True))
    judged = gates._gate(replace(later, job=job, reports={"scan": digest}))

    assert [one.state for one in report.findings] == [State.EXISTING]
    assert (judged.status, "new-only asks for a signed baseline" in judged.reason) == (Status.FAILED, True)
    here.sign(later, digest)
    assert gates._gate(replace(later, job=job, reports={"scan": digest})).status is Status.PASSED


class Unrecorded:
    """Evidence of nothing."""

    def complaint(self, *_: object) -> str:
        return ""

    def record(self, *_: object) -> None:
        """Nothing."""

    attest = record
