"""Signs accepted risks for the person who answers for them; the key never leaves their process."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.scans.suppressions.suppression_approval import signed_in
from domain.scans.findings import suppression_signatures as signatures
from domain.scans.findings.suppression_signatures import Signed
from domain.scans.findings.suppressions import Suppression


def sign(
    known: bytes, who: str, key: Ed25519PrivateKey, repository: str, entries: Iterable[Suppression], vex: bytes
) -> tuple[bytes, int]:
    """The file of signatures with those of `who` made again, and how many they are. Those of others stay.

    `entries`: those that name `who` as approver are signed. `vex`: a VEX document to sign; empty: none.
    `repository`: as `repository_name` writes it.
    """
    texts = [signatures.entry_text(one, repository) for one in entries if one.approver == who]
    if vex:
        texts.append(signatures.statements_text(hashlib.sha256(vex).hexdigest(), who, repository))
    mine = [Signed(who, repository, base64.b64encode(key.sign(text)).decode()) for text in texts]
    others = [one for one in signed_in(known) if (one.approver, one.repository) != (who, repository)]
    rows = [
        {"approver": one.approver, "repository": one.repository, "signature": one.signature} for one in others + mine
    ]
    return (json.dumps({"signatures": rows}, indent=2) + "\n").encode(), len(mine)
