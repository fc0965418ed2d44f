"""Scans and gates in runs: baselines of the default branch, suppressions that were reviewed, evidence that holds."""

import hashlib
import json
import secrets

import pytest

from activities.access.identity_store import Identity
from activities.core import serialization as serial
from activities.evidence.bundle import Bundler
from activities.evidence.garbage_collector import Collector
from activities.source import git
from activities.source.mirrors import Mirrors
from activities.supply_chain.attestation_store import AttestationStore
from activities.supply_chain.attestations import opened
from activities.supply_chain.signing import FileSigner
from domain.core.documents import Node
from domain.evidence.retention import Retention
from domain.scans.findings.model import ScanReport, State
from domain.triggers.events import EventKind
from tests.corpus.samples import PROGRAMS
from tests.support.known import PUBLIC, signed_baseline
from tests.support.lab import Lab, Repo
from tests.support.suppressions import signed

TEXT = """apiVersion: sluiceway/v1
kind: Pipeline
name: {name}
on: {{push: {{}}, pull-request: {{}}}}
jobs:
  s:
    scan: {{tools: [bandit, markers]}}
  g:
    needs: s
    gate: {{new-only: {new_only}, fail-on: {fail_on}}}
"""
KNOWN, NEW = PROGRAMS["weak"], PROGRAMS["twice"]
"""What bandit says of these is recorded; another text needs a recording of its own."""
pytestmark = pytest.mark.usefixtures("recorded_scanners")
SUPPRESSED = """apiVersion: sluiceway/v1
kind: Suppressions
suppressions:
  - {rule: B605, reason: constants only, owner: web, approver: security, since: 2026-11-01, expires: 2027-01-20}
"""


class Scanned:
    """One pipeline in one repository."""

    def __init__(self, lab: Lab, code: str, new_only: str = "auto") -> None:
        self.lab, self.name, self.new_only = lab, f"scanned-{secrets.token_hex(4)}", new_only
        self.digest = ""
        files = {"sluiceway.yaml": self.text("critical"), "a.py": code}
        self.repo = lab.repo(files, self.name)

    def text(self, fail_on: str) -> str:
        return TEXT.format(name=self.name, new_only=self.new_only, fail_on=fail_on)

    def sign(self) -> None:
        """A person sets the last scan as the baseline."""
        self.lab.registrar.person(Identity("lead", PUBLIC))
        commit, repo = git.resolve(self.repo.path, "HEAD"), str(self.repo.path)
        row = signed_baseline(self.name, repo, commit, self.digest, job="s")
        self.lab.records.signed_baselines.add(row)

    async def run(self, code: str = "", fail_on: str = "high", branch: str = "main", **event):
        """The run's status, the gate's reasons, and the report of the scan."""
        kind = event.pop("kind", EventKind.PUSH)
        files = {"sluiceway.yaml": self.text(fail_on), **event.pop("files", {})}
        tree = event.pop("tree", self.repo)
        self.repo.head = tree.commit({**files, **({"a.py": code} if code else {})})
        run = (await self.lab.deliver(self.repo, self.name, kind=kind, branch=branch, **event)).run
        result = await self.lab.result(run)
        rows = {row["job"]: json.loads(row["result"]) for row in self.lab.records.runs.jobs(run)}
        self.digest = rows["s"]["report"]
        report = serial.load(ScanReport, self.lab.wired.store.get(self.digest))
        verdict = json.loads(self.lab.wired.store.get(rows["g"]["report"]))
        return result.status, " | ".join(verdict["reasons"]), report


async def test_what_a_person_has_signed_is_let_through_and_what_is_new_or_was_only_green_is_not(lab: Lab):
    scanned = Scanned(lab, KNOWN, "required")
    first = await scanned.run(KNOWN, fail_on="critical")
    scanned.sign()
    same = await scanned.run(PROGRAMS["weak-with-a-comment"], kind=EventKind.PULL_REQUEST, branch="topic")
    more = await scanned.run(NEW, kind=EventKind.PULL_REQUEST, branch="topic")

    assert first[0] == "failed"
    assert "new-only asks for a signed baseline" in first[1]
    assert same[0] == "passed"
    assert "in the baseline" in same[1]
    assert more[0] == "failed"
    assert [one.state for one in more[2].findings if one.rule == "B605"].count(State.NEW) == 1


