"""The records of a home: the store of each feature, on one database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from activities.access.answer_store import AnswerStore
from activities.access.approval_store import ApprovalStore
from activities.access.audit_log import AuditLog
from activities.access.credential_store import CredentialStore
from activities.access.definition_store import DefinitionStore
from activities.access.identity_store import IdentityStore
from activities.access.login_store import LoginStore
from activities.access.person_store import PersonStore
from activities.access.rate_store import RateStore
from activities.access.rights import Rights
from activities.access.session_store import SessionStore
from activities.access.token_store import TokenStore
from activities.clusters.request_store import RequestStore
from activities.inventory.store import InventoryStore
from activities.jobs.cache_store import CacheStore
from activities.pods.exec_store import ExecStore
from activities.releases.release_store import ReleaseStore
from activities.runs.run_store import RunStore
from activities.scans.baselines.baseline_store import BaselineStore
from activities.scans.baselines.branch_scan_store import BranchScanStore
from activities.scans.baselines.signed_baseline_store import SignedBaselineStore
from activities.storage.database import Database
from activities.storage.opening import open_database
from activities.supply_chain.attestation_store import AttestationStore
from workers.core.home import keep_private
from workers.core.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Records:
    """All stores of a home; they share one database, which `close` closes."""

    database: Database
    runs: RunStore
    releases: ReleaseStore
    caches: CacheStore
    baselines: BaselineStore
    branch_scans: BranchScanStore
    signed_baselines: SignedBaselineStore
    attestations: AttestationStore
    identities: IdentityStore
    definitions: DefinitionStore
    approvals: ApprovalStore
    audit: AuditLog
    people: PersonStore
    credentials: CredentialStore
    sessions: SessionStore
    logins: LoginStore
    tokens: TokenStore
    rates: RateStore
    answers: AnswerStore
    rights: Rights
    exec_sessions: ExecStore
    inventory: InventoryStore
    requests: RequestStore

    @classmethod
    def on(cls, database: Database) -> Records:
        """All stores on an open database."""
        return cls(
            database=database,
            runs=RunStore(database),
            releases=ReleaseStore(database),
            caches=CacheStore(database),
            baselines=BaselineStore(database),
            branch_scans=BranchScanStore(database),
            signed_baselines=SignedBaselineStore(database),
            attestations=AttestationStore(database),
            identities=IdentityStore(database),
            definitions=DefinitionStore(database),
            approvals=ApprovalStore(database),
            audit=AuditLog(database),
            people=PersonStore(database),
            credentials=CredentialStore(database),
            sessions=SessionStore(database),
            logins=LoginStore(database),
            tokens=TokenStore(database),
            rates=RateStore(database),
            answers=AnswerStore(database),
            rights=Rights(database),
            exec_sessions=ExecStore(database),
            inventory=InventoryStore(database),
            requests=RequestStore(database),
        )

    @classmethod
    def at(cls, place: Path | str) -> Records:
        """Opens a file or a database URL; migrates records of an older engine first.

        Raises:
            SluicewayError: SLW806, created by a newer engine; SLW807, they cannot be opened.
        """
        return cls.on(open_database(place))

    def close(self) -> None:
        """Closes the database that all stores share."""
        self.database.close()


def open_records(settings: Settings) -> Records:
    """One per process: all threads share its connections. Raises like `Records.at`, and like `keep_private`."""
    keep_private(settings.home)
    return Records.at(settings.records_place)
