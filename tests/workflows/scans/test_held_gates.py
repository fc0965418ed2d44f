"""A gate that is held waits for a statement or for people, and fails when neither came."""

import json
import secrets

import pytest

from activities.evidence.garbage_collector import Collector
from activities.evidence.run_report import Reporter
from domain.evidence.retention import Keep, Retention
from domain.triggers.events import EventKind
from tests.corpus.samples import WEAK
from tests.support.lab import Lab, until
from tests.support.profile import first_of
from tests.support.suppressions import signed
from workers.client import approvals, runs

TEXT = """apiVersion: sluiceway/v1
kind: Pipeline
name: {name}
on: {{push: {{}}}}
jobs:
  s:
    scan: {{tools: [bandit]}}
  g:
    needs: s
    gate: {{fail-on: low, hold: {{{hold}}}}}
  after:
    needs: g
    run: 'true'
"""
pytestmark = pytest.mark.usefixtures("recorded_scanners")
SUPPRESSED = """apiVersion: sluiceway/v1
kind: Suppressions
suppressions:
  - {rule: B605, reason: constants only, owner: web, approver: security, since: 2026-11-01, expires: 2027-01-20}
  - {rule: B404, reason: constants only, owner: web, approver: security, since: 2026-11-01, expires: 2027-01-20}
"""


STATEMENT = """{"@context": "https://openvex.dev/ns/v0.2.0", "author": "supplier", "statements": "none"}"""


async def held(lab: Lab, hold: str):
    """A run whose gate is closed and held, and its repository."""
    name = f"held-{secrets.token_hex(4)}"
    repo = lab.repo({"sluiceway.yaml": TEXT.format(name=name, hold=hold), "a.py": WEAK}, name)
    run = (await lab.deliver(repo, name, kind=EventKind.PUSH, branch="main")).run

    async def asked() -> bool:
        return await approvals.pending(lab.engine, run) == ["g"]

    await until(asked)
    return run, repo


async def decide(lab: Lab, run: str, approve: bool):
    lab.identity("one", "security")
    decision = await approvals.sign(lab.engine, run, "g", "one", approve, "seen", lab.settings.keys)
    return await approvals.decide(lab.engine, run, "g", decision)


async def ended(lab: Lab, run: str):
    """(status of the run, what the gate said, status of what came after it)."""
    result = await lab.result(run)
    jobs = {job.id: job for job in (await runs.view(lab.engine, run)).jobs}
    return result.status, jobs["g"].reason, jobs["after"].status


async def test_a_held_gate_says_what_it_waits_for_and_people_may_open_it(lab: Lab):
    run, _ = await held(lab, "groups: [security], expires: 1h")
    waits = (await runs.view(lab.engine, run)).waiting_for
    answer = await decide(lab, run, approve=True)
    status, why, after = await ended(lab, run)

    assert "g is held" in waits[0]
    assert answer.outcome == "granted"
    assert (status, after) == ("passed", "passed")
    assert "opened by one, although" in why
    (gate,) = [row for row in lab.records.runs.jobs(run) if row["job"] == "g"]
    page = Reporter(lab.records, lab.wired.store).html(run).decode()
    kept = Collector(lab.records, lab.wired.store, lab.settings.home / "jobs", Retention()).references()
    decided = json.loads(gate["result"])["artifacts"]["decisions"]
    assert gate["status"] == "passed"
    assert {one.keep for one in kept if one.digest == decided} == {Keep.EVIDENCE}
    assert "g opened by approval" in page
    assert "<td>seen</td>" in page


async def test_people_may_keep_it_closed(lab: Lab):
    run, _ = await held(lab, "groups: [security]")
    await decide(lab, run, approve=False)
    status, why, after = await ended(lab, run)

    (gate,) = [row for row in lab.records.runs.jobs(run) if row["job"] == "g"]
    assert (status, after, gate["status"]) == ("failed", "skipped", "failed")
    assert "rejected by one" in why


@pytest.mark.system
async def test_a_suppression_that_is_merged_meanwhile_opens_it(lab: Lab):
    run, repo = await held(lab, "groups: [security]")
    files = signed(lab.registrar, repo.path, SUPPRESSED, vex=STATEMENT)
    repo.commit({**files, "sluiceway.vex.json": STATEMENT})
    status, why, after = await ended(lab, run)

    assert (status, after) == ("passed", "passed"), why
    assert await approvals.pending(lab.engine, run) == []


@pytest.mark.parametrize("hold", first_of("expires: 1s", "groups: [security], expires: 1s"))
async def test_when_nobody_answers_in_time_it_fails(lab: Lab, hold):
    name = f"held-{secrets.token_hex(4)}"
    repo = lab.repo({"sluiceway.yaml": TEXT.format(name=name, hold=hold), "a.py": WEAK}, name)
    run = (await lab.deliver(repo, name, kind=EventKind.PUSH, branch="main")).run
    status, why, _ = await ended(lab, run)

    assert status == "failed"
    assert "held, and then" in why