@pytest.mark.system
async def test_a_pull_request_never_becomes_the_baseline(lab: Lab):
    scanned = Scanned(lab, KNOWN)
    await scanned.run(KNOWN, fail_on="critical")
    await scanned.run(NEW, fail_on="critical", kind=EventKind.PULL_REQUEST, branch="main")

    _, _, report = await scanned.run(PROGRAMS["twice-and-longer"])
    assert [one.state for one in report.findings if one.rule == "B605"].count(State.NEW) == 1


async def test_a_baseline_that_somebody_else_has_written_is_none(lab: Lab):
    scanned = Scanned(lab, KNOWN)
    await scanned.run(KNOWN, fail_on="critical")
    (row,) = [row for row in lab.records.baselines.all() if row["pipeline"] == scanned.name]
    lab.records.baselines.save({**row, "signature": "0" * 64})
    status, reasons, report = await scanned.run(PROGRAMS["weak-again"])

    assert status == "failed"
    assert "nobody has set a baseline" in reasons
    assert any("not signed by this installation" in note for note in report.notes)


async def test_a_change_cannot_bring_its_own_suppression_and_a_merged_one_counts(lab: Lab):
    scanned = Scanned(lab, PROGRAMS["nothing"])
    await scanned.run(PROGRAMS["still-nothing"])
    topic = Repo(scanned.repo.path.with_name(f"{scanned.name}-topic"), "")
    git.git("worktree", "add", "-q", "-b", "topic", str(topic.path), cwd=scanned.repo.path)
    files = signed(lab.registrar, scanned.repo.path, SUPPRESSED)
    mine = await scanned.run(KNOWN, kind=EventKind.PULL_REQUEST, branch="topic", files=files, tree=topic)
    git.git("merge", "-q", "topic", cwd=scanned.repo.path)
    merged = await scanned.run(PROGRAMS["weak-and-merged"])

    assert mine[0] == "failed"
    assert merged[0] == "passed"
    assert "1 suppressed" in merged[1]


async def test_attack_a_push_that_brings_the_weakness_cannot_bring_its_own_suppression(lab: Lab):
    scanned = Scanned(lab, PROGRAMS["nothing"])
    await scanned.run(PROGRAMS["still-nothing"])
    status, reasons, report = await scanned.run(KNOWN, files={"sluiceway.suppressions.yaml": SUPPRESSED})
    later, _, _ = await scanned.run(PROGRAMS["weak-and-merged"])
    good = signed(lab.registrar, scanned.repo.path, SUPPRESSED)
    allowed, words, _ = await scanned.run(KNOWN, files=good)

    assert (status, later, allowed) == ("failed", "failed", "passed")
    assert "1 suppressed" in words
    assert "suppressed" not in reasons
    assert any("SLW055" in note for note in report.notes)


async def test_attack_a_push_that_brings_the_weakness_cannot_loosen_its_gate(lab: Lab):
    scanned = Scanned(lab, PROGRAMS["nothing"])
    await scanned.run(PROGRAMS["still-nothing"])
    before = scanned.repo.head
    status, reasons, _ = await scanned.run(KNOWN, fail_on="never", base=before)
    later, words, _ = await scanned.run(PROGRAMS["weak-and-merged"], fail_on="never", base=scanned.repo.head)

    assert status == "failed"
    assert "as set before the push" in reasons
    assert later == "passed", words


async def test_what_a_baseline_needs_is_not_collected(lab: Lab):
    scanned = Scanned(lab, KNOWN)
    await scanned.run(KNOWN, fail_on="critical")
    (row,) = [row for row in lab.records.baselines.all() if row["pipeline"] == scanned.name]
    kept = Collector(lab.records, lab.wired.store, lab.settings.home / "jobs", Retention()).references()

    assert row["report"] in {one.digest for one in kept}


async def test_a_report_whose_signature_is_gone_closes_the_gate(lab: Lab, monkeypatch):
    scanned = Scanned(lab, PROGRAMS["hello"])
    monkeypatch.setattr(AttestationStore, "get", lambda self, subject, kind: "0" * 64)
    status, reasons, _ = await scanned.run(PROGRAMS["hello-again"])

    assert status == "failed"
    assert "not trusted" in reasons


