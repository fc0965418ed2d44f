"""A gate people live with: what a person has accepted on the default branch stops nobody, and what a change brings does."""

from __future__ import annotations

import json
import secrets
import time

import pytest

from activities.access.identity_store import Identity
from activities.scans.baselines.signed_baselines import signed
from activities.scans.suppressions import comments
from activities.source import git
from domain.scans.findings.signed_baseline import SignedBaseline
from domain.triggers.events import EventKind
from domain.triggers.repository_name import repository_name
from tests.corpus.samples import PROGRAMS
from tests.support.known import KEY, PUBLIC
from tests.support.lab import Lab

TEXT = """apiVersion: sluiceway/v1
kind: Pipeline
name: {name}
on: {{push: {{}}, pull-request: {{}}}}
jobs:
  s: {{scan: {{tools: [bandit, markers]}}}}
  g: {{needs: s, gate: {{fail-on: low}}}}
"""
pytestmark = pytest.mark.usefixtures("recorded_scanners")


class Pipeline:
    """A pipeline whose gate says nothing of a baseline."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.name = lab, f"accepted-{secrets.token_hex(4)}"
        self.repo = lab.repo({"sluiceway.yaml": TEXT.format(name=self.name), "a.py": PROGRAMS["weak"]}, self.name)

    async def push(self, code: str, kind: EventKind = EventKind.PUSH, branch: str = "main") -> tuple[str, str, str]:
        """The status, why, and the comment that the gate made."""
        if kind is EventKind.PULL_REQUEST:
            git.git("checkout", "-q", "-B", "topic", cwd=self.repo.path)
        self.repo.head = self.repo.commit({"a.py": code})
        git.git("checkout", "-q", "main", cwd=self.repo.path)
        run = (await self.lab.deliver(self.repo, self.name, kind=kind, branch=branch)).run
        status = (await self.lab.result(run)).status
        (row,) = [row for row in self.lab.records.runs.jobs(run) if row["job"] == "g"]
        result = json.loads(row["result"])
        comment = result.get("artifacts", {}).get(comments.COMMENT, "")
        why = " | ".join(json.loads(self.lab.wired.store.get(result["report"]))["reasons"])
        return status, why, self.lab.wired.store.get(comment).decode() if comment else ""

    def accept(self, who: str = "lead") -> None:
        """What `sluiceway findings baseline set` does."""
        self.lab.registrar.person(Identity("lead", PUBLIC))
        (row,) = [row for row in self.lab.records.branch_scans.newest() if row["pipeline"] == self.name]
        one = SignedBaseline(
            pipeline=self.name,
            repository=repository_name(row["repo"]),
            branch="main",
            job="s",
            commit=row["commit_id"],
            report=row["report"],
            findings=sum(row["counts"].values()),
            reason="as we found it",
            person=who,
            made_at=int(time.time()),
        )
        self.lab.records.signed_baselines.add(signed(one, row["repo"], KEY))


async def test_a_pull_request_with_old_findings_passes_and_one_that_brings_a_finding_fails(lab: Lab) -> None:
    pipeline = Pipeline(lab)
    first, why, comment = await pipeline.push(PROGRAMS["weak"])
    pipeline.accept()
    same = await pipeline.push(PROGRAMS["weak-with-a-comment"], EventKind.PULL_REQUEST)
    more = await pipeline.push(PROGRAMS["twice"], EventKind.PULL_REQUEST)

    assert (first, comment) == ("failed", "")
    assert "every finding of scan s counts, old or new: nobody has set a baseline of main" in why
    assert same[0] == "passed"
    assert "is judged against the baseline of main that lead set" in same[1]
    assert "No new findings" in same[2]
    assert more[0] == "failed"
    assert "1 new finding" in more[2]


async def test_a_baseline_of_somebody_who_is_not_registered_opens_nothing(lab: Lab) -> None:
    pipeline = Pipeline(lab)
    await pipeline.push(PROGRAMS["weak"])
    pipeline.accept("stranger")
    status, why, _ = await pipeline.push(PROGRAMS["weak-with-a-comment"], EventKind.PULL_REQUEST)

    assert status == "failed"
    assert "SLW039" in why
