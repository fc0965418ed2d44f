"""Baselines that people have signed: which of them counts, and what it lets through."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.access import public_keys
from activities.access.identity_store import Identity
from activities.core import serialization as serial
from activities.scans.baselines.baselines import Scanned
from activities.scans.baselines.branch_scans import open_of
from activities.scans.baselines.branches import Branches, default_branch
from activities.scans.baselines.signed_baseline_store import SignedBaselineRecord, SignedBaselineStore
from activities.storage.port import Store
from activities.supply_chain.attestations import Attestor
from domain.core.errors import SluicewayError
from domain.policy.policy import SuppressionRule
from domain.scans.counting import Accepted
from domain.scans.findings.model import ScanReport, Severity
from domain.scans.findings.signed_baseline import SignedBaseline, baseline_text
from domain.supply_chain import attestation
from domain.triggers.repository_name import repository_name

CODE = "SLW039"
AHEAD_S = 300
"""How far the clock of whoever signed may be ahead."""


@dataclass(frozen=True)
class SetBaseline:
    """The baseline of a job that counts; without one, `words` says why there is none."""

    words: str
    report: ScanReport | None = None
    at: float = 0.0
    """When it was signed, in seconds since the epoch."""
    digest: str = ""
    """Of the report."""

    def accepted(self, judged: str) -> Accepted:
        """As a gate uses it that judges the report of a digest."""
        found = open_of(self.report.findings) if self.report else {}
        severities = {name: Severity(severity) for name, severity in found.items()}
        there = self.report is not None
        return Accepted(severities, self.words, whole=there and self.digest == judged, clean=there and not severities)


@dataclass(frozen=True)
class SignedBaselines:
    """Only the newest of a job may count: for the default branch of this repository, by a registered identity that may
    accept risks, over a report that this installation has signed for a commit of that branch.
    """

    records: SignedBaselineStore
    store: Store
    identity_of: Callable[[str], Identity | None]
    branches: Branches
    attestor: Attestor | None = None
    """Without one no report is trusted, so that there is no baseline."""

    def of(self, scanned: Scanned, rule: SuppressionRule) -> SetBaseline:
        """`rule`: who may accept risks.

        Raises:
            SluicewayError: the store is away.
        """
        branch = default_branch(scanned.repo)
        if not branch:
            return SetBaseline("the repository has no default branch")
        rows = self.records.of(scanned.pipeline, scanned.repo, branch, scanned.job)
        if not rows:
            return SetBaseline(f"nobody has set a baseline of {branch}")
        what = f"the baseline of {branch} that {rows[0]['person']} set at {rows[0]['commit_id'][:12]}"
        wrong = self.complaint(rows[0], rule)
        report = None if wrong else self._report(rows[0]["report"])
        if report is None:
            return SetBaseline(f"{what} does not count, {wrong or f'{CODE}: its report cannot be read'}")
        return SetBaseline(what, report, rows[0]["made_at"], rows[0]["report"])

    def complaint(self, row: SignedBaselineRecord, rule: SuppressionRule) -> str:
        """Why a record does not count; empty: it does."""
        who = self.identity_of(row["person"])
        if who is None:
            return f"{CODE}: '{row['person']}' is no registered identity"
        if not rule.may(who.groups):
            return f"{CODE}: '{row['person']}' is of no group that may accept risks"
        if not _is_signed(who, row) or row["made_at"] > time.time() + AHEAD_S:
            return f"{CODE}: '{row['person']}' has not signed it"
        bound = {"pipeline": row["pipeline"], "job": row["job"], "commit": row["commit_id"]}
        if self.attestor is None or self.attestor.complaint(attestation.SCAN, row["report"], bound):
            return f"{CODE}: its report is not of a scan of this commit here"
        if not self.branches.has(row["repo"], row["branch"], row["commit_id"]):
            return f"{CODE}: its commit is not on {row['branch']}"
        return ""

    def _report(self, digest: str) -> ScanReport | None:
        try:
            return serial.load(ScanReport, self.store.get(digest))
        except SluicewayError as broken:
            if broken.transient:
                raise
            return None
        except ValueError:
            return None


def signed(one: SignedBaseline, repo: str, key: Ed25519PrivateKey) -> SignedBaselineRecord:
    """The record of a baseline, with its signature. `repo`: the address that runs come from."""
    return SignedBaselineRecord(
        pipeline=one.pipeline,
        repo=repo,
        branch=one.branch,
        job=one.job,
        made_at=one.made_at,
        person=one.person,
        commit_id=one.commit,
        report=one.report,
        findings=one.findings,
        reason=one.reason,
        signature=base64.b64encode(key.sign(baseline_text(one))).decode(),
    )


def _is_signed(who: Identity, row: SignedBaselineRecord) -> bool:
    try:
        text = baseline_text(
            SignedBaseline(
                pipeline=row["pipeline"],
                repository=repository_name(row["repo"]),
                branch=row["branch"],
                job=row["job"],
                commit=row["commit_id"],
                report=row["report"],
                findings=row["findings"],
                reason=row["reason"],
                person=row["person"],
                made_at=row["made_at"],
            )
        )
    except ValueError:
        return False
    return public_keys.is_valid(who.public_key, row["signature"], text)
