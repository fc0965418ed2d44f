"""An accepted risk counts when somebody who may has signed this very entry for this repository; no text does."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from activities.access.identity_store import Identity
from activities.scans.suppressions.suppression_approval import SuppressionApproval, signed_in
from activities.scans.suppressions.suppression_signing import sign
from domain.policy.policy import SuppressionRule
from domain.scans.findings.suppressions import Suppression

HERE = "/srv/git/shop"
KEY = Ed25519PrivateKey.generate()
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
ENTRY = Suppression(
    reason="constants only",
    owner="web",
    approver="lead",
    since=date(2026, 11, 1),
    expires=date(2027, 1, 20),
    rule="B605",
    path="app.py",
    where="x:3",
)
PEOPLE = {"lead": Identity("lead", PUBLIC, ("security",)), "eve": Identity("eve", PUBLIC, ("web",))}
SECURITY = SuppressionRule(groups=frozenset({frozenset({"security"})}))


def approval(file: bytes = b"", rule: SuppressionRule = SECURITY, *before: Suppression) -> SuppressionApproval:
    return SuppressionApproval(rule, PEOPLE.get, HERE, signed_in(file), before)


def file_of(*entries: Suppression, who: str = "lead", repository: str = HERE, vex: bytes = b"") -> bytes:
    return sign(b"", who, KEY, repository, entries, vex)[0]


def test_a_signed_entry_of_somebody_who_may_suppress_counts() -> None:
    assert approval(file_of(ENTRY)).entry(ENTRY) == ""
    assert approval(file_of(ENTRY), SuppressionRule()).entry(replace(ENTRY, where="y:9")) == ""


@pytest.mark.parametrize(
    ("entry", "file", "why"),
    [
        (replace(ENTRY, approver="chief security officer"), file_of(ENTRY), "no registered identity"),
        (replace(ENTRY, approver="eve"), file_of(replace(ENTRY, approver="eve"), who="eve"), "of no group"),
        (ENTRY, b"", "has not signed it"),
        (ENTRY, b"[", "has not signed it"),
        (ENTRY, file_of(ENTRY, repository="/srv/git/other"), "has not signed it"),
        (replace(ENTRY, path="**"), file_of(ENTRY), "has not signed it"),
        (replace(ENTRY, expires=date(2027, 1, 21)), file_of(ENTRY), "has not signed it"),
        (replace(ENTRY, rule="B602"), file_of(ENTRY), "has not signed it"),
    ],
)
def test_an_entry_that_nobody_who_may_has_signed_does_not_count(entry: Suppression, file: bytes, why: str) -> None:
    said = approval(file).entry(entry)
    assert said.startswith("SLW055")
    assert why in said


def test_an_unsigned_entry_counts_only_from_the_commit_before_and_only_by_a_policy() -> None:
    open_ = replace(SECURITY, unsigned=True)
    stood = replace(ENTRY, where="")
    assert approval(b"", open_, stood).entry(ENTRY) == ""
    assert "before the push" in approval(b"", open_).entry(ENTRY)
    assert "has not signed it" in approval(b"", SECURITY, stood).entry(ENTRY)
    assert approval(b"", open_, replace(stood, path="other.py")).entry(ENTRY)


def test_a_vex_document_counts_as_signed_and_no_other_one() -> None:
    document = b'{"statements": []}'
    signed = approval(file_of(vex=document))
    assert signed.statements(document) == ""
    assert "SLW055" in signed.statements(document + b" ")
    assert "SLW055" in approval(file_of(who="eve", vex=document)).statements(document)
    assert hashlib.sha256(document).hexdigest() not in file_of(vex=document).decode()
