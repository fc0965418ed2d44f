"""Wires what is known of default branches: for the worker, and for commands that read the same records."""

from __future__ import annotations

from collections.abc import Callable

from activities.access.identity_store import Identity
from activities.access.policies import PolicyStore
from activities.scans.baselines.baselines import Baselines
from activities.scans.baselines.branch_scans import BranchScans
from activities.scans.baselines.branches import Branches
from activities.scans.baselines.known_findings import KnownFindings
from activities.scans.baselines.signed_baselines import SignedBaselines
from activities.scans.owners import ReviewedOwners
from activities.scans.secret_hashing import installation_key
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from activities.supply_chain.attestations import Attestor
from domain.policy.policy import PolicyFor, Push
from workers.client.findings import OpenFindings
from workers.core.records import Records
from workers.core.settings import Settings
from workers.worker.definition_reader import read_owners
from workers.worker.local_wiring import open_attestor, open_objects


def open_findings(settings: Settings, records: Records) -> OpenFindings:
    """What a home knows of default branches."""
    store = open_objects(settings)
    known = known_findings(
        records,
        store,
        Mirrors(settings.mirrors),
        installation_key(settings.scan_key),
        open_attestor(settings),
        PolicyStore(records.definitions).of,
    )
    return OpenFindings(known, records, store)


def known_findings(
    records: Records,
    store: Store,
    mirrors: Mirrors,
    key: bytes,
    attestor: Attestor | None,
    policies: Callable[[Push], PolicyFor],
    people: Callable[[str], Identity | None] | None = None,
) -> KnownFindings:
    """`key`: the installation's, which rows are signed with. `people`: whose signatures count; None: those whom the
    records list, for people to read.
    """
    people = people or records.identities.get
    branches = Branches(mirrors)
    signed = SignedBaselines(records.signed_baselines, store, people, branches, attestor)
    scans = BranchScans(records.branch_scans, store, key, branches)
    owners = ReviewedOwners(mirrors, read_owners)
    return KnownFindings(Baselines(records.baselines, store, key), signed, scans, owners, policies)
