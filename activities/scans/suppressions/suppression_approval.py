"""Which accepted risks count: those that somebody who may has signed, or, where a policy says so, that stood before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from activities.access import public_keys
from activities.access.identity_store import Identity
from domain.policy.policy import SuppressionRule
from domain.scans.findings import suppression_signatures as signatures
from domain.scans.findings.suppression_signatures import Signed
from domain.scans.findings.suppressions import Suppression

CODE = "SLW055"
IdentityOf = Callable[[str], Identity | None]


@dataclass(frozen=True)
class SuppressionApproval:
    """For one scan of one repository."""

    rule: SuppressionRule
    identity_of: IdentityOf
    repository: str
    """As `repository_name` writes it."""
    signed: tuple[Signed, ...]
    """What stands in the file of signatures. Untrusted."""
    before: Collection[Suppression]
    """Entries of the commit before the push, without their places."""

    def entry(self, one: Suppression) -> str:
        """Why an entry does not count; empty: it does."""
        who = self.identity_of(one.approver)
        if who is None:
            return f"{CODE}: its approver '{one.approver}' is no registered identity"
        if not self.rule.may(who.groups):
            return f"{CODE}: its approver '{one.approver}' is of no group that may suppress"
        if self._is_signed(who, signatures.entry_text(one, self.repository)):
            return ""
        if not self.rule.unsigned:
            return f"{CODE}: '{one.approver}' has not signed it for {self.repository}"
        if replace(one, where="") in self.before:
            return ""
        return f"{CODE}: '{one.approver}' has not signed it, and it was not in the commit before the push"

    def statements(self, document: bytes) -> str:
        """Why a VEX document does not count; empty: it does."""
        digest = hashlib.sha256(document).hexdigest()
        for name in sorted({one.approver for one in self.signed}):
            who = self.identity_of(name)
            if who and self.rule.may(who.groups):
                text = signatures.statements_text(digest, name, self.repository)
                if self._is_signed(who, text):
                    return ""
        return f"{CODE}: nobody who may suppress has signed it for {self.repository}"

    def _is_signed(self, who: Identity, text: bytes) -> bool:
        mine = (one for one in self.signed if one.approver == who.name and one.repository == self.repository)
        return any(public_keys.is_valid(who.public_key, one.signature, text) for one in mine)


def signed_in(data: bytes) -> tuple[Signed, ...]:
    """The signatures of a file; none, if it cannot be read."""
    try:
        return tuple(signatures.read(json.loads(data or b"{}")))
    except (ValueError, RecursionError):
        return ()
