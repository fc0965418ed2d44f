"""What this installation has signed about an image: the signer's own signatures, over what is sent along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from activities.supply_chain.attestation_store import AttestationStore
from activities.supply_chain.attestations import opened
from domain.core.documents import Node, Object
from domain.supply_chain import attestation
from domain.supply_chain.image_policy import Attestations


@dataclass(frozen=True)
class SignedStatements:
    """The records say which statement about a digest is the latest; whether it is one, its signature says."""

    records: AttestationStore
    key: bytes
    """PEM of the key that has to have signed it."""

    def of(self, image: str, blob: Callable[[str], str]) -> Attestations:
        """Of an image by its SHA-256. `blob`: an object of the store."""
        predicates: dict[str, Object] = {}
        missing: dict[str, str] = {}
        for kind in attestation.KINDS:
            found = self.records.get(image, kind)
            try:
                statement = opened(blob(found).encode(), [self.key]) if found else {}
            except ValueError as wrong:
                missing[kind] = f"its signature is invalid: {wrong}"
                continue
            why = attestation.complaint(statement, kind, image, {}) if found else "unsigned"
            if why:
                missing[kind] = why
            else:
                predicates[kind] = Node(statement).need_object("predicate")
        return Attestations(predicates, missing)
