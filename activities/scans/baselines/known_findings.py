"""What a scan job knows of the default branch: which findings are old, since when, whose they are, and the trend."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from activities.jobs.event import event_of, push_of
from activities.jobs.port import JobInput
from activities.scans.baselines.baselines import Baselines, Scanned
from activities.scans.baselines.branch_scans import BranchScans, claims, with_point
from activities.scans.baselines.branches import default_branch
from activities.scans.baselines.signed_baselines import SetBaseline, SignedBaselines
from activities.scans.evidence import scanned_of
from activities.scans.merge import compare_with_baseline
from activities.scans.owners import ReviewedOwners
from domain.policy.policy import PolicyFor, Push, SuppressionRule
from domain.scans.findings.baseline import dated, marked
from domain.scans.findings.model import Finding, ScanReport
from domain.triggers.events import EventKind


@dataclass(frozen=True)
class KnownFindings:
    """Everything that scans and gates know of the default branch."""

    baselines: Baselines
    signed: SignedBaselines
    scans: BranchScans
    owners: ReviewedOwners
    policies: Callable[[Push], PolicyFor] = PolicyFor

    def compared(self, input: JobInput, report: ScanReport, there: set[str]) -> ScanReport:
        """The report with the state of each finding. `there`: the files that exist.

        Raises:
            SluicewayError: the store is away.
        """
        if not input.repo:
            return report
        before, words = self._baseline(input)
        if before is None:
            return replace(report, notes=(*report.notes, f"no baseline: {words}"))
        return compare_with_baseline(report, before.findings, words, there)

    def told(self, input: JobInput, report: ScanReport) -> ScanReport:
        """The report with dates, owners and the trend. The suppressions have been applied.

        Raises:
            SluicewayError: the store is away.
        """
        now, commit = time.time(), input.source.commit
        if not input.repo:
            return replace(report, merged=tuple(dated(report.findings, now, commit)))
        scanned = scanned_of(input, input.job.id)
        row = self.scans.last(scanned)
        before = self.scans.report(row) if row else None
        branch = before.findings if before else ()
        found = marked(dated(report.findings, now, commit, branch), branch)
        merged: tuple[Finding, ...] = tuple(self.owners.of(input.repo).of(found))
        report = replace(report, merged=merged, trend=self.scans.trend(scanned))
        if not self._is_of_branch(input, scanned):
            return report
        return with_point(report, self.scans.next_point(report, before, commit, now))

    def remember(self, input: JobInput, report: ScanReport, digest: str) -> None:
        """Saves a scan of the default branch. `report`: as `told` made it; `digest`: of the stored report."""
        last = report.trend[-1] if report.trend else None
        here = input.source.repo == input.repo and claims(event_of(input), default_branch(input.repo))
        if here and last and last.commit == input.source.commit:  # only a commit of the branch is a point of the trend
            self.scans.remember(scanned_of(input, input.job.id), input.run, digest, report)

    def set_for(self, input: JobInput, job: str) -> SetBaseline:
        """The baseline that a person has set for a scan of this run's pipeline.

        Who may accept risks is asked of a push to the default branch, too: a policy may say nothing of pull requests.

        Raises:
            SluicewayError: the store is away.
        """
        asked = push_of(input)
        branch = Push(
            repository=asked.repository,
            pipeline=asked.pipeline,
            event=EventKind.PUSH,
            branch=default_branch(input.repo),
        )
        return self.signed.of(scanned_of(input, job), self._may_accept(asked).joined(self._may_accept(branch)))

    def _may_accept(self, push: Push) -> SuppressionRule:
        return self.policies(push).suppressions

    def keep(self, input: JobInput, job: str, digest: str) -> bool:
        """Makes a scan that passed its gate the one to compare with, if it is one of the default branch."""
        scanned, event = scanned_of(input, job), event_of(input)
        if input.source.repo != input.repo or not self.scans.is_of_branch(scanned, event, input.source.commit):
            return False
        return self.baselines.keep(scanned, event.kind, event.branch, input.run, input.source.commit, digest)

    def _baseline(self, input: JobInput) -> tuple[ScanReport | None, str]:
        """The last green scan, or what a person has signed since."""
        before, words = self.baselines.of(scanned_of(input, input.job.id))
        signed = self.set_for(input, input.job.id)
        if signed.report and (before is None or signed.at >= self.baselines.made_at(scanned_of(input, input.job.id))):
            return signed.report, signed.words
        return before, words

    def _is_of_branch(self, input: JobInput, scanned: Scanned) -> bool:
        here = input.source.repo == input.repo
        return here and self.scans.is_of_branch(scanned, event_of(input), input.source.commit)