async def test_the_report_of_a_run_shows_states_notes_and_what_each_tool_found(lab: Lab):
    scanned = Scanned(lab, KNOWN)
    await scanned.run(KNOWN, fail_on="critical")
    (run,) = [row["id"] for row in lab.records.runs.latest(scanned.name)]
    page = lab.wired.store.get(lab.recorded(run)["report"]).decode()

    assert "no baseline: no scan of main has passed its gate yet" in page
    assert "<td>new</td><td>bandit B605</td>" in page
    assert "<td>bandit</td><td>1.9.4</td>" in page
    assert "<td>1</td></tr>" in page


@pytest.mark.system
async def test_reports_of_other_tools_are_judged_with_the_rest(lab: Lab):
    result = {
        "ruleId": "R1",
        "level": "error",
        "message": {"text": "bad"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.py"}, "region": {"startLine": 5}}}],
    }
    document = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Other"}}, "results": [result]}]}
    jobs = (
        "jobs:\n  other:\n    run: cp in.json out.sarif\n    artifacts: {out: {report: out.sarif}}\n"
        "  s:\n    needs: other\n    scan: {tools: [markers], sarif: '*.sarif'}\n    artifacts: {in: other.report}\n"
        "  g:\n    needs: s\n    gate: {}\n"
    )
    run, _ = await lab.run(jobs, {"in.json": json.dumps(document), "a.py": KNOWN})

    assert run.status == "failed"
    assert "R1 at a.py:5" in run.reason


async def test_a_critical_rule_of_an_extension_closes_the_gate_and_a_suppression_of_its_tool_opens_none(lab: Lab):
    rule = {"id": "py/x", "properties": {"security-severity": "9.8"}}
    tool = {"driver": {"name": "CodeQL"}, "extensions": [{"name": "queries", "rules": [rule]}]}
    passed = {"ruleId": "py/x", "kind": "pass", "message": {"text": "fine"}}
    hidden = {"ruleId": "py/x", "message": {"text": "bad"}, "suppressions": [{"kind": "external"}]}
    document = {"version": "2.1.0", "runs": [{"tool": tool, "results": [passed, hidden]}]}
    jobs = (
        "jobs:\n  s:\n    scan: {tools: [markers], sarif: ./r.sarif}\n"
        "  strict:\n    needs: s\n    gate: {fail-on: critical}\n"
        "  mild:\n    needs: s\n    gate: {fail-on: critical, tool-suppressions: accept}\n"
    )
    _, view = await lab.run(jobs, {"r.sarif": json.dumps(document), "a.py": KNOWN})
    ends = {job.id: job.status for job in view.jobs}

    assert (ends["strict"], ends["mild"]) == ("failed", "passed")


async def test_a_report_that_was_promised_and_is_not_there_fails_the_scan(lab: Lab):
    run, _ = await lab.run("jobs:\n  s:\n    scan: {tools: [markers], sarif: '*.sarif'}\n", {"a.py": KNOWN})

    assert run.status == "failed"
    assert "no file matches" in run.reason


async def test_a_bundle_holds_signatures_that_an_outsider_can_verify(lab: Lab):
    scanned = Scanned(lab, PROGRAMS["hello"])
    await scanned.run(PROGRAMS["hello-again"])
    (run,) = [row["id"] for row in lab.records.runs.latest(scanned.name)]
    key = FileSigner(lab.settings.signing_key).public_key()
    files = Bundler(lab.records, lab.wired.store, Mirrors(lab.settings.mirrors), key).collect(run).files
    report, envelope = files["jobs/s/1/findings.json"], files["jobs/s/1/signature.dsse.json"]
    statement = Node(opened(envelope, [files["signing.pub"]]))

    assert statement["subject"].first().at("digest", "sha256").text() == hashlib.sha256(report).hexdigest()
    assert statement.at("predicate", "commit").text() == scanned.repo.head
    assert Node(opened(files["jobs/g/1/signature.dsse.json"], [key])).at("predicate", "passed").value is True
