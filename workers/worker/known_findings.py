"""Wires what is known of default branches: for the worker, and for commands that read the same records."""

from __future__ import annotations

from collections.abc import Callable

from activities.scans.baselines.baselines import Baselines
from activities.scans.baselines.branch_scans import BranchScans
from activities.scans.baselines.branches import Branches
from activities.scans.baselines.known_findings import KnownFindings
from activities.scans.baselines.signed_baselines import SignedBaselines
from activities.scans.owners import ReviewedOwners
from activities.source.mirrors import Mirrors
from activities.storage.port import Store
from activities.supply_chain.attestations import Attestor
from domain.policy.policy import PolicyFor, Push
from workers.core.records import Records
from workers.worker.definition_reader import read_owners


def known_findings(
    records: Records,
    store: Store,
    mirrors: Mirrors,
    key: bytes,
    attestor: Attestor | None,
    policies: Callable[[Push], PolicyFor],
) -> KnownFindings:
    """`key`: the installation's, which rows are signed with."""
    branches = Branches(mirrors)
    signed = SignedBaselines(records.signed_baselines, store, records.identities.get, branches, attestor)
    scans = BranchScans(records.branch_scans, store, key, branches)
    owners = ReviewedOwners(mirrors, read_owners)
    return KnownFindings(Baselines(records.baselines, store, key), signed, scans, owners, policies)
