"""Evidence of scans and gates: job records, and signed statements about reports."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from activities.jobs.port import JobInput, JobRecords
from activities.jobs.provenance import origin_of
from activities.jobs.result import record_of
from activities.scans.baselines.baselines import Scanned
from activities.supply_chain.attestations import Attestor
from domain.core import ids
from domain.core.documents import Object
from domain.supply_chain import attestation


@dataclass(frozen=True)
class ScanEvidence:
    """Without an attestor nothing is signed, and everything is trusted."""

    records: JobRecords
    attestor: Attestor | None = None

    def record(self, input: JobInput, status: str, result: str, span: tuple[float, float | None]) -> None:
        """`span`: start and end in seconds since the epoch; without an end while it runs."""
        self.records.record_job(record_of(input, status, result, span))

    def complaint(self, input: JobInput, job: str, digest: str) -> str:
        """Why a report is not trusted as this installation's, for this commit; empty: it is."""
        if self.attestor is None:
            return ""
        return self.attestor.complaint(attestation.SCAN, digest, _bound(input, job))

    def attest(self, input: JobInput, kind: str, digest: str, predicate: Object, images: Mapping[str, str]) -> None:
        """Signs for an object of the store, and for its images."""
        if self.attestor is not None:
            said = {**_bound(input, input.job.id), "run": input.run, "made_at": time.time(), **predicate}
            said["origin"] = origin_of(input).manifest()
            self.attestor.attest(kind, {"object": digest, **images}, said)


def scanned_of(input: JobInput, job: str) -> Scanned:
    """The key of a job's baseline."""
    return Scanned(ids.split_run(input.run)[0], input.repo, job)


def _bound(input: JobInput, job: str) -> dict[str, str]:
    """What binds a report: it is invalid for another commit, pipeline or job."""
    return {"pipeline": ids.split_run(input.run)[0], "job": job, "commit": input.source.commit}
