"""The read access to the stores of every feature that evidence needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from activities.access.audit_log import AuditLog
from activities.access.definition_store import DefinitionStore
from activities.clusters.request_store import RequestStore
from activities.jobs.cache_store import CacheStore
from activities.releases.release_reader import ReleaseReader
from activities.scans.baselines.baseline_store import BaselineStore
from activities.scans.baselines.branch_scan_store import BranchScanStore
from activities.scans.baselines.signed_baseline_store import SignedBaselineStore
from activities.supply_chain.attestation_store import AttestationStore
from domain.jobs.record import EndedJob, JobRecord
from domain.runs.record import RunDigests, RunRecord


class RunRecords(Protocol):
    """Runs and their jobs, as reports, bundles and the collector read them."""

    def get(self, id_: str) -> RunRecord | None:
        """None: unknown run."""
        ...

    def jobs(self, run: str) -> list[JobRecord]:
        """All attempts, in the order of their start."""
        ...

    def all(self) -> Iterator[RunDigests]:
        """Streamed: there may be very many."""
        ...

    def ended_jobs(self) -> Iterator[EndedJob]:
        """Every attempt of every job that has ended."""
        ...


class Records(Protocol):
    """All stores that a run's evidence comes from."""

    @property
    def runs(self) -> RunRecords: ...
    @property
    def releases(self) -> ReleaseReader: ...
    @property
    def caches(self) -> CacheStore: ...
    @property
    def baselines(self) -> BaselineStore: ...
    @property
    def branch_scans(self) -> BranchScanStore: ...
    @property
    def signed_baselines(self) -> SignedBaselineStore: ...
    @property
    def attestations(self) -> AttestationStore: ...
    @property
    def audit(self) -> AuditLog: ...
    @property
    def definitions(self) -> DefinitionStore: ...
    @property
    def requests(self) -> RequestStore: ...
